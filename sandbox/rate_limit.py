"""The rate limit: so many requests in a window of time, for each merchant and store apart."""

import math
import time
from threading import Lock
from typing import NamedTuple


class Allowance(NamedTuple):
    """What is left of a window; `reset_in` in seconds, `reset_at` in epoch seconds."""

    granted: bool
    limit: int
    remaining: int
    reset_in: int
    reset_at: int


class RateLimiter:
    """Count requests in fixed windows."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._windows: dict[tuple[str | None, str | None], tuple[float, int]] = {}

    def spend(self, merchant: str | None, store: str | None, limit: int, window: float) -> Allowance:
        """Count one request against the merchant's limit for the store (None: calls that name no store)."""
        moment = time.time()
        with self._lock:
            started, used = self._windows.get((merchant, store), (moment, 0))
            if moment >= started + window:
                started, used = moment, 0
            self._windows[merchant, store] = (started, used + 1)
        ends = started + window
        left = max(0, limit - used - 1)
        return Allowance(used < limit, limit, left, math.ceil(ends - moment), math.ceil(ends))

    def clear(self) -> None:
        """Start every window anew."""
        with self._lock:
            self._windows.clear()
