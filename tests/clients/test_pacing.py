"""What the rate headers ask for, in each of their written forms."""

from __future__ import annotations

from email.utils import formatdate

import pytest

from app.clients import pacing
from app.clients.pacing import Holds, backoff, exhausted_for, requested_wait


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "7"}, 7),
        ({"Retry-After": "1.5"}, 1.5),
        ({"Retry-After": "0"}, 0),
        ({"Retry-After": "-5"}, 0),
        ({"Retry-After": "86400"}, 60),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "nan"}, None),
        ({"Retry-After": "inf"}, None),
        ({"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0),
        ({"Retry-After": "Wed, 21 Oct 2015 07:28:00 -0000"}, 0),
        ({"Retry-After": "Fri, 31 Dec 9999 23:59:59 GMT"}, 60),
        ({"Retry-After": "Wed, 99 Oct 2015 07:28:00 GMT"}, None),
        ({"X-RateLimit-Reset": "12"}, 12),
        ({"X-RateLimit-Reset": "3600"}, 60),
        ({"X-RateLimit-Reset": "1600000000"}, 0),
        ({"X-RateLimit-Reset": "99999999999"}, 60),
        ({"X-RateLimit-Reset": "1600000000000"}, 0),
        ({"Retry-After": "3", "X-RateLimit-Reset": "12"}, 3),
        ({"Retry-After": "soon", "X-RateLimit-Reset": "12"}, 12),
    ],
)
def test_a_refusal_says_how_long_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    assert requested_wait(headers) == seconds


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.moment = 1_800_000_000.0

    def time(self) -> float:
        return self.moment

    monotonic = time


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(pacing, "time", clock)
    return clock


def test_moments_are_told_from_seconds(clock: Clock) -> None:
    at = clock.moment + 20
    assert requested_wait({"Retry-After": formatdate(at, usegmt=True)}) == 20
    assert requested_wait({"X-RateLimit-Reset": f"{at:.0f}"}) == 20
    assert requested_wait({"X-RateLimit-Reset": f"{at * 1000:.0f}"}) == 20


@pytest.mark.parametrize(
    ("remaining", "reset", "seconds"),
    [("0", "9", 9), ("1", "9", None), ("-1", "9", 9), ("0", "", None), ("", "9", None), ("many", "9", None)],
)
def test_only_a_spent_window_is_waited_for(remaining: str, reset: str, seconds: float | None) -> None:
    assert exhausted_for({"X-RateLimit-Remaining": remaining, "X-RateLimit-Reset": reset}) == seconds


def test_the_back_off_doubles_and_is_never_the_same_for_everybody() -> None:
    for attempt in (1, 2, 3):
        waits = {backoff(attempt) for _ in range(50)}
        assert len(waits) > 1
        assert min(waits) >= 0.25 * 2 ** (attempt - 1) and max(waits) <= 0.5 * 2 ** (attempt - 1)


def test_a_spent_store_does_not_hold_the_others(clock: Clock) -> None:
    holds = Holds()
    holds.hold(("store 1", "account"), 30, refused=True)
    assert holds.seconds_left(("store 1", "account")) == 30
    assert holds.seconds_left(("store 2", "account")) == 0


def test_two_stores_refused_at_once_hold_the_account(clock: Clock) -> None:
    holds = Holds()
    holds.hold(("store 1", "account"), 30, refused=True)
    holds.hold(("store 2", "account"), 10, refused=True)
    assert holds.seconds_left(("store 3", "account")) == 10
    assert holds.seconds_left(("store 1", "account")) == 30


def test_a_spent_account_holds_every_store(clock: Clock) -> None:
    holds = Holds()
    holds.hold(("account",), 5, refused=False)
    assert holds.seconds_left(("store 1", "account")) == 5


def test_a_hold_ends(clock: Clock) -> None:
    holds = Holds()
    holds.hold(("account",), 7, refused=True)
    clock.moment += 7
    assert holds.seconds_left(("account",)) == 0
