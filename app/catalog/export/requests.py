"""The life of a workbook that takes long to make: asked for, made by a worker, downloaded, forgotten."""

from collections.abc import Iterator, Mapping
from datetime import timedelta

from sqlalchemy import Select, delete, func, select, update

from app.catalog.export.models import CatalogExport, ExportPart
from app.catalog.export.run import run_export
from app.data.db import db
from app.data.types import now
from app.mirror.models import ACTIVE, FAILED, QUEUED, RUNNING
from app.work.jobs import job
from app.work.queue import QueueUnavailable, queue

# Up to here a workbook is made while the owner waits, in a few seconds.
AT_ONCE = 50_000
JOB_TIMEOUT_SECONDS = 3600
# The heartbeat is written every second; a worker that is silent for so long is dead.
SILENCE = timedelta(seconds=45)
QUEUE_GRACE = timedelta(seconds=20)

INTERRUPTED = "Фоновый процесс остановился, не закончив файл. Начните заново."
NO_QUEUE = "Очередь заданий недоступна, поэтому файл не готовится. Повторите через несколько минут."


def is_big(statement: Select[tuple[object, ...]]) -> bool:
    """Tell whether the list is too long to wait for its workbook."""
    rows = statement.order_by(None).limit(AT_ONCE + 1).subquery()
    return (db.session.scalar(select(func.count()).select_from(rows)) or 0) > AT_ONCE


def request_export(user_id: int, args: Mapping[str, str], file_name: str) -> CatalogExport:
    """Queue a workbook of the list that `args` describe, or give the one that is being made. Commits.

    An owner has one workbook at a time: a new one takes the place of the last.
    """
    forget_expired()
    last = db.session.scalar(
        select(CatalogExport).filter_by(user_id=user_id).order_by(CatalogExport.id.desc()).limit(1)
    )
    last = _closed_if_dead(last)
    if last is not None and last.status in ACTIVE:
        return last
    db.session.execute(delete(CatalogExport).filter_by(user_id=user_id))
    export = CatalogExport(user_id=user_id, args=dict(args), file_name=file_name)
    db.session.add(export)
    db.session.commit()
    try:
        queue.enqueue(run_export, export.id, job_id=_job_id(export), timeout=JOB_TIMEOUT_SECONDS)
    except QueueUnavailable:
        _fail(export, NO_QUEUE)
    return export


def own_export(user_id: int, export_id: int) -> CatalogExport | None:
    """Find a workbook of this owner whose link has not expired."""
    export = db.session.scalar(select(CatalogExport).filter_by(user_id=user_id, id=export_id))
    if export is not None and export.expires_at is not None and export.expires_at < now():
        return None
    return _closed_if_dead(export)


def read_parts(export: CatalogExport) -> Iterator[bytes]:
    """Yield the file piece by piece; needs the application's context as long as it is read."""
    export_id = export.id
    for number in range(export.parts):
        data = db.session.scalar(select(ExportPart.data).filter_by(export_id=export_id, number=number))
        # No connection is kept while somebody's slow line takes the piece in.
        db.session.rollback()
        if data is None:
            return
        yield data


@job
def forget_expired() -> None:
    """Delete every workbook whose link has expired. Commits."""
    db.session.execute(delete(CatalogExport).where(CatalogExport.expires_at < now()))
    db.session.commit()


def _closed_if_dead(export: CatalogExport | None) -> CatalogExport | None:
    if export is not None and _is_dead(export):
        _fail(export, INTERRUPTED)
    return export


def _fail(export: CatalogExport, error: str) -> None:
    db.session.execute(
        update(CatalogExport)
        .where(CatalogExport.id == export.id, CatalogExport.status.in_(ACTIVE))
        .values(status=FAILED, error=error)
    )
    db.session.commit()
    db.session.refresh(export)


def _is_dead(export: CatalogExport) -> bool:
    if export.status == RUNNING and export.heartbeat_at is not None:
        return now() - export.heartbeat_at > SILENCE
    if export.status == QUEUED and now() - export.requested_at > QUEUE_GRACE:
        try:
            return not queue.holds(_job_id(export))
        except QueueUnavailable:
            return False
    return False


def _job_id(export: CatalogExport) -> str:
    return f"export-{export.id}"
