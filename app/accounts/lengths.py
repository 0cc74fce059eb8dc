"""Lengths first: nothing is normalised, hashed or searched before it is known to be short."""

from typing import Any

from flask_babel import LazyString
from wtforms import Field
from wtforms.validators import StopValidation

EMAIL = 254
PASSWORD = 128
NAME = 100


class AtMost:
    """Refuse what is longer than `length` characters, and ask no further question about it."""

    def __init__(self, length: int, sentence: str | LazyString) -> None:
        self.length, self._sentence = length, sentence

    def __call__(self, _form: Any, field: Field) -> None:
        if len(field.data or "") > self.length:
            raise StopValidation(str(self._sentence))
