"""When a cloud may be asked: its rate headers, our back-off, holds and budgets shared by threads."""

from __future__ import annotations

import math
import random
import secrets
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from email.utils import parsedate_to_datetime

from app.clients.errors import RateLimited

LONGEST_WAIT = 60.0
FIRST_BACKOFF = 0.5

# Reset headers count seconds to the next window, but epoch seconds and milliseconds are met too.
# No window is thirty years long, and no epoch value since 2001 is smaller.
EPOCH_SECONDS_FROM = 1e9
EPOCH_MILLISECONDS_FROM = 1e11

# A cloud that counts calls counts them by the second.
WINDOW = 1.0
# A call that was begun reaches the cloud within this, or never.
ARRIVAL = 5.0

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


class Budget(ABC):
    """So many calls in any second, for each key apart. A key names whom the cloud counts.

    Nobody knows when, between our sending it and its answer, the cloud counts a call. So it holds a slot
    from before the first until a second after the last.
    """

    @contextmanager
    def acquire(
        self, key: str, timeout: float, sleep: Callable[[float], object] = time.sleep
    ) -> Iterator[None]:
        """Wait for a slot, `timeout` seconds at most, and hold it while the call is made.

        Raises RateLimited when there is none in that time; whatever `sleep` raises ends the wait.
        """
        ends_at = time.monotonic() + timeout
        slot = secrets.token_hex(8)
        while wait := self._take(key, slot):
            if time.monotonic() + wait > ends_at:
                raise RateLimited("no call was left to make in the time there was")
            sleep(wait)
        try:
            yield
        finally:
            self._settle(key, slot)

    @abstractmethod
    def _take(self, key: str, slot: str) -> float:
        """Take a free slot and return 0, or the seconds until one may be free."""

    @abstractmethod
    def _settle(self, key: str, slot: str) -> None:
        """Free the slot a second from now, or earlier when it would have been."""


class LocalBudget(Budget):
    """A budget of this process, shared by its threads."""

    def __init__(self, calls: int) -> None:
        self._calls = calls
        self._lock = threading.Lock()
        self._slots: dict[str, dict[str, float]] = {}

    def _take(self, key: str, slot: str) -> float:
        now = time.monotonic()
        with self._lock:
            self._slots = {
                each: kept
                for each, slots in self._slots.items()
                if (kept := {name: free_at for name, free_at in slots.items() if free_at > now})
            }
            slots = self._slots.setdefault(key, {})
            if len(slots) < self._calls:
                slots[slot] = now + WINDOW + ARRIVAL
                return 0.0
            # What is still under way can be free a second from now at the soonest.
            return min(WINDOW, min(slots.values()) - now)

    def _settle(self, key: str, slot: str) -> None:
        with self._lock:
            slots = self._slots.get(key, {})
            if slot in slots:
                slots[slot] = min(slots[slot], time.monotonic() + WINDOW)


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
