"""Descriptions of the till as they are read: no more of each than VK may be sent, and counted."""

from collections.abc import Callable

from app.publishing.planning.texts import shortened

# Shorter ones are left as they are.
LONG = 600
# So many letters take seconds of the processor.
MANY_LETTERS = 8_000_000


class Descriptions:
    """One reading of many; on_many: called once, when they have come to `MANY_LETTERS`."""

    def __init__(self, on_many: Callable[[], object]) -> None:
        self._room = MANY_LETTERS
        self._on_many = on_many

    def short(self, text: str) -> str:
        """Of a long one what matters."""
        is_room = self._room > 0
        self._room -= len(text)
        if is_room and self._room <= 0:
            self._on_many()
        return shortened(text)
