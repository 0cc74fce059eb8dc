"""When a cloud may be asked again: its rate headers, our back-off, holds shared by threads."""

from __future__ import annotations

import math
import random
import threading
import time
from collections.abc import Mapping, Sequence
from email.utils import parsedate_to_datetime

LONGEST_WAIT = 60.0
FIRST_BACKOFF = 0.5

# Reset headers count seconds to the next window, but epoch seconds and milliseconds are met too.
# No window is thirty years long, and no epoch value since 2001 is smaller.
EPOCH_SECONDS_FROM = 1e9
EPOCH_MILLISECONDS_FROM = 1e11

_jitter = random.SystemRandom()


def backoff(attempt: int) -> float:
    """Return seconds to wait after failed try number `attempt` (from 1): doubling, with jitter."""
    return _jitter.uniform(0.5, 1.0) * FIRST_BACKOFF * 2.0 ** (attempt - 1)


def requested_wait(headers: Mapping[str, str]) -> float | None:
    """Return the seconds (0..60) a refusal asks for by Retry-After, else by X-RateLimit-Reset."""
    wait = _retry_after(headers.get("Retry-After"))
    return _reset(headers.get("X-RateLimit-Reset")) if wait is None else wait


def exhausted_for(headers: Mapping[str, str]) -> float | None:
    """Return the seconds (0..60) to the next window when no call is left in this one, else None."""
    remaining = _number(headers.get("X-RateLimit-Remaining"))
    if remaining is None or remaining > 0:
        return None
    return _reset(headers.get("X-RateLimit-Reset"))


class Holds:
    """Remember which budgets are spent and until when; shared by all threads of one client.

    A budget is a name: one for the account, one for each store. Budgets come narrowest first.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._until: dict[str, float] = {}

    def seconds_left(self, budgets: Sequence[str]) -> float:
        """Return how long a call on these budgets has to wait, 0 when it need not."""
        now = time.monotonic()
        with self._lock:
            return max([0.0, *(self._until.get(budget, now) - now for budget in budgets)])

    def hold(self, budgets: Sequence[str], seconds: float, *, refused: bool) -> None:
        """Hold the narrowest budget; on a refusal the widest too when another one is held already.

        The cloud does not say whose budget is spent. Two stores refused at once mean the account's.
        """
        now = time.monotonic()
        with self._lock:
            self._until = {budget: until for budget, until in self._until.items() if until > now}
            spent = {budgets[0]}
            if refused and self._until.keys() - spent:
                spent.add(budgets[-1])
            for budget in spent:
                self._until[budget] = max(self._until.get(budget, 0.0), now + seconds)


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _clamped(seconds: float) -> float:
    return min(max(seconds, 0.0), LONGEST_WAIT)


def _reset(text: str | None) -> float | None:
    value = _number(text)
    if value is None:
        return None
    if value >= EPOCH_MILLISECONDS_FROM:
        value = value / 1000 - time.time()
    elif value >= EPOCH_SECONDS_FROM:
        value -= time.time()
    return _clamped(value)


def _retry_after(text: str | None) -> float | None:
    seconds = _number(text)
    if seconds is not None:
        return _clamped(seconds)
    try:
        return _clamped(parsedate_to_datetime(text or "").timestamp() - time.time())
    except (TypeError, ValueError, OverflowError, OSError):
        return None
