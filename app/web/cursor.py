"""The only place that knows what a page's cursor looks like.

A cursor stands for "the rows after (or before) the one with this sort value and id". It carries the number of
that row too, so that a page can say «51–100» without counting the rows before it.
"""

import base64
import binascii
import json
from typing import NamedTuple

from app.data.types import fits_text
from app.web.keys import LARGEST_KEY

_LONGEST_VALUE = 1000


class BadCursor(ValueError):
    """The cursor in the address was not made here."""


class Cursor(NamedTuple):
    """`value` is the row's sort value as text, `id` its key, `position` its number in the list, from 1."""

    value: str
    id: int
    position: int

    def encode(self) -> str:
        packed = json.dumps(self, ensure_ascii=False, separators=(",", ":"))
        return base64.urlsafe_b64encode(packed.encode()).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str) -> "Cursor":
        """Read a cursor; raise BadCursor for anything that `encode` cannot have made."""
        try:
            packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
            value, row_id, position = json.loads(packed)
        except (binascii.Error, ValueError, TypeError, RecursionError) as error:
            raise BadCursor(text) from error
        is_text = isinstance(value, str) and (value == "" or fits_text(value, _LONGEST_VALUE))
        if not (is_text and _is_row_number(row_id) and _is_row_number(position)):
            raise BadCursor(text)
        return cls(value, row_id, position)


def _is_row_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST_KEY
