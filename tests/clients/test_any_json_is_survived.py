"""Whatever JSON stands in whatever field, reading it ends in storable values or in BadPayload."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.clients.errors import BadPayload
from app.clients.evotor.page_payload import read_page, read_sent, read_violations, split_page
from app.clients.evotor.payload import read_group, read_product, read_store

quick = settings(max_examples=100)

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


def outcome(read: Callable[[], Any]) -> Any:
    """What reading gives, None when it is refused."""
    try:
        return read()
    except BadPayload:
        return None


def read_split(body: bytes) -> Any:
    sent, cursor = split_page(body)
    products = read_sent(sent)
    assert [product.id for product in products] == [product.id for product in sent]
    return products, cursor


envelopes = st.one_of(
    st.fixed_dictionaries({"items": st.lists(items, max_size=3)}, optional={"paging": values}),
    st.builds(
        lambda listed, cursor: {"items": listed, "paging": {"next_cursor": cursor}},
        st.lists(st.builds(lambda item, id: {**item, "id": id}, items, texts), max_size=3),
        st.one_of(st.none(), texts, numbers),
    ),
)


@quick
@given(envelopes, st.booleans(), st.sampled_from([None, (", ", " : "), (",", ":")]))
@example({"items": [{"id": "1", "items": "paging", "name": '"items"'}], "paging": {}}, False, None)
@example({"items": [{"id": "1", "price": float("nan")}, {"id": "2"}]}, False, None)
def test_products_split_first_and_read_later_are_the_same(
    page: Any, ascii_only: bool, separators: Any
) -> None:
    body = json.dumps(page, ensure_ascii=ascii_only, separators=separators).encode("utf-8", "surrogatepass")
    assert outcome(lambda: read_split(body)) == outcome(lambda: read_page(body, read_product))


PAGE = (
    '{"items":[{"id":"p1","name":"Чай","price":1.50},{"id":"p2","barcodes":["1"]}],'
    '"paging":{"next_cursor":"n"}}'
).encode()
damages = [bytes([byte]) for byte in PAGE] + [b"", b"\\", b"\xff", b'"id":"p1",', b'"items":[],']


@quick
@given(st.integers(0, len(PAGE)), st.integers(0, 8), st.sampled_from(damages))
def test_a_damaged_page_is_refused_split_or_whole(start: int, length: int, put: bytes) -> None:
    body = PAGE[:start] + put + PAGE[start + length :]
    assert outcome(lambda: read_split(body)) == outcome(lambda: read_page(body, read_product))


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
