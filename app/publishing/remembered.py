"""What is told of owners from memory, since to find it out takes too long for a page.

It is kept in the memory of the process with a mark of all that it came from: another mark, and it is not
told. Nor is it after an hour, for what no mark sees: former prices that are over, what other accounts add to
the community, patience that ends.
"""

import threading
import time
from collections import OrderedDict
from typing import Generic, TypeVar

_OWNERS_KEPT = 10_000
KEPT_SECONDS = 3600

T = TypeVar("T")


class Kept(Generic[T]):
    """Something by owner, in the memory of the process, while the mark of what it came from is the same."""

    def __init__(self, owners: int = _OWNERS_KEPT) -> None:
        self._lock = threading.Lock()
        self._owners = owners
        self._found: OrderedDict[int, tuple[str, T | None, float]] = OrderedDict()

    def put(self, user_id: int, mark: str, found: T) -> None:
        """Remember it; `mark` was read before."""
        with self._lock:
            self._found[user_id] = mark, found, time.monotonic() + KEPT_SECONDS
            self._found.move_to_end(user_id)
            if len(self._found) > self._owners:
                self._found.popitem(last=False)

    def get(self, user_id: int, mark: str) -> T | None:
        """What is remembered, None where nothing is of this mark."""
        kept_mark, found, until = self._found.get(user_id, ("", None, 0.0))
        return found if kept_mark == mark and time.monotonic() < until else None
