"""Read the objects of the Evotor cloud: strict about what identifies a thing, tolerant of the rest.

An object without a usable id makes its page unreadable, because leaving it out would look like a deletion.
An object without a name is called by its id. Any other field that cannot be read becomes None:
absent, null and "" mean the same.
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal, DecimalException
from functools import lru_cache
from typing import Any, NamedTuple

from app.clients.errors import BadPayload

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
NUMBER_LENGTH = 64

KOPECK, PRICE_END = Decimal("0.01"), Decimal(10) ** 10
GRAM, QUANTITY_END = Decimal("0.001"), Decimal(10) ** 9

# What nobody sees: control characters but tabs and ends of lines, blanks of no width, and the marks that turn
# the words around them about. Joiners stay: some scripts and emoji are made with them.
_UNSEEN = re.compile(
    "[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
)
_JOINERS = re.compile("[\u200c\u200d\xad]")
# Alone they are no text either, nor are blanks.
_UNSEEN_ALONE = "\u200c\u200d\xad \xa0\t\r\n"

YES_OR_NO = {"true": True, "1": True, "false": False, "0": False}


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


def read_store(item: dict[str, Any]) -> Store:
    """Return a Store, or raise BadPayload when it has no usable id."""
    id = read_id(item)
    return Store(
        id,
        read_text(item.get("name"), NAME_LENGTH) or id,
        read_text(item.get("address"), ADDRESS_LENGTH),
        read_text(item.get("user_id"), USER_ID_LENGTH),
    )


def read_group(item: dict[str, Any]) -> Group:
    """Return a Group, or raise BadPayload when it has no usable id."""
    id = read_id(item)
    return Group(id, read_text(item.get("name"), NAME_LENGTH) or id, _parent(item.get("parent_id")))


def read_product(item: dict[str, Any]) -> Product:
    """Return a Product, or raise BadPayload when it has no usable id."""
    get = item.get
    id = read_id(item)
    sold = get("allow_to_sell")
    return Product(
        id,
        read_text(get("name"), NAME_LENGTH) or id,
        _parent(get("parent_id")),
        _decimal(get("price"), KOPECK, PRICE_END),
        _decimal(get("quantity"), GRAM, QUANTITY_END),
        read_text(get("measure_name"), MEASURE_LENGTH),
        read_text(get("article_number"), ARTICLE_LENGTH),
        read_text(get("code"), CODE_LENGTH),
        read_text(get("description"), DESCRIPTION_LENGTH),
        _barcodes(get("barcodes")),
        _type(get("type")),
        sold if sold is True or sold is False else _yes_or_no(sold),
    )


def read_id(item: dict[str, Any]) -> str:
    """Return the id of an object, or raise BadPayload when it has no usable one."""
    id = item.get("id")
    if id.__class__ is not str or not id or len(id) > ID_LENGTH or id.isspace():
        raise BadPayload("an object has no usable id")
    return id


def _parent(value: Any) -> str | None:
    # A cut id would name another group: one that is too long names none.
    is_usable = value.__class__ is str and value and len(value) <= ID_LENGTH and not value.isspace()
    return value if is_usable else None


def read_text(value: Any, length: int) -> str | None:
    """Return a text cut to a length, without what cannot be seen; None when there is none."""
    if not value or value.__class__ is not str or value.isspace():
        return None
    # Nearly every text is printable, which is found out at once.
    if not value.isprintable():
        value = _UNSEEN.sub("", value)
        if not value.strip(_UNSEEN_ALONE):
            return None
    return value[:length]


def _type(value: Any) -> str | None:
    return _known_type(value[: 4 * TYPE_LENGTH]) if value.__class__ is str else None


# A shop has few.
@lru_cache(maxsize=256)
def _known_type(value: str) -> str | None:
    """Return what kind of good it is, in capitals and without what stands around; None when that is nothing.

    What VK forbids is known by how it begins.
    """
    seen = _JOINERS.sub("", _UNSEEN.sub("", value))
    return seen.strip().upper()[:TYPE_LENGTH] or None


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
    return tuple([text for one in value[:BARCODES_KEPT] if (text := read_text(one, BARCODE_LENGTH))])


def _yes_or_no(value: Any) -> bool | None:
    return YES_OR_NO.get(value.strip().lower()) if value.__class__ is str else None
