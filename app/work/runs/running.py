"""A run in the hands of a worker: taken up once, kept alive, stopped, finished."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Generic

from flask_babel import force_locale, gettext
from sqlalchemy import ColumnElement, Connection, select, update
from sqlalchemy.exc import SQLAlchemyError

from app.data.db import db
from app.data.engine import shared_moment, trouble_of
from app.data.types import now
from app.logs import belonging_to
from app.work.runs.life import AnyRun, Runs
from app.work.runs.row import FAILED, QUEUED, RUNNING

log = logging.getLogger(__name__)

BEAT_SECONDS = 1.0

Snapshot = Callable[[], dict[str, Any]]


class RunStopped(Exception):
    """The run was cancelled, taken for dead or deleted: it must not write anything any more."""


class Running(Generic[AnyRun]):
    """One run as its worker holds it, shared by the worker's threads.

    `row` is the run as it was taken up. Every write in the run's name ends with `claim` or `verify`, within
    its transaction.
    """

    def __init__(self, runs: Runs[AnyRun], row: AnyRun) -> None:
        self.runs = runs
        self.row = row
        self.id: int = row.id
        self.user_id: int = row.user_id
        self.engine = db.engine
        table = runs.table
        # Asked for again and again while the run goes on.
        self._is_ours: ColumnElement[bool] = (table.id == row.id) & (table.token == row.token)
        self._is_running: ColumnElement[bool] = self._is_ours & (table.status == RUNNING)
        self._snapshot: Snapshot = dict
        self._stopped = threading.Event()

    def sleep(self, seconds: float) -> None:
        """Wait, but no longer than the run may go on; raises RunStopped."""
        if self._stopped.wait(seconds):
            raise RunStopped

    def check(self) -> None:
        """Raise RunStopped when the run must end."""
        self.sleep(0)

    def look(self) -> None:
        """Raise RunStopped when the row says that the run has ended, as last before what cannot be undone.

        A process that was frozen has not heard of it: its heartbeat stood still as well.
        """
        with self.engine.connect() as connection:
            self._or_stop(connection.scalar(self._select(self._is_running)) is not None)

    def stop(self) -> None:
        """Let every thread of the run end at its next step."""
        self._stopped.set()

    def claim(self, transaction: Connection, *, briefly: bool = False) -> None:
        """Make sure, as the last step of a transaction, that the run may still commit it; else RunStopped.

        Last, because the row stays locked from here on: nobody can cancel the run before the commit, and the
        heartbeat goes on while much is written.
        briefly: how far the run is, too long to be written each time, is left to the heartbeat.
        """
        self._or_stop(self._beat(transaction, dict if briefly else self._snapshot))

    def verify(self, transaction: Connection) -> None:
        """Make sure that the run goes on, for a small write that may stay when it is cancelled meanwhile."""
        # Its owner cannot be deleted before the commit.
        held = self._select(self._is_running).with_for_update(read=True, key_share=True)
        self._or_stop(transaction.scalar(held) is not None)

    def is_known(self, transaction: Connection) -> bool:
        """Tell whether the run's row is still there, whatever became of it."""
        return transaction.scalar(self._select(self._is_ours)) is not None

    def finish(self, status: str, error: str | None = None, **columns: object) -> bool:
        """Record the outcome, unless the run was cancelled or closed meanwhile; tell whether it was so."""
        outcome = {"status": status, "error": error, "finished_at": now(), **columns}
        with self.engine.begin() as transaction:
            is_recorded = self._write(transaction, outcome)
        if is_recorded:
            self.runs.count_outcome(status)
            log.info("%s %s: %s", self.runs.name, self.id, status)
        return is_recorded

    @contextmanager
    def beating(self, snapshot: Snapshot = dict) -> Iterator[None]:
        """Keep the row fresh by a thread of its own: every second its heartbeat and what `snapshot` gives."""
        self._snapshot = snapshot
        closing = threading.Event()
        heart = threading.Thread(target=self._keep_beating, args=(closing,), name="heartbeat", daemon=True)
        heart.start()
        try:
            yield
        finally:
            closing.set()
            heart.join()

    def _keep_beating(self, closing: threading.Event) -> None:
        while not closing.wait(BEAT_SECONDS):
            try:
                with self.engine.begin() as connection:
                    goes_on = self._beat(connection, self._snapshot)
            except SQLAlchemyError:
                # A missed heartbeat is no reason to give up: the next one may get through.
                log.warning("no heartbeat of %s %s was written", self.runs.name, self.id, exc_info=True)
                continue
            if not goes_on:
                return self.stop()

    def _beat(self, connection: Connection, snapshot: Snapshot) -> bool:
        heard_at = shared_moment(connection.dialect.name)
        return self._write(connection, {**snapshot(), "heartbeat_at": heard_at})

    def _write(self, connection: Connection, columns: dict[str, Any]) -> bool:
        statement = update(self.runs.table).where(self._is_running).values(columns)
        return connection.execute(statement).rowcount == 1

    def _or_stop(self, may_go_on: bool) -> None:
        if not may_go_on:
            self.stop()
            raise RunStopped

    def _select(self, condition: ColumnElement[bool]) -> Any:
        return select(self.runs.table.id).where(condition)


def carry_out(
    runs: Runs[AnyRun], run_id: int, work: Callable[[Running[AnyRun]], None], *, our_fault: str
) -> None:
    """Take a queued run up and do its work; the row holds the outcome, whatever happens.

    Does nothing for a run that is not queued any more, so a job delivered twice runs once.
    our_fault: the sentence for the owner when something of ours fails; the error is logged and raised.
    """
    row = _take_up(runs, run_id)
    if row is None:
        return
    running = Running(runs, row)
    with belonging_to(run=run_id, owner=running.user_id), force_locale(_language_of(running.user_id)):
        try:
            work(running)
        except RunStopped:
            log.info("%s %s was stopped", runs.name, run_id)
        except Exception as error:
            log.exception("%s %s failed", runs.name, run_id)
            # Its connection may be gone as well, which is no reason to keep the outcome from the owner.
            with suppress(SQLAlchemyError):
                db.session.rollback()
            trouble = trouble_of(error)
            running.finish(FAILED, gettext(trouble.run if trouble else our_fault))
            raise


def _language_of(user_id: int) -> str:
    # What a run says is kept as it was said. The owners' own module stands above this one.
    users = db.metadata.tables["users"]
    language: str | None = db.session.scalar(select(users.c.language).where(users.c.id == user_id))
    db.session.commit()
    return language or "ru"


def _take_up(runs: Runs[AnyRun], run_id: int) -> AnyRun | None:
    statement = (
        update(runs.table)
        .where(runs.table.id == run_id, runs.table.status == QUEUED)
        .values(status=RUNNING, started_at=now(), heartbeat_at=shared_moment(db.engine.dialect.name))
        .returning(runs.table)
    )
    row = db.session.scalar(statement)
    if row is not None:
        # What it was asked for stays readable, whatever becomes of the row.
        db.session.expunge(row)
    db.session.commit()
    return row
