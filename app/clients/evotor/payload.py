"""Read the JSON of the Evotor cloud: strict about what identifies a thing, tolerant of the rest.

An object without a usable id makes its page unreadable, because leaving it out would look like a deletion.
An object without a name is called by its id. Any other field that cannot be read becomes None:
absent, null and "" mean the same.

A page of products is only taken apart, because most of them are as they were the last time.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from decimal import ROUND_HALF_UP, Decimal, DecimalException
from typing import Annotated, Any, NamedTuple, TypeVar

import msgspec

from app.clients.errors import BadPayload, Violation

ID_LENGTH = 255
NAME_LENGTH = 255
ADDRESS_LENGTH = 500
USER_ID_LENGTH = 64
MEASURE_LENGTH = 20
ARTICLE_LENGTH = 100
CODE_LENGTH = 100
TYPE_LENGTH = 50
DESCRIPTION_LENGTH = 10_000
BARCODE_LENGTH = 100
BARCODES_KEPT = 100
VIOLATIONS_KEPT = 100
NUMBER_LENGTH = 64
CURSOR_LENGTH = 4096

KOPECK, PRICE_END = Decimal("0.01"), Decimal(10) ** 10
GRAM, QUANTITY_END = Decimal("0.001"), Decimal(10) ** 9

YES_OR_NO = {"true": True, "1": True, "false": False, "0": False}

# NUL and halves of surrogate pairs fit neither UTF-8 nor a database. JSON spells them so, or a NUL as it is.
ESCAPED_UNSTORABLE = (b"\\u0000", b"\\ud", b"\\uD")
UNSTORABLE = re.compile("[\0\ud800-\udfff]")

_PAGE_KEYS = (b'"items"', b'"paging"', b'"next_cursor"')


class Store(NamedTuple):
    """A shop of the merchant; `user_id` is the merchant as Evotor's deliveries name it."""

    id: str
    name: str
    address: str | None
    user_id: str | None = None


class Group(NamedTuple):
    """A group of products; `parent_id` may name nothing, or lead in a circle."""

    id: str
    name: str
    parent_id: str | None


class Product(NamedTuple):
    """A product of one store: `price` in roubles with 2 decimals, `quantity` with 3 (may be negative)."""

    id: str
    name: str
    parent_id: str | None
    price: Decimal | None
    quantity: Decimal | None
    measure_name: str | None
    article_number: str | None
    code: str | None
    description: str | None
    barcodes: tuple[str, ...]
    type: str | None
    allow_to_sell: bool | None


class SentProduct(NamedTuple):
    """A product as the cloud sent it: `body` is its JSON, of which no more than the id has been read."""

    id: str
    body: bytes


T = TypeVar("T")


def read_page(body: bytes, read_item: Callable[[dict[str, Any]], T]) -> tuple[list[T], str | None]:
    """Return the objects of one page and the cursor of the next, None on the last; or raise BadPayload."""
    items, cursor = _load_page(body)
    return [read_item(item) for item in items], cursor


class _Paging(msgspec.Struct):
    next_cursor: Annotated[str, msgspec.Meta(max_length=CURSOR_LENGTH)] | None = None


class _Page(msgspec.Struct):
    items: list[msgspec.Raw]
    paging: _Paging | None = None


class _Head(msgspec.Struct):
    id: Annotated[str, msgspec.Meta(min_length=1, max_length=ID_LENGTH)]


_split = msgspec.json.Decoder(_Page).decode
_head_of = msgspec.json.Decoder(_Head).decode


def split_page(body: bytes) -> tuple[list[SentProduct], str | None]:
    """Return the products of one page unread, and the cursor of the next; or raise BadPayload.

    What is wrong inside a product, its id apart, comes to light in `read_sent` only.
    """
    # Of a key given twice only the last would be seen, and a text that cannot be stored has to lose letters.
    if not _is_unstorable(body) and all(body.count(key) < 2 for key in _PAGE_KEYS):
        try:
            # What msgspec skips it does not check, and a key that is no text might have been the cursor's.
            body.decode()
            page = _split(body)
            products = [SentProduct(_head_of(item).id, bytes(item)) for item in page.items]
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            # Odd or broken: reading it all tells which.
            pass
        else:
            if not any(product.id.isspace() for product in products):
                return products, (page.paging and page.paging.next_cursor) or None
    items, cursor = _load_page(body)
    return [SentProduct(_id(item), json.dumps(item).encode()) for item in items], cursor


