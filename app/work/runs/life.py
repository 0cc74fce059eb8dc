"""The life of a run as the web sees it: asked for, joined, cancelled, taken for dead."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, bindparam, select, update
from sqlalchemy.exc import IntegrityError, InvalidRequestError

from app.data.db import db
from app.data.engine import shared_moment
from app.data.types import now
from app.work.metrics import count
from app.work.queue import QUEUE_NAME, QueueUnavailable, queue
from app.work.runs.row import CANCELLED, FAILED, INTERRUPTED, QUEUED, RUNNING, Run, new_token

# The heartbeat is written every second; a worker that is silent for so long is dead.
SILENCE = timedelta(seconds=45)
# Jobs are enqueued at once; a run that is queued for so long has lost its job, or there is no worker.
QUEUE_GRACE = timedelta(seconds=20)
POLLS_A_SECOND, LONGEST_POLL_SECONDS = 10, 10

AnyRun = TypeVar("AnyRun", bound=Run)


class Runs(Generic[AnyRun]):
    """The runs of one table.

    name: of one of them, in the ids of jobs and in the log; no_queue: what to tell the owner when the queue
    server is away; counted_as: the metric that counts outcomes, if there is one.
    """

    def __init__(
        self, table: type[AnyRun], name: str, *, no_queue: str, counted_as: str | None = None
    ) -> None:
        self.table = table
        self.name = name
        self._no_queue = no_queue
        self._counted_as = counted_as
        # As the index of active runs says it, word for word: SQLite takes it for no other, and runs are many.
        statuses: Any = bindparam(None, table.active_statuses, expanding=True, literal_execute=True)
        self._is_active = table.status.in_(statuses)
        of_owner = select(table).filter_by(user_id=bindparam("user_id"))
        self._latest = of_owner.order_by(table.id.desc()).limit(1)

    def latest(self, user_id: int) -> AnyRun | None:
        """Find the owner's last run, closing it first when its worker is dead."""
        return self.closed_if_dead(db.session.scalar(self._latest, {"user_id": user_id}))

    def own(self, user_id: int, run_id: int) -> AnyRun | None:
        """Find one run of this owner, closing it first when its worker is dead."""
        return self.closed_if_dead(
            db.session.scalar(select(self.table).filter_by(user_id=user_id, id=run_id))
        )

    def insert(self, run: AnyRun, beside: Callable[[], object] = lambda: None) -> AnyRun:
        """Add a new run and what is written `beside` it, or give the owner's that is active. Commits."""
        active = self.latest(run.user_id)
        if active is not None and active.is_active:
            return active
        db.session.add(run)
        try:
            db.session.flush()
            beside()
            db.session.commit()
        except IntegrityError:
            # A second click in the same moment: the unique index let only one of them in.
            db.session.rollback()
            winner = self.latest(run.user_id)
            if winner is None:
                raise
            return winner
        return run

    def ask(
        self,
        run: AnyRun,
        job: Callable[[int], None],
        *,
        timeout: int,
        queue_name: str = QUEUE_NAME,
        beside: Callable[[], object] = lambda: None,
    ) -> AnyRun:
        """Queue a new run, or give the owner's that is active already. Commits.

        job: gets the run's id, `timeout` seconds at most, with what is written `beside`; no queue: it failed.
        """
        found = self.insert(run, beside)
        if found is run:
            self._enqueue(run, job, timeout, queue_name)
        return found

    def queue_again(
        self, run: AnyRun, job: Callable[[int], None], *, timeout: int, queue_name: str = QUEUE_NAME
    ) -> bool:
        """Queue a run that was put aside or has ended; tell whether nobody else did so first. Commits.

        The run gets a new token, so that a worker which still has it in its hands loses it. It stays as it is
        when the owner has another active one.
        """
        begun_anew = {
            "status": QUEUED,
            "token": new_token(),
            "error": None,
            "requested_at": now(),
            "started_at": None,
            "heartbeat_at": None,
            "finished_at": None,
        }
        try:
            is_ours = self._change(run, self.table.status == run.status, **begun_anew)
        except IntegrityError:
            # Another click has begun one in the same moment.
            db.session.rollback()
            return False
        if is_ours:
            self._enqueue(run, job, timeout, queue_name)
        return is_ours

    def hold(self, run: AnyRun) -> bool:
        """Keep a run as it was read until the commit; tell whether it still was so.

        Before what it guards: nothing is begun with the run from here on, and when something was, what its
        page showed is of the past.
        """
        is_as_read = (self.table.token == run.token) & (self.table.status == run.status)
        statement = update(self.table).where(self.table.id == run.id, is_as_read).values(token=run.token)
        held = statement.returning(self.table.id).execution_options(synchronize_session=False)
        return db.session.scalar(held) is not None

    def cancel(self, run: AnyRun) -> bool:
        """End an active run; tell whether it still was. What it has written stays. Commits."""
        is_ended = self.end(run.user_id, self.table.id == run.id)
        _read_again(run)
        return is_ended

    def end(self, user_id: int, *conditions: ColumnElement[bool], why: str | None = None) -> bool:
        """Cancel the owner's active run, if these conditions hold for it; tell whether one was. Commits.

        By what it is at this moment: what a click has read of it goes with each turn, its token first.
        why: a sentence for the owner, where it is not their own doing.
        """
        ended = (
            update(self.table)
            .where(self.table.user_id == user_id, self._is_active, *conditions)
            .values(status=CANCELLED, error=why, finished_at=now())
            .returning(self.table.id, self.table.token)
            .execution_options(synchronize_session=False)
        )
        run = db.session.execute(ended).first()
        db.session.commit()
        if run is not None:
            self.count_outcome(CANCELLED)
            # Without a queue server the worker finds out by itself, at its next heartbeat.
            with suppress(QueueUnavailable):
                queue.stop(self.job_named(run.id, run.token))
        return run is not None

    def closed_if_dead(self, run: AnyRun | None) -> AnyRun | None:
        """Give the run back, closed first when its worker is dead or its job is lost."""
        if run is not None and self._is_dead(run):
            # A heartbeat that comes in at the last moment keeps the run alive.
            unheard = self.table.heartbeat_at.is_not_distinct_from(run.heartbeat_at)
            if self._end(run, FAILED, INTERRUPTED, unheard):
                self.count_outcome(FAILED)
        return run

    def is_unattended(self, run: AnyRun) -> bool:
        """Tell whether the run waits and there is no worker that could take it up."""
        if run.status != QUEUED or now() - run.requested_at <= QUEUE_GRACE:
            return False
        try:
            return queue.worker_count() == 0
        except QueueUnavailable:
            return True

    def poll_seconds(self, run: AnyRun) -> int:
        """Tell how long a page waits before it asks how far the run is.

        The longer the queue, the longer: however many wait, they ask some ten times a second together, and do
        not slow down the pages of those who work.
        """
        if run.status != QUEUED:
            return 1
        try:
            return min(LONGEST_POLL_SECONDS, 1 + queue.depth(QUEUE_NAME) // POLLS_A_SECOND)
        except QueueUnavailable:
            return LONGEST_POLL_SECONDS

    def job_id(self, run: AnyRun) -> str:
        """Name the job of a run, anew each time it is queued: a job that ends takes its name along."""
        return self.job_named(run.id, run.token)

    def job_named(self, run_id: int, token: str) -> str:
        """Name the job of a run that has this token."""
        return f"{self.name}-{run_id}-{token[:8]}"

    def count_outcome(self, status: str) -> None:
        """Count one more run that ended so."""
        if self._counted_as:
            count(self._counted_as, status)

    def _enqueue(self, run: AnyRun, job: Callable[[int], None], timeout: int, queue_name: str) -> None:
        try:
            queue.enqueue(job, run.id, job_id=self.job_id(run), timeout=timeout, queue_name=queue_name)
        except QueueUnavailable:
            # Not counted: that is kept by the server which has just kept us waiting.
            self._end(run, FAILED, self._no_queue)

    def _end(self, run: AnyRun, status: str, error: str, *conditions: ColumnElement[bool]) -> bool:
        return self._change(run, self._is_active, *conditions, status=status, error=error, finished_at=now())

    def _change(self, run: AnyRun, *conditions: ColumnElement[bool], **columns: object) -> bool:
        statement = (
            update(self.table)
            .where(self.table.id == run.id, self.table.token == run.token, *conditions)
            .values(columns)
            .returning(self.table.id)
            .execution_options(synchronize_session=False)
        )
        is_changed = db.session.scalar(statement) is not None
        db.session.commit()
        _read_again(run)
        return is_changed

    def _is_dead(self, run: AnyRun) -> bool:
        if run.status == RUNNING and run.heartbeat_at is not None:
            return _is_silent(run.heartbeat_at)
        if run.status == QUEUED and abs(now() - run.requested_at) > QUEUE_GRACE:
            try:
                return not queue.holds(self.job_id(run))
            except QueueUnavailable:
                return False
        return False


def _read_again(run: Run) -> None:
    # It may have gone meanwhile, with its owner.
    with suppress(InvalidRequestError):
        db.session.refresh(run)


def _is_silent(heard_at: datetime) -> bool:
    """Tell whether a heartbeat is too long ago, or of the future: before a clock was set back, that is."""
    if abs(now() - heard_at) <= SILENCE:
        return False
    # Our clock may not be the worker's: the one by which the heartbeat was written has the last word.
    moment: datetime = db.session.execute(select(shared_moment(db.engine.dialect.name))).scalar_one()
    return abs(moment - heard_at) > SILENCE
