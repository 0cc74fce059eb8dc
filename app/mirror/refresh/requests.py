"""The life of a refresh as the web sees it: asked for, joined, cancelled, taken for dead."""

from datetime import timedelta

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.exc import IntegrityError

from app.data.db import db
from app.data.types import now
from app.mirror.models import (
    ACTIVE,
    CANCELLED,
    FAILED,
    QUEUED,
    RUNNING,
    SUCCESSFUL,
    CatalogRefresh,
    GroupSize,
)
from app.mirror.refresh.progress import GUARDED
from app.mirror.refresh.run import run_refresh
from app.work.metrics import RUNS, count
from app.work.queue import BIG_QUEUE_NAME, QUEUE_NAME, QueueUnavailable, queue

# The heartbeat is written every second; a worker that is silent for so long is dead.
SILENCE = timedelta(seconds=45)
# Jobs are enqueued at once; after so long a queued run without a job has lost it.
QUEUE_GRACE = timedelta(seconds=20)
JOB_TIMEOUT_SECONDS = 6 * 3600
POLLS_A_SECOND, LONGEST_POLL_SECONDS = 10, 10
# So many goods take a few seconds.
BIG_CATALOGUE = 20_000

INTERRUPTED = "Фоновый процесс остановился, не закончив работу"
NO_QUEUE = "Очередь заданий недоступна, поэтому обновление не началось; повторите через несколько минут"


def latest_refresh(user_id: int) -> CatalogRefresh | None:
    """Find the owner's last run, closing it first when its worker is dead."""
    refresh = db.session.scalar(
        select(CatalogRefresh).filter_by(user_id=user_id).order_by(CatalogRefresh.id.desc()).limit(1)
    )
    return closed_if_dead(refresh)


def own_refresh(user_id: int, refresh_id: int) -> CatalogRefresh | None:
    """Find one run of this owner, closing it first when its worker is dead."""
    refresh = db.session.scalar(select(CatalogRefresh).filter_by(user_id=user_id, id=refresh_id))
    return closed_if_dead(refresh)


def last_success(user_id: int) -> CatalogRefresh | None:
    """Find the owner's last run of the whole catalogue that brought something in, whole or in part."""
    return db.session.scalar(
        select(CatalogRefresh)
        .where(CatalogRefresh.user_id == user_id, CatalogRefresh.status.in_(SUCCESSFUL))
        .where(CatalogRefresh.only_store.is_(None))
        .order_by(CatalogRefresh.id.desc())
        .limit(1)
    )


def request_refresh(
    user_id: int, confirmed_drops: list[str] | None = None, *, only_store: str | None = None
) -> CatalogRefresh:
    """Queue a run, or give the one that is already queued or running. Commits.

    only_store: refresh this one; such a run gives way to one of the whole catalogue.
    """
    active = latest_refresh(user_id)
    if active is not None and active.is_active:
        if active.only_store is None or only_store is not None:
            return active
        cancel_refresh(active)
    refresh = CatalogRefresh(user_id=user_id, confirmed_drops=confirmed_drops or [], only_store=only_store)
    db.session.add(refresh)
    try:
        db.session.commit()
    except IntegrityError:
        # A second click in the same moment: the unique index let only one of them in.
        db.session.rollback()
        winner = latest_refresh(user_id)
        if winner is None:
            raise
        return winner
    try:
        queue.enqueue(
            run_refresh,
            refresh.id,
            job_id=_job_id(refresh),
            timeout=JOB_TIMEOUT_SECONDS,
            queue_name=BIG_QUEUE_NAME if _is_big(refresh) else QUEUE_NAME,
        )
    except QueueUnavailable:
        _close(refresh, FAILED, NO_QUEUE)
    return refresh


def cancel_refresh(refresh: CatalogRefresh) -> None:
    """End a queued or running run; what it has applied stays, what it has not is dropped. Commits."""
    if not _close(refresh, CANCELLED, None):
        return
    try:
        queue.stop(_job_id(refresh))
    except QueueUnavailable:
        # The row is closed, so the worker will find out by itself at its next heartbeat.
        return


def poll_seconds(refresh: CatalogRefresh) -> int:
    """Tell how long a page waits before it asks how far the run is.

    The longer the queue, the longer: however many wait, they ask some ten times a second together, and do not
    slow down the pages of those who work.
    """
    if refresh.status != QUEUED:
        return 1
    try:
        return min(LONGEST_POLL_SECONDS, 1 + queue.depth(QUEUE_NAME) // POLLS_A_SECOND)
    except QueueUnavailable:
        return LONGEST_POLL_SECONDS


def confirm_drop(refresh: CatalogRefresh, store_id: str) -> CatalogRefresh | None:
    """Start a run that may delete what `refresh` withheld in a store; None when it withheld nothing."""
    withheld = {outcome["store_id"] for outcome in refresh.stores if outcome["state"] == GUARDED}
    if store_id not in withheld:
        return None
    return request_refresh(refresh.user_id, [store_id])


def closed_if_dead(refresh: CatalogRefresh | None) -> CatalogRefresh | None:
    """Give the run back, closed first when its worker is dead."""
    if refresh is not None and _is_dead(refresh):
        # A heartbeat that comes in at the last moment keeps the run alive.
        unheard = CatalogRefresh.heartbeat_at.is_not_distinct_from(refresh.heartbeat_at)
        _close(refresh, FAILED, INTERRUPTED, unheard)
    return refresh


def _close(refresh: CatalogRefresh, status: str, error: str | None, *conditions: ColumnElement[bool]) -> bool:
    """Give an active run its outcome; tell whether it still was active."""
    statement = (
        update(CatalogRefresh)
        .where(CatalogRefresh.id == refresh.id, CatalogRefresh.status.in_(ACTIVE), *conditions)
        .values(status=status, error=error, finished_at=now())
        .returning(CatalogRefresh.id)
    )
    was_active = db.session.scalar(statement) is not None
    db.session.commit()
    if was_active:
        count(RUNS, status)
    db.session.refresh(refresh)
    return was_active


def _is_dead(refresh: CatalogRefresh) -> bool:
    if refresh.status == RUNNING and refresh.heartbeat_at is not None:
        # A heartbeat of the future was written before the clock was set back: nobody has written since.
        return abs(now() - refresh.heartbeat_at) > SILENCE
    if refresh.status == QUEUED and now() - refresh.requested_at > QUEUE_GRACE:
        try:
            return not queue.holds(_job_id(refresh))
        except QueueUnavailable:
            return False
    return False


def _is_big(refresh: CatalogRefresh) -> bool:
    """Tell whether the run would keep others waiting, by how many goods there were last time."""
    in_scope = {"store_evotor_id": refresh.only_store} if refresh.only_store else {}
    counted = select(func.sum(GroupSize.products)).filter_by(user_id=refresh.user_id, **in_scope)
    return (db.session.scalar(counted) or 0) > BIG_CATALOGUE


def _job_id(refresh: CatalogRefresh) -> str:
    return f"refresh-{refresh.id}"
