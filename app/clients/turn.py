"""Long answers are held one at a time: several clouds, or stores of one, are read side by side."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import TracebackType

# A page of a thousand usual goods is half as long.
LONG_ANSWER = 2 * 1024 * 1024

# Whoever waits looks up so often whether he still shall.
_LOOK_SECONDS = 0.5

_only_one = threading.Lock()


class Turn:
    """The right among threads to hold more than `LONG_ANSWER` bytes; given back at the end of its block.

    Not bound to a thread: a generator that has it may be closed by another one.
    look: called while it is waited for and once it has come; what it raises ends the wait.
    """

    def __init__(self, look: Callable[[], object]) -> None:
        self._look = look
        self._is_mine = False

    def take(self) -> None:
        """Wait until nobody else has it; taken once more it stays. Raises what `look` does."""
        if self._is_mine:
            return
        while not _only_one.acquire(timeout=_LOOK_SECONDS):
            self._look()
        self._is_mine = True
        self._look()

    def __enter__(self) -> Turn:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._is_mine:
            self._is_mine = False
            _only_one.release()
