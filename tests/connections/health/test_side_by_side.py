"""Slow work does not hold up quick work."""

import threading
import time

from app.connections.side_by_side import run_side_by_side


def test_as_many_run_side_by_side_as_the_width_allows() -> None:
    lock, running, most = threading.Lock(), 0, 0
    # None ends before there are four of them.
    four = threading.Barrier(4)

    def work(_: int) -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        four.wait(60)
        with lock:
            running -= 1

    run_side_by_side(range(40), work, width=4, patience=600)
    assert most == 4 and not four.broken


def test_slow_ones_give_up_their_places() -> None:
    done: list[int] = []
    release = threading.Event()

    def work(number: int) -> None:
        if number < 8:
            assert release.wait(60)
        done.append(number)
        if len(done) == 32:
            # All the quick ones have ended while every slow one still waits.
            release.set()

    run_side_by_side(range(40), work, width=4, patience=0.05)
    assert sorted(done[:32]) == list(range(8, 40))
    assert sorted(done) == list(range(40))


def test_no_more_than_the_most_run_at_all() -> None:
    running: set[int] = set()
    seen: list[int] = []

    def work(number: int) -> None:
        running.add(number)
        seen.append(len(running))
        time.sleep(0.05)
        running.discard(number)

    run_side_by_side(range(20), work, width=2, patience=0.0, most=5)
    assert max(seen) <= 5


def test_an_exception_of_one_touches_no_other() -> None:
    done: list[int] = []

    def work(number: int) -> None:
        if number == 3:
            raise RuntimeError("three")
        done.append(number)

    run_side_by_side(range(6), work)
    assert sorted(done) == [0, 1, 2, 4, 5]


def test_nothing_to_do_is_done_at_once() -> None:
    run_side_by_side([], lambda _: None)
