"""The life of a run: taken up once, kept alive, ended by whoever may, written to by its own worker alone."""

from collections.abc import Callable
from datetime import timedelta
from threading import Event

import pytest
from sqlalchemy import delete, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.data.db import db
from app.data.types import now
from app.mirror.models import CatalogRefresh
from app.mirror.refresh.run import refreshes, run_refresh
from app.work.runs import life
from app.work.runs import running as worker_side
from app.work.runs.carrying_out import carry_out
from app.work.runs.life import SILENCE
from app.work.runs.row import CANCELLED, DONE, FAILED, INTERRUPTED, QUEUED, RUNNING
from app.work.runs.running import Running, RunStopped
from tests.owners import Owner

Row = Callable[[int], CatalogRefresh]

pytestmark = pytest.mark.usefixtures("context")


def do(run_id: int, work: Callable[[Running[CatalogRefresh]], None]) -> None:
    carry_out(refreshes, run_id, work, our_fault="Ошибка у нас")


def test_a_run_is_taken_up_once(queued: int, row: Row) -> None:
    seen: list[int] = []

    def work(running: Running[CatalogRefresh]) -> None:
        seen.append(running.id)
        do(queued, lambda again: seen.append(-again.id))
        running.finish(DONE, done=3)

    do(queued, work)
    do(queued, work)
    assert seen == [queued]
    assert (row(queued).status, row(queued).done) == (DONE, 3)
    assert row(queued).finished_at is not None


def test_a_run_that_went_with_its_owner_can_be_cancelled(
    queued: int, alice: Owner, db_session: Session
) -> None:
    run = db.session.get_one(CatalogRefresh, queued)
    db_session.execute(delete(User).filter_by(id=alice.id))
    assert not refreshes.cancel(run)


def test_a_run_that_was_cancelled_commits_nothing_more(queued: int, row: Row, set_row, db_session) -> None:
    def work(running: Running[CatalogRefresh]) -> None:
        set_row(queued, status=CANCELLED)
        with running.engine.begin() as transaction:
            transaction.execute(text("UPDATE users SET name = 'written'"))
            running.claim(transaction)

    do(queued, work)
    assert row(queued).status == CANCELLED
    assert db_session.scalar(text("SELECT name FROM users")) != "written"


@pytest.mark.parametrize("check", ["claim", "verify"])
def test_a_run_with_another_token_is_another_run(
    queued: int, set_row, row: Row, db_session: Session, check: str
) -> None:
    def work(running: Running[CatalogRefresh]) -> None:
        # As if the key had been given out again, to somebody else's run that is under way.
        set_row(queued, token="somebody else's")
        with running.engine.begin() as transaction:
            transaction.execute(text("UPDATE users SET name = 'written'"))
            getattr(running, check)(transaction)

    do(queued, work)
    assert row(queued).status == RUNNING
    assert db_session.scalar(text("SELECT name FROM users")) != "written"


def test_what_is_long_is_not_written_with_each_claim(queued: int, row: Row) -> None:
    def work(running: Running[CatalogRefresh]) -> None:
        with running.beating(lambda: {"step": "далеко"}):
            with running.engine.begin() as transaction:
                running.claim(transaction, briefly=True)
            assert not row(queued).step
            with running.engine.begin() as transaction:
                running.claim(transaction)
            assert row(queued).step == "далеко"
        running.finish(DONE)

    do(queued, work)
    assert row(queued).status == DONE


def test_neither_the_outcome_nor_the_heartbeat_reaches_another_run(queued: int, set_row, row: Row) -> None:
    def work(running: Running[CatalogRefresh]) -> None:
        set_row(queued, token="somebody else's", heartbeat_at=None)
        assert not running.finish(DONE)
        with running.engine.begin() as transaction:
            assert not running.is_known(transaction)

    do(queued, work)
    assert (row(queued).status, row(queued).heartbeat_at) == (RUNNING, None)


def test_what_fails_is_a_sentence_in_the_row_and_raised_for_the_log(queued: int, row: Row) -> None:
    with pytest.raises(ZeroDivisionError):
        do(queued, lambda _: print(1 / 0))
    assert (row(queued).status, row(queued).error) == (FAILED, "Ошибка у нас")


