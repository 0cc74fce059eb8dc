"""Read the pages of the Evotor cloud: bounded in what they cost, their objects read by `payload`.

A page of products is only taken apart, because most of them are as they were the last time.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import Annotated, Any, NamedTuple, TypeVar

import msgspec

from app.clients.errors import BadPayload, Violation
from app.clients.evotor.payload import (
    CODE_LENGTH,
    ID_LENGTH,
    NAME_LENGTH,
    Product,
    read_id,
    read_product,
    read_text,
)
from app.clients.evotor.taking_apart import (
    AS_ONE_LIMIT,
    CURSOR_LENGTH,
    PAGE_VALUES,
    is_unstorable,
    mended,
    one_of_page,
    refuse_too_many_items,
    take_apart,
)
from app.clients.json_bounds import refuse_too_many_values

VIOLATIONS_KEPT = 100
BIG_BODY = 512 * 1024
UNSTORABLE = re.compile("[\0\ud800-\udfff]")


class SentProduct(NamedTuple):
    """A product as the cloud sent it: `body` is its JSON, of which no more than the id has been read."""

    id: str
    body: bytes


T = TypeVar("T")


def read_page(body: bytes, read_item: Callable[[dict[str, Any]], T]) -> tuple[list[T], str | None]:
    """Return the objects of one page and the cursor of the next, None on the last; or raise BadPayload."""
    page = mended(body)
    with _turn_of(body):
        parts = take_apart(page) if len(body) > AS_ONE_LIMIT else None
        if parts is None:
            items, cursor = _load_page(body)
            return [read_item(item) for item in items], cursor
        return [read_one(one_of_page(item), read_item) for item in parts[0]], parts[1]


class _Head(msgspec.Struct):
    id: Annotated[str, msgspec.Meta(min_length=1, max_length=ID_LENGTH)]


_head_of = msgspec.json.Decoder(_Head).decode


def split_page(body: bytes) -> tuple[list[SentProduct], str | None]:
    """Return the products of one page unread, and the cursor of the next; or raise BadPayload.

    What is wrong inside a product, its id apart, comes to light in `read_sent` only.
    """
    page = mended(body)
    parts = take_apart(page)
    if parts is None:
        with _turn_of(body):
            items, cursor = _load_page(body)
            return [_written(item) for item in items], cursor
    is_storable = not is_unstorable(page)
    return [_sent(one_of_page(item), is_storable) for item in parts[0]], parts[1]


def read_sent(products: Iterable[SentProduct]) -> list[Product]:
    """Return what was sent, in the same order; or raise BadPayload. All of it becomes objects at once."""
    # One big text is read in half the time that many small ones take.
    body = b'{"items":[' + b",".join([product.body for product in products]) + b"]}"
    return read_page(body, read_product)[0]


def _sent(body: bytes, is_storable: bool) -> SentProduct:
    # A text that cannot be stored has to lose letters.
    if is_storable or not is_unstorable(body):
        with suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            id = _head_of(body).id
            if not id.isspace():
                return SentProduct(id, body)
    # Odd or broken: reading it all tells which.
    return read_one(body, _written)


def _written(item: dict[str, Any]) -> SentProduct:
    # Half a pair of surrogates is left only where nobody looks.
    body = json.dumps(item, ensure_ascii=False).encode(errors="backslashreplace")
    return SentProduct(read_id(item), body)


def _load_page(body: bytes) -> tuple[list[dict[str, Any]], str | None]:
    """Return the objects of one page, their texts fit to be stored, and the cursor of the next."""
    page, clean = _load(body)
    items = page.get("items")
    paging = page.get("paging")
    if not items and isinstance(paging, dict):
        items = []
    if not isinstance(items, list):
        raise BadPayload("the page has no list of items")
    if paging and not isinstance(paging, dict):
        raise BadPayload("the paging is not an object")
    refuse_too_many_items(items)
    cursor = (paging or {}).get("next_cursor")
    if cursor and (not isinstance(cursor, str) or len(cursor) > CURSOR_LENGTH):
        raise BadPayload("the next cursor is not a text of a usable length")
    for number, item in enumerate(items):
        if item.__class__ is not dict:
            raise BadPayload("an item of the page is not an object")
        if not clean:
            items[number] = _storable(item)
    return items, cursor or None


def read_one(body: bytes, read_item: Callable[[dict[str, Any]], T]) -> T:
    """Return the one object of the body, or raise BadPayload."""
    item, clean = _load(body)
    return read_item(item if clean else _storable(item))


def read_violations(body: bytes) -> tuple[str, tuple[Violation, ...]]:
    """Return the error code ("" when there is none) and the violations of a 400 or 422; never raise."""
    try:
        error, _ = _load(body)
    except BadPayload:
        return "", ()
    listed = error.get("violations")
    found = [_storable(item) for item in listed if isinstance(item, dict)] if isinstance(listed, list) else []
    told = [[read_text(item.get(name), NAME_LENGTH) or "" for name in Violation._fields] for item in found]
    violations = tuple(Violation(*each) for each in told[:VIOLATIONS_KEPT])
    return read_text(_storable(error).get("code"), CODE_LENGTH) or "", violations


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key is given twice")
    return found


# Numbers stay the text they were: exact, no digit limit of int(), and only those we use cost a Decimal.
# NaN and Infinity, which JSON does not know, become null.
_decode = json.JSONDecoder(
    object_pairs_hook=_once, parse_float=str, parse_int=str, parse_constant=lambda _: None, strict=False
).decode


# Several stores are read at once, and a big body takes many times its length while it is decoded.
_one_big_body = threading.RLock()


def _turn_of(body: bytes) -> AbstractContextManager[object]:
    return _one_big_body if len(body) > BIG_BODY else nullcontext()


def _load(body: bytes) -> tuple[dict[str, Any], bool]:
    """Return the top-level object, and whether all its texts can be stored as they are."""
    refuse_too_many_values(body, PAGE_VALUES)
    if len(body) > AS_ONE_LIMIT:
        raise BadPayload(f"the body is over {AS_ONE_LIMIT} bytes and cannot be taken apart")
    try:
        with _turn_of(body):
            value = _decode(body.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        # The message of the error would quote the body; its kind is enough for the log.
        raise BadPayload(f"the body is not the expected JSON ({type(error).__name__})") from None
    if not isinstance(value, dict):
        raise BadPayload("the body is not a JSON object")
    return value, not is_unstorable(body)


def _storable(item: dict[str, Any]) -> dict[str, Any]:
    """Return a copy whose texts, and texts in lists, have lost the characters nobody can store."""

    def strip(value: Any) -> Any:
        if isinstance(value, list):
            return [strip(one) for one in value if isinstance(one, str)]
        return UNSTORABLE.sub("", value) if isinstance(value, str) else value

    return {key: strip(value) for key, value in item.items()}
