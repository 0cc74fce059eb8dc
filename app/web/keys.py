"""Keys of rows as addresses, forms and cursors carry them: one limit, that of the columns."""

import re

from flask import Flask
from werkzeug.routing import BaseConverter, ValidationError

LARGEST_KEY = 2**63 - 1
# No longer than the largest, so that nobody makes `int` read a number of a million digits.
_KEY = "[1-9][0-9]{0,18}"


class KeyConverter(BaseConverter):
    """`<key:id>` in a route: a whole number that a row can have for its key; any other address is a 404."""

    regex = _KEY

    def to_python(self, value: str) -> int:
        """Read a key that the pattern let through; raises ValidationError for one that is too large."""
        key = read_key(value)
        if key is None:
            raise ValidationError
        return key


def init_keys(app: Flask) -> None:
    """Let routes say `<key:id>`."""
    app.url_map.converters["key"] = KeyConverter


def key_of(text: str) -> int:
    """Read a key for a field of WTForms; raises ValueError for what no row can have for its key."""
    key = read_key(text)
    if key is None:
        raise ValueError
    return key


def read_key(text: str) -> int | None:
    """Read a key from a form's field; None for what no row can have for its key."""
    if not re.fullmatch(_KEY, text):
        return None
    key = int(text)
    return key if key <= LARGEST_KEY else None