def read_sent(products: Iterable[SentProduct]) -> list[Product]:
    """Return what was sent, in the same order; or raise BadPayload."""
    # One big text is read in half the time that many small ones take.
    body = b'{"items":[' + b",".join([product.body for product in products]) + b"]}"
    return read_page(body, read_product)[0]


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
    violations = [
        Violation(_text(item.get("subject"), NAME_LENGTH) or "", _text(item.get("reason"), NAME_LENGTH) or "")
        for item in found[:VIOLATIONS_KEPT]
    ]
    return _text(_storable(error).get("code"), CODE_LENGTH) or "", tuple(violations)


def read_store(item: dict[str, Any]) -> Store:
    """Return a Store, or raise BadPayload when it has no usable id."""
    id = _id(item)
    return Store(
        id,
        _text(item.get("name"), NAME_LENGTH) or id,
        _text(item.get("address"), ADDRESS_LENGTH),
        _text(item.get("user_id"), USER_ID_LENGTH),
    )


def read_group(item: dict[str, Any]) -> Group:
    """Return a Group, or raise BadPayload when it has no usable id."""
    id = _id(item)
    return Group(id, _text(item.get("name"), NAME_LENGTH) or id, _parent(item.get("parent_id")))


def read_product(item: dict[str, Any]) -> Product:
    """Return a Product, or raise BadPayload when it has no usable id."""
    get = item.get
    id = _id(item)
    sold = get("allow_to_sell")
    return Product(
        id,
        _text(get("name"), NAME_LENGTH) or id,
        _parent(get("parent_id")),
        _decimal(get("price"), KOPECK, PRICE_END),
        _decimal(get("quantity"), GRAM, QUANTITY_END),
        _text(get("measure_name"), MEASURE_LENGTH),
        _text(get("article_number"), ARTICLE_LENGTH),
        _text(get("code"), CODE_LENGTH),
        _text(get("description"), DESCRIPTION_LENGTH),
        _barcodes(get("barcodes")),
        _text(get("type"), TYPE_LENGTH),
        sold if sold is True or sold is False else _yes_or_no(sold),
    )


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


def _load(body: bytes) -> tuple[dict[str, Any], bool]:
    """Return the top-level object, and whether all its texts can be stored as they are."""
    try:
        value = _decode(body.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        # The message of the error would quote the body; its kind is enough for the log.
        raise BadPayload(f"the body is not the expected JSON ({type(error).__name__})") from None
    if not isinstance(value, dict):
        raise BadPayload("the body is not a JSON object")
    return value, not _is_unstorable(body)


def _is_unstorable(body: bytes) -> bool:
    # One byte is found many times faster than three: most pages hold no backslash at all.
    escaped = b"\\" in body and any(spelling in body for spelling in ESCAPED_UNSTORABLE)
    return escaped or b"\0" in body


def _storable(item: dict[str, Any]) -> dict[str, Any]:
    """Return a copy whose texts, and texts in lists, have lost the characters nobody can store."""

    def strip(value: Any) -> Any:
        if isinstance(value, list):
            return [strip(one) for one in value if isinstance(one, str)]
        return UNSTORABLE.sub("", value) if isinstance(value, str) else value

    return {key: strip(value) for key, value in item.items()}


def _id(item: dict[str, Any]) -> str:
    id = item.get("id")
    if id.__class__ is not str or not id or len(id) > ID_LENGTH or id.isspace():
        raise BadPayload("an object has no usable id")
    return id


def _parent(value: Any) -> str | None:
    # A cut id would name another group: one that is too long names none.
    return _text(value, ID_LENGTH) if value.__class__ is str and len(value) <= ID_LENGTH else None


def _text(value: Any, length: int) -> str | None:
    if not value or value.__class__ is not str or value.isspace():
        return None
    return value[:length]


def _decimal(value: Any, step: Decimal, end: Decimal) -> Decimal | None:
    """Return the number rounded half up to `step`, None when it is not below `end` without its sign."""
    if value.__class__ is not str or len(value) > NUMBER_LENGTH:
        return None
    try:
        number = Decimal(value).quantize(step, ROUND_HALF_UP)
        if abs(number) < end:
            # Stock of -0.0001 rounds to a zero that still shows a minus.
            return number or abs(number)
    except DecimalException:
        pass
    return None


def _barcodes(value: Any) -> tuple[str, ...]:
    if not value:
        return ()
    if value.__class__ is not list:
        value = [value]
    return tuple([text for one in value[:BARCODES_KEPT] if (text := _text(one, BARCODE_LENGTH))])


def _yes_or_no(value: Any) -> bool | None:
    return YES_OR_NO.get(value.strip().lower()) if value.__class__ is str else None
