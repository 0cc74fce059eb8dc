"""Pages of a list: the opaque cursor and the envelope around the items."""

import base64
import binascii
import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple


class BadCursor(ValueError):
    """A cursor that this list never gave out."""


class Cursor(NamedTuple):
    """Where a page starts; `place` names the list it belongs to, `number` counts pages from 1."""

    place: str
    start: int
    limit: int
    since: int | None = None
    number: int = 1

    def encode(self) -> str:
        """Return the opaque form."""
        plain = json.dumps(self, separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(zlib.crc32(plain).to_bytes(4, "big") + plain).decode()

    @classmethod
    def decode(cls, written: str, place: str) -> "Cursor":
        """Read the opaque form; BadCursor when it is damaged or belongs to another list."""
        try:
            raw = base64.b64decode(written, altchars=b"-_", validate=True)
        except (binascii.Error, ValueError) as error:
            raise BadCursor(written) from error
        if len(raw) < 5 or zlib.crc32(raw[4:]).to_bytes(4, "big") != raw[:4]:
            raise BadCursor(written)
        cursor = cls(*json.loads(raw[4:]))
        if cursor.place != place:
            raise BadCursor(written)
        return cursor


@dataclass(frozen=True)
class Answer:
    """A good answer before it is sent, so that a fault can spoil it.

    `items` is JSON objects joined by commas, or one object when `cursor` is None; `paging` None is left out;
    `asked_cursor` is what the client sent; `of_next_store` gives all items of the same list of another store.
    """

    items: bytes
    content_type: str
    paging: dict[str, Any] | None = None
    cursor: Cursor | None = None
    asked_cursor: str | None = None
    of_next_store: Callable[[], bytes] = bytes

    def body(self) -> bytes:
        """Return the whole body."""
        if self.cursor is None:
            return self.items
        return envelope(self.items, self.paging)


def envelope(items: bytes, paging: dict[str, Any] | None) -> bytes:
    """Wrap items in the cloud's envelope."""
    tail = b"" if paging is None else b',"paging":' + json.dumps(paging).encode()
    return b'{"items":[' + items + b"]" + tail + b"}"


LIST_ENDS: dict[str, dict[str, Any] | None] = {
    "empty_paging": {},
    "null_cursor": {"next_cursor": None},
    "empty_cursor": {"next_cursor": ""},
    "no_paging": None,
}
