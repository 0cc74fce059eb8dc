"""Whoever waits for room for a long answer looks whether he still shall: a run that ends waits for nobody."""

from collections.abc import Iterator

import pytest

from app.clients import http, turn
from app.clients.errors import Unavailable
from app.clients.request import no_turns
from app.clients.turn import Turn
from tests.clients.conftest import STORE, Cloud


class Stopped(Exception):
    """The run must not go on."""


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every answer is long, and another one has the room for as long as the test lasts."""
    monkeypatch.setattr(http, "LONG_ANSWER", 1)
    monkeypatch.setattr(turn, "_LOOK_SECONDS", 0.01)
    with Turn(no_turns) as others:
        others.take()
        yield


def test_a_call_that_waits_for_room_ends_when_it_shall(cloud: Cloud, taken: None) -> None:
    def look() -> None:
        if cloud.requests():
            raise Stopped

    with pytest.raises(Stopped):
        list(cloud.client(look=look).products(STORE))
    assert cloud.requests() == ["bearer 200"]


def test_it_waits_no_longer_than_there_is_time_for_all_calls(cloud: Cloud, taken: None) -> None:
    with pytest.raises(Unavailable):
        list(cloud.client(lifetime=0.3).products(STORE))


def test_room_that_comes_too_late_is_left_to_others() -> None:
    def look() -> None:
        raise Stopped

    with pytest.raises(Stopped), Turn(look) as late:
        late.take()
    with Turn(no_turns) as others:
        others.take()


def test_no_request_begins_once_it_shall_end(cloud: Cloud) -> None:
    cloud.manners(page_size=2)
    cloud.fill(4)
    looks = iter([None])

    def look() -> None:
        if next(looks, Stopped):
            raise Stopped

    pages = cloud.client(look=look).products(STORE)
    assert len(next(pages)) == 2
    with pytest.raises(Stopped):
        next(pages)
    assert cloud.requests() == ["bearer 200"]
