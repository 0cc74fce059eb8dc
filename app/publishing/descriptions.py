"""Texts of the till as they are read: no more of each than VK may be sent, cleaned once, and counted."""

from collections.abc import Callable

from app.publishing.planning.texts import shortened

# Shorter ones without mark-up are left as they are.
LONG = 600
# So many letters take seconds of the processor.
MANY_LETTERS = 8_000_000
# As many letters are looked at in the time that an entity or a tag takes.
_LETTERS_A_SIGN = 40


class Descriptions:
    """One reading of many; on_many: called once, when they have come to `MANY_LETTERS`."""

    def __init__(self, on_many: Callable[[], object]) -> None:
        self._room = MANY_LETTERS
        self._on_many = on_many

    def short(self, text: str) -> str:
        """Of one that is long or has mark-up what matters."""
        if len(text) <= LONG and not has_markup(text):
            return text
        self.count(text)
        return shortened(text)

    def count(self, text: str) -> None:
        """Count a text that is going to be cleaned."""
        is_room = self._room > 0
        self._room -= len(text) + _LETTERS_A_SIGN * (text.count("&") + text.count("<"))
        if is_room and self._room <= 0:
            self._on_many()


def has_markup(text: str) -> bool:
    """Tell whether there may be mark-up in a text."""
    return "&" in text or "<" in text
