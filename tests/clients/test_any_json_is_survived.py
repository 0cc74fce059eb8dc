"""Whatever JSON stands in whatever field, reading it ends in storable values or in BadPayload."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.clients.errors import BadPayload
from app.clients.evotor_payload import (
    read_group,
    read_page,
    read_product,
    read_store,
    read_violations,
)

settings.register_profile("clients", deadline=None, max_examples=100)
quick = settings(settings.get_profile("clients"))

# Text of any code points, halves of surrogate pairs too: JSON can spell them.
texts = st.text(st.one_of(st.characters(), st.characters(categories=["Cs"]), st.just("\0")), max_size=30)
numbers = st.one_of(st.integers(), st.floats(), st.integers(10**20, 10**40), st.decimals().map(str))
values = st.recursive(
    st.one_of(st.none(), st.booleans(), numbers, texts, st.just("x" * 300)),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(texts, inner, max_size=4)),
    max_leaves=8,
)
FIELDS = (
    *("id", "name", "address", "parent_id", "price", "quantity", "measure_name", "article_number"),
    *("code", "description", "barcodes", "type", "allow_to_sell", "store_id", "attributes"),
)
items = st.dictionaries(st.sampled_from(FIELDS), values)
readers = st.sampled_from([read_store, read_group, read_product])


def check(thing: Any) -> None:
    """Fail unless a database could hold it."""
    assert thing.id and thing.name
    for value in thing:
        for text in value if isinstance(value, tuple) else [value]:
            if isinstance(text, str):
                assert text and "\0" not in text
                text.encode()
            elif isinstance(text, Decimal):
                assert text.is_finite() and abs(text) < 10**10


@quick
@given(items, readers, st.booleans(), st.booleans())
@example({"id": "1", "price": float("nan"), "quantity": float("-inf")}, read_product, False, True)
def test_any_item(item: dict[str, Any], read: Any, ascii_only: bool, with_id: bool) -> None:
    if with_id:
        item = {**item, "id": "p1"}
    body = json.dumps({"items": [item]}, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    try:
        (thing,), cursor = read_page(body, read)
    except BadPayload:
        return
    assert cursor is None
    check(thing)


@quick
@given(values, values, readers)
def test_any_envelope(listed: Any, paging: Any, read: Any) -> None:
    for page in (
        listed,
        {"items": listed, "paging": paging},
        {"items": [], "paging": {"next_cursor": paging}},
    ):
        try:
            things, cursor = read_page(json.dumps(page).encode(), read)
        except BadPayload:
            continue
        assert cursor is None or cursor
        for thing in things:
            check(thing)


@quick
@given(st.binary(max_size=200))
def test_any_bytes(body: bytes) -> None:
    try:
        read_page(body, read_product)
    except BadPayload as error:
        assert error.detail
    assert read_violations(body) is not None


@quick
@given(values)
def test_any_error_body(value: Any) -> None:
    for body in (value, {"code": value, "violations": value}, {"violations": [value, {"reason": value}]}):
        code, violations = read_violations(json.dumps(body).encode())
        assert isinstance(code, str)
        assert all(isinstance(text, str) for violation in violations for text in violation)
