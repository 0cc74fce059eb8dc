"""Read single fields of VK's JSON: strict about ids, tolerant of the rest, where None is "VK did not say"."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal, DecimalException
from typing import Any

from app.clients.errors import BadPayload
from app.entities import unescaped

NAME_LENGTH = 255
ADDRESS_LENGTH = 2000
AMOUNT_LENGTH, AMOUNT_END = 20, Decimal(10) ** 14
NUMBER_END = 2**63
# VK's schema gives 64 bits to people and communities alone. A false number that is larger would be kept, fit
# no column of the database, and be refused with all that is asked for beside it.
ID_END = COUNT_END = 2**31
IDS_KEPT = 1000
HUNDREDTH = Decimal("0.01")
# Nothing here takes it apart: `urlsplit` would normalise the host.
_WEB_ADDRESS = re.compile(r"https?://[^/?#\[\]]{1,255}(?:[/?#].*)?", re.IGNORECASE)
# NUL and halves of surrogate pairs fit neither a request nor a database.
UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def read_object(item: Any) -> dict[str, Any]:
    """Return an object, or raise BadPayload."""
    if not isinstance(item, dict):
        raise BadPayload("something that is not an object stands where one is expected")
    return item


def read_items(value: Any) -> list[Any]:
    """Return a list, or raise BadPayload."""
    if not isinstance(value, list):
        raise BadPayload("the answer has no list of items")
    return value


def read_id(value: Any) -> int:
    """Return the id of a thing in a shop, below ID_END, also of a text; or raise BadPayload."""
    number = optional_id(value)
    if number is None:
        raise BadPayload("an id is no number that a thing can have")
    return number


def read_owner_id(value: Any) -> int:
    """Return the id of a person or a community, which may take 64 bits, as above."""
    number = whole_number(value)
    if number is None or number <= 0:
        raise BadPayload("an id is not a positive number")
    return number


def optional_id(value: Any) -> int | None:
    """Return the id of a thing in a shop, None when there is no usable one."""
    number = whole_number(value)
    return number if number is not None and 0 < number < ID_END else None


def ids(value: Any, id_of: Callable[[Any], Any]) -> tuple[int, ...] | None:
    """Return the ids of a list, each once, None when there is no list; or raise BadPayload."""
    if not isinstance(value, list):
        return None
    return tuple(dict.fromkeys(read_id(id_of(each)) for each in value[:IDS_KEPT]))


def whole_number(value: Any) -> int | None:
    """Return a number that fits into 64 bits, also of a text."""
    if isinstance(value, str) and len(value) <= AMOUNT_LENGTH and re.fullmatch("-?[0-9]+", value):
        value = int(value)
    return value if type(value) is int and abs(value) < NUMBER_END else None


def plain_text(value: Any, length: int = NAME_LENGTH) -> str | None:
    """Return a text without outer blanks and what nobody can store, None when nothing is left of it."""
    return UNSTORABLE.sub("", value).strip()[:length] or None if isinstance(value, str) else None


def unescaped_text(value: Any, length: int) -> str | None:
    """Return a text that VK may have escaped for HTML, as above."""
    # An escape is up to eight times as long as what it stands for.
    return plain_text(unescaped(value[: 8 * length]), length) if isinstance(value, str) else None


def roubles(value: Any) -> Decimal | None:
    """Return hundredths, written as a text or as a number, in roubles."""
    written = str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else ""
    try:
        amount = Decimal(written) if 0 < len(written) <= AMOUNT_LENGTH else None
        return (amount / 100).quantize(HUNDREDTH) if amount is not None and 0 <= amount < AMOUNT_END else None
    except DecimalException:
        return None


def web_address(value: Any) -> str | None:
    """Keep only what a link may lead to."""
    if not isinstance(value, str) or len(value) > ADDRESS_LENGTH or not value.isprintable():
        return None
    return value if _WEB_ADDRESS.fullmatch(value) else None
