"""Workbooks that take long to make, as the web asks for them: begun, downloaded, forgotten."""

from collections.abc import Mapping
from typing import IO

from sqlalchemy import Select, delete, func, or_, select

from app.catalog.export.models import CatalogExport, ExportPart
from app.catalog.export.run import LINK_LIVES, exports, run_export
from app.data.db import db
from app.data.types import now
from app.work.jobs import job

# Up to here a workbook is made while the owner waits, in a few seconds.
AT_ONCE = 50_000
JOB_TIMEOUT_SECONDS = 3600


def is_big(statement: Select[tuple[object, ...]]) -> bool:
    """Tell whether the list is too long to wait for its workbook."""
    rows = statement.order_by(None).limit(AT_ONCE + 1).subquery()
    return (db.session.scalar(select(func.count()).select_from(rows)) or 0) > AT_ONCE


def request_export(user_id: int, args: Mapping[str, str], file_name: str) -> CatalogExport:
    """Queue a workbook of the list that `args` describe, or give the one that is being made. Commits.

    An owner has one workbook at a time: a new one takes the place of the last.
    """
    forget_expired()
    last = exports.latest(user_id)
    if last is not None and not last.is_active:
        db.session.execute(delete(CatalogExport).filter_by(id=last.id, token=last.token))
    wanted = CatalogExport(user_id=user_id, args=dict(args), file_name=file_name)
    return exports.ask(wanted, run_export, timeout=JOB_TIMEOUT_SECONDS)


def own_export(user_id: int, export_id: int) -> CatalogExport | None:
    """Find a workbook of this owner whose link has not expired."""
    export = exports.own(user_id, export_id)
    if export is not None and export.expires_at is not None and export.expires_at < now():
        return None
    return export


def write_whole(export: CatalogExport, file: IO[bytes]) -> bool:
    """Write the workbook into `file`; tell whether none has taken its place meanwhile."""
    export_id = export.id
    for number in range(export.parts):
        data = db.session.scalar(select(ExportPart.data).filter_by(export_id=export_id, number=number))
        if data is None:
            return False
        file.write(data)
    # No connection is kept while somebody's slow line takes the file in.
    db.session.rollback()
    return True


@job
def forget_expired() -> None:
    """Delete every workbook whose link has expired, and what never became one. Commits."""
    is_over = or_(
        CatalogExport.expires_at < now(),
        # Failed or lost: nobody waits for it so long.
        CatalogExport.requested_at < now() - 2 * LINK_LIVES,
    )
    db.session.execute(delete(CatalogExport).where(is_over))
    db.session.commit()
