"""Take a page of the Evotor cloud apart into its objects, unread, within bounds on what they may cost."""

from __future__ import annotations

import codecs
import re
from collections.abc import Sized
from typing import Annotated

import msgspec

from app.clients.errors import BadPayload
from app.clients.json_bounds import refuse_too_many_values

CURSOR_LENGTH = 4096
PAGE_VALUES = 250_000
ITEMS_ON_PAGE = 10_000
# As objects a text takes up to a dozen times its bytes: a longer page is read object by object, none of which
# is longer than the other.
AS_ONE_LIMIT = 2 * 1024 * 1024
ITEM_LIMIT = 1024 * 1024
_CHUNK = 64 * 1024

# NUL and halves of surrogate pairs fit neither UTF-8 nor a database. JSON spells them so, or a NUL as it is.
ESCAPED_UNSTORABLE = (b"\\u0000", b"\\ud", b"\\uD")

# Half a pair as JSON spells it: a first one with no second behind it, a second one with no first before it.
_FIRST, _SECOND = (rb"\\u[dD]%b[0-9a-fA-F]{2}" % digit for digit in (b"[89abAB]", b"[c-fC-F]"))
_HALF = re.compile(rb"%b(?!%b)|(?<!%b)%b" % (_FIRST, _SECOND, _FIRST, _SECOND))

_PAGE_KEYS = (b'"items"', b'"paging"', b'"next_cursor"')


class _Paging(msgspec.Struct):
    next_cursor: Annotated[str, msgspec.Meta(max_length=CURSOR_LENGTH)] | None = None


class _Page(msgspec.Struct):
    items: list[msgspec.Raw]
    paging: _Paging | None = None


_split = msgspec.json.Decoder(_Page).decode


def mended(body: bytes) -> bytes | bytearray:
    """Return a page that is too long for `json` without halves of pairs, which only msgspec refuses.

    A NUL stands for each: neither can be stored.
    """
    if len(body) <= AS_ONE_LIMIT or not is_unstorable(body):
        return body
    page = bytearray(body)
    # Without pairs of them, each backslash begins an escape.
    for half in _HALF.finditer(body.replace(rb"\\", b"--")):
        page[half.start() : half.end()] = b"\\u0000"
    return page


def take_apart(body: bytes | bytearray) -> tuple[list[msgspec.Raw], str | None] | None:
    """Return the objects of one page unread and the next cursor; None when only reading it all tells."""
    refuse_too_many_values(body, PAGE_VALUES)
    # Of a key given twice only the last would be seen.
    if any(body.count(key) > 1 for key in _PAGE_KEYS):
        return None
    try:
        # What msgspec skips it does not check, and a key that is no text might have been the cursor's.
        _refuse_what_is_no_text(body)
        page = _split(body.removeprefix(codecs.BOM_UTF8))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    refuse_too_many_items(page.items)
    return page.items, (page.paging and page.paging.next_cursor) or None


def _refuse_what_is_no_text(body: bytes | bytearray) -> None:
    """Raise UnicodeDecodeError; in pieces, because as a text a body may take four times its length."""
    decode = codecs.getincrementaldecoder("utf-8")().decode
    for start in range(0, len(body), _CHUNK):
        decode(body[start : start + _CHUNK], start + _CHUNK >= len(body))


def one_of_page(item: msgspec.Raw) -> bytes:
    """Return the JSON of one object of a page, not the whole page with it; or raise BadPayload."""
    body = bytes(item)
    if len(body) > ITEM_LIMIT:
        raise BadPayload(f"an item of the page is over {ITEM_LIMIT} bytes")
    return body


def refuse_too_many_items(items: Sized) -> None:
    """Raise BadPayload for more than ever come on a page."""
    if len(items) > ITEMS_ON_PAGE:
        raise BadPayload(f"the page holds more than {ITEMS_ON_PAGE} items")


def is_unstorable(body: bytes | bytearray) -> bool:
    """Tell whether a text in the JSON may hold what cannot be stored."""
    # One byte is found many times faster than three: most pages hold no backslash at all.
    escaped = b"\\" in body and any(spelling in body for spelling in ESCAPED_UNSTORABLE)
    return escaped or b"\0" in body
