"""A run hands its place on: it is never without a job, whatever dies, and nobody takes it for dead."""

from collections.abc import Callable
from datetime import timedelta
from threading import Thread

import pytest
from flask import Flask
from redis.exceptions import OutOfMemoryError
from sqlalchemy import select

from app.data.db import db
from app.data.types import now
from app.mirror.models import CatalogRefresh
from app.mirror.refresh import run as mirror_run
from app.mirror.refresh.run import refreshes, run_refresh
from app.work.queue import BIG_QUEUE_NAME, QUEUE_NAME, QueueUnavailable, queue
from app.work.runs.row import CANCELLED, DONE, QUEUED, RUNNING
from app.work.runs.running import Running
from tests.databases import before_it_writes, on_both
from tests.jobs import ThreadWorker, work_off
from tests.owners import Owner

Row = Callable[[int], CatalogRefresh]
Turns = list[bool]

pytestmark = pytest.mark.usefixtures("context")


class Killed(BaseException):
    """The process is no more."""


@pytest.fixture
def turns(monkeypatch: pytest.MonkeyPatch) -> Turns:
    """Refreshes that do nothing but give way in their first turn; whether each turn was a later one."""
    seen: Turns = []

    def work(running: Running[CatalogRefresh]) -> None:
        seen.append(running.goes_on)
        with running.beating(lambda: {"done": len(seen)}):
            if not running.goes_on:
                running.give_way(-1, BIG_QUEUE_NAME)
        running.finish(DONE, done=len(seen))

    monkeypatch.setattr(mirror_run, "_refresh", work)
    return seen


@pytest.fixture
def asked(alice: Owner, bob: Owner, turns: Turns) -> int:
    """Alice's run, which is the first of the queue, and Bob's behind it."""
    run, _ = (
        refreshes.ask(CatalogRefresh(user_id=owner.id), run_refresh, timeout=60) for owner in (alice, bob)
    )
    return run.id


@on_both
def test_a_run_that_gives_way_waits_with_all_that_it_has(
    app: Flask, alice: Owner, asked: int, turns: Turns, row: Row, set_row
) -> None:
    work_off(app, [QUEUE_NAME], most=1)
    waits = row(asked)
    assert (waits.status, waits.done, waits.gave_way) == (QUEUED, 1, True)
    assert (queue.depth(QUEUE_NAME), queue.depth(BIG_QUEUE_NAME)) == (1, 1)
    set_row(asked, requested_at=now() - timedelta(hours=1))
    again = refreshes.ask(CatalogRefresh(user_id=alice.id), run_refresh, timeout=60)
    assert (again.id, again.status) == (asked, QUEUED)
    assert queue.depth(BIG_QUEUE_NAME) == 1
    work_off(app, [QUEUE_NAME, BIG_QUEUE_NAME])
    assert row(asked).status == DONE and turns == [False, False, True]


def test_it_can_be_stopped_while_it_waits(app: Flask, asked: int, turns: Turns, row: Row) -> None:
    work_off(app, [QUEUE_NAME], most=1)
    assert refreshes.cancel(db.session.get_one(CatalogRefresh, asked))
    assert queue.depth(BIG_QUEUE_NAME) == 0
    work_off(app, [QUEUE_NAME, BIG_QUEUE_NAME])
    assert row(asked).status == "cancelled" and turns == [False, False]


@on_both
@pytest.mark.parametrize("of_its_owner", [True, False])
def test_who_ends_it_just_as_it_is_handed_on_has_ended_it(
    app: Flask, alice: Owner, asked: int, turns: Turns, row: Row, of_its_owner: bool
) -> None:
    run = db.session.get_one(CatalogRefresh, asked)

    def hand_on() -> None:
        work_off(app, [QUEUE_NAME], most=1)

    with before_it_writes(db.engine, CANCELLED, hand_on):
        assert refreshes.end(alice.id) if of_its_owner else refreshes.cancel(run)
    assert queue.depth(BIG_QUEUE_NAME) == 0
    work_off(app, [QUEUE_NAME, BIG_QUEUE_NAME])
    assert row(asked).status == CANCELLED and turns == [False, False]


def test_alone_it_keeps_its_place(app: Flask, alice: Owner, turns: Turns, row: Row) -> None:
    run = refreshes.ask(CatalogRefresh(user_id=alice.id), run_refresh, timeout=60)
    work_off(app, [QUEUE_NAME], most=1)
    assert row(run.id).status == DONE and turns == [False]


@on_both
@pytest.mark.parametrize("is_queued", [False, True])
def test_a_worker_that_dies_while_it_hands_on_leaves_no_run_that_waits_for_nothing(
    app: Flask,
    alice: Owner,
    asked: int,
    turns: Turns,
    row: Row,
    set_row,
    monkeypatch: pytest.MonkeyPatch,
    is_queued: bool,
) -> None:
    enqueue = queue.enqueue_again

    def die(**how: str) -> None:
        if is_queued:
            enqueue(**how)
        raise Killed

    monkeypatch.setattr(queue, "enqueue_again", die)
    work_off(app, [QUEUE_NAME], most=1)
    db.session.rollback()
    assert row(asked).status == RUNNING
    work_off(app, [BIG_QUEUE_NAME])
    assert row(asked).status == RUNNING and turns == [False], "the job finds a run that is not its own"
    set_row(asked, heartbeat_at=now() - timedelta(minutes=1))
    last = refreshes.latest(alice.id)
    assert last is not None and last.was_interrupted


@on_both
def test_who_takes_its_job_up_at_once_waits_for_its_row(
    app: Flask, asked: int, turns: Turns, row: Row, monkeypatch: pytest.MonkeyPatch
) -> None:
    enqueue = queue.enqueue_again
    others: list[Thread] = []

    def taken_up_at_once(**how: str) -> None:
        enqueue(**how)
        others.append(Thread(target=work_off, args=(app, [BIG_QUEUE_NAME], ThreadWorker)))
        others[0].start()
        others[0].join(0.3)
        assert others[0].is_alive()

    monkeypatch.setattr(queue, "enqueue_again", taken_up_at_once)
    work_off(app, [QUEUE_NAME], most=1)
    others[0].join()
    assert row(asked).status == DONE and turns == [False, True]


def test_while_the_queue_server_takes_no_jobs_it_keeps_its_place_and_does_nothing_twice(
    app: Flask, asked: int, turns: Turns, row: Row, monkeypatch: pytest.MonkeyPatch
) -> None:
    def is_full(*_: object, **__: object) -> None:
        raise OutOfMemoryError

    monkeypatch.setattr(queue.connection, "set", is_full)
    work_off(app, [QUEUE_NAME], most=1)
    assert row(asked).status == DONE and turns == [False]


def test_without_the_queue_server_it_goes_on_at_once(
    app: Flask, asked: int, turns: Turns, row: Row, monkeypatch: pytest.MonkeyPatch
) -> None:
    def is_away(**_: str) -> None:
        raise QueueUnavailable

    monkeypatch.setattr(queue, "enqueue_again", is_away)
    work_off(app, [QUEUE_NAME], most=1)
    assert row(asked).status == DONE and turns == [False, True]
    assert db.session.scalar(select(CatalogRefresh.done).filter_by(id=asked)) == 2
