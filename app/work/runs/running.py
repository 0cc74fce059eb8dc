"""A run in the hands of a worker: taken up once, kept alive, stopped, finished."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Generic

from sqlalchemy import ColumnElement, Connection, select, update
from sqlalchemy.exc import SQLAlchemyError

from app.data.db import db
from app.data.engine import shared_moment
from app.data.types import now
from app.work.queue import QueueUnavailable, queue
from app.work.runs.life import AnyRun, Runs
from app.work.runs.row import QUEUED, RUNNING, new_token

log = logging.getLogger(__name__)

BEAT_SECONDS = 1.0

Snapshot = Callable[[], dict[str, Any]]


class RunStopped(Exception):
    """The run was cancelled, taken for dead or deleted: it must not write anything any more."""


class GivesWay(Exception):
    """The run has had its turn and lets others go first: it goes on when its next one comes.

    onto: the queue in which it waits for that.
    """

    def __init__(self, onto: str) -> None:
        super().__init__(onto)
        self.onto = onto


class Running(Generic[AnyRun]):
    """One run as its worker holds it, shared by the worker's threads.

    `row` is the run as it was taken up, `lane` the queue that it came from, `goes_on` whether it gave way
    before. Every write in the run's name ends with `claim` or `verify`, within its transaction.
    """

    def __init__(self, runs: Runs[AnyRun], row: AnyRun, *, goes_on: bool = False) -> None:
        self.runs = runs
        self.row = row
        self.goes_on = goes_on
        self.lane = queue.lane()
        self._began = time.monotonic()
        self.id: int = row.id
        self.user_id: int = row.user_id
        self.engine = db.engine
        table = runs.table
        # Asked for again and again while the run goes on.
        self._is_ours: ColumnElement[bool] = (table.id == row.id) & (table.token == row.token)
        self._is_running: ColumnElement[bool] = self._is_ours & (table.status == RUNNING)
        self._running_row = select(table.id).where(self._is_running)
        self._change = update(table).where(self._is_running)
        self._heard = self._change.values(heartbeat_at=shared_moment(self.engine.dialect.name))
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
            self._or_stop(connection.scalar(self._running_row) is not None)

    def give_way(self, share: float, onto: str | None = None) -> None:
        """Raise GivesWay when the run has had its lane for `share` seconds and others wait for it.

        onto: where it waits from then on; who is there waits for it as well, if its process serves them.
        Only where the run can go on from later, and after it has done something, or where it waits for what
        ends without it: else it would never end.
        """
        has_had_it = time.monotonic() - self._began > share
        if self.lane is None or not has_had_it or not self.keeps_others_waiting(onto):
            return
        # Else it would begin anew in the place that it has, again and again.
        if queue.takes_jobs():
            raise GivesWay(onto or self.lane)

    def keeps_others_waiting(self, onto: str | None = None) -> bool:
        """Tell whether jobs wait for the lane of this run, or for its process in `onto`."""
        waited_for = [name for name in (self.lane, onto) if name == self.lane or name in queue.served]
        try:
            return any(queue.depth(name) > 0 for name in waited_for if name is not None)
        except QueueUnavailable:
            return False

    def hand_on(self, onto: str) -> None:
        """Put the run back into a queue, with all that it has. Raises RunStopped, and QueueUnavailable.

        The job is there before the row waits for it: whatever dies meanwhile, a run that waits has a job, and
        one that has none is found as any other that its worker left. Who takes the job up at once waits for
        this transaction.
        """
        token, so_far = new_token(), self._snapshot()
        for column, value in so_far.items():
            setattr(self.row, column, value)
        waits = {**so_far, "status": QUEUED, "token": token, "heartbeat_at": None}
        with self.engine.begin() as transaction:
            self._or_stop(self._write(transaction, waits))
            queue.enqueue_again(job_id=self.runs.job_named(self.id, token), queue_name=onto)
        log.info("%s %s gave way", self.runs.name, self.id)

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
        held = self._running_row.with_for_update(read=True, key_share=True)
        self._or_stop(transaction.scalar(held) is not None)

    def is_known(self, transaction: Connection) -> bool:
        """Tell whether the run's row is still there, whatever became of it."""
        return transaction.scalar(select(self.runs.table.id).where(self._is_ours)) is not None

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
        return connection.execute(self._heard, snapshot()).rowcount == 1

    def _write(self, connection: Connection, columns: dict[str, Any]) -> bool:
        return connection.execute(self._change, columns).rowcount == 1

    def _or_stop(self, may_go_on: bool) -> None:
        if not may_go_on:
            self.stop()
            raise RunStopped