def test_a_heartbeat_that_fails_is_followed_by_the_next(queued: int, row: Row, monkeypatch) -> None:
    monkeypatch.setattr(worker_side, "BEAT_SECONDS", 0.01)
    snapshots: list[int] = []
    lived_on = Event()

    def snapshot() -> dict[str, object]:
        snapshots.append(len(snapshots))
        if len(snapshots) < 3:
            raise OperationalError("UPDATE", {}, Exception("database is locked"))
        if len(snapshots) > 3:
            lived_on.set()
        return {"done": len(snapshots), "step": "шаг"}

    def work(running: Running[CatalogRefresh]) -> None:
        with running.beating(snapshot):
            assert lived_on.wait(100)
            running.check()

    do(queued, work)
    assert row(queued).step == "шаг" and row(queued).done >= 3


def test_the_heartbeat_ends_a_run_that_was_cancelled(queued: int, set_row, row: Row, monkeypatch) -> None:
    monkeypatch.setattr(worker_side, "BEAT_SECONDS", 0.01)
    ended: list[str] = []

    def work(running: Running[CatalogRefresh]) -> None:
        with running.beating():
            set_row(queued, status=CANCELLED)
            try:
                running.sleep(60)
            except RunStopped:
                ended.append("at once")
                raise

    do(queued, work)
    assert ended == ["at once"]


def test_a_deleted_owner_ends_the_run(queued: int, db_session: Session) -> None:
    def work(running: Running[CatalogRefresh]) -> None:
        db_session.execute(delete(User))
        with running.engine.begin() as transaction:
            running.verify(transaction)
        raise AssertionError("it went on")

    do(queued, work)


@pytest.mark.parametrize("direction", [-1, 1])
def test_silence_is_death_also_when_the_clock_was_set_back(
    alice: Owner, queued: int, set_row, direction: int
) -> None:
    set_row(queued, status=RUNNING, heartbeat_at=now() + direction * 2 * SILENCE)
    last = refreshes.latest(alice.id)
    assert last is not None and last.was_interrupted and last.error == INTERRUPTED


@pytest.mark.databases("postgresql")
@pytest.mark.parametrize("hours", [-1, 1])
def test_a_run_lives_whose_worker_has_another_clock_than_the_pages(
    alice: Owner, queued: int, monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    def work(running: Running[CatalogRefresh]) -> None:
        monkeypatch.undo()
        last = refreshes.latest(alice.id)
        assert last is not None and last.status == RUNNING
        monkeypatch.setattr(life, "now", lambda: now() + timedelta(hours=hours))
        last = refreshes.latest(alice.id)
        assert last is not None and last.status == RUNNING
        monkeypatch.undo()
        running.finish(DONE)

    monkeypatch.setattr(worker_side, "now", lambda: now() + timedelta(hours=hours))
    do(queued, work)
    last = refreshes.latest(alice.id)
    assert last is not None and last.status == DONE


def test_a_heartbeat_at_the_last_moment_keeps_the_run_alive(alice: Owner, queued: int, set_row) -> None:
    set_row(queued, status=RUNNING, heartbeat_at=now() - 2 * SILENCE)
    seen = db.session.get_one(CatalogRefresh, queued)
    set_row(queued, heartbeat_at=now())
    kept = refreshes.closed_if_dead(seen)
    assert kept is not None and kept.status == RUNNING


def test_a_run_queued_again_is_out_of_the_hands_of_its_old_worker(queued: int, row: Row) -> None:
    def work(running: Running[CatalogRefresh]) -> None:
        running.finish(FAILED, "Прервалось")
        old = db.session.get_one(CatalogRefresh, queued)
        job_before = refreshes.job_id(old)
        assert refreshes.queue_again(old, run_refresh, timeout=60)
        assert refreshes.job_id(old) != job_before
        with running.engine.begin() as transaction:
            running.verify(transaction)

    do(queued, work)
    assert (row(queued).status, row(queued).error) == (QUEUED, None)


def test_a_run_is_not_queued_again_beside_another_that_goes(queued: int, set_row, row: Row) -> None:
    set_row(queued, status=FAILED)
    old = db.session.get_one(CatalogRefresh, queued)
    db.session.add(CatalogRefresh(user_id=old.user_id, status=RUNNING))
    db.session.commit()
    assert not refreshes.queue_again(old, run_refresh, timeout=60)
    assert row(queued).status == FAILED
