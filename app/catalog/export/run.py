"""A workbook of many rows, as a worker makes it."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from tempfile import TemporaryFile
from typing import IO

from sqlalchemy import Engine, func, insert, select, update

from app.catalog.export.csv_stream import rows_of
from app.catalog.export.models import CatalogExport, ExportPart
from app.catalog.export.sheets import select_file
from app.catalog.export.workbook import write_workbook
from app.data.db import db
from app.data.types import now
from app.mirror.models import DONE, FAILED, QUEUED, RUNNING
from app.work.jobs import job

log = logging.getLogger(__name__)

LINK_LIVES = timedelta(hours=24)
NOTHING_TO_WRITE = "Магазина или группы больше нет в каталоге."
OUR_FAULT = "Файл не получился из-за ошибки у нас. Начните заново через минуту."
_PART_BYTES = 1024 * 1024
_WRITE_SECONDS = 1.0


class ExportDropped(Exception):
    """The owner, or the owner's account, no longer wants the file."""


@job
def run_export(export_id: int) -> None:
    """Make the workbook and keep it in the database; the row holds the outcome.

    Does nothing for one that is not queued any more, so a job delivered twice runs once.
    """
    export = _start(export_id)
    if export is None:
        return
    try:
        _make(db.engine, export_id, export.user_id, export.args)
    except ExportDropped:
        log.info("export %s was dropped", export_id)
    except Exception:
        log.exception("export %s failed", export_id)
        db.session.rollback()
        _finish(export_id, status=FAILED, error=OUR_FAULT)
        raise


def _make(engine: Engine, export_id: int, user_id: int, args: dict[str, str]) -> None:
    selected = select_file(user_id, args)
    if selected is None:
        return _finish(export_id, status=FAILED, error=NOTHING_TO_WRITE)
    statement, sheet = selected
    rows = statement.order_by(None).subquery()
    total = db.session.scalar(select(func.count()).select_from(rows)) or 0
    db.session.commit()
    with TemporaryFile() as file, _progress(engine, export_id, total) as progress:
        write_workbook(file, rows_of(engine, statement, sheet), sheet, progress.report)
        parts = _keep(engine, export_id, file)
    finished = now()
    _finish(
        export_id,
        status=DONE,
        done=total,
        parts=parts,
        finished_at=finished,
        expires_at=finished + LINK_LIVES,
    )


def _keep(engine: Engine, export_id: int, file: IO[bytes]) -> int:
    file.seek(0)
    number = 0
    while data := file.read(_PART_BYTES):
        with engine.begin() as connection:
            connection.execute(insert(ExportPart).values(export_id=export_id, number=number, data=data))
        number += 1
    return number


class _Progress:
    """How many rows are written, told to the database every second by a thread of its own.

    The end of a workbook takes long without a row, so the heartbeat must not wait for one.
    """

    def __init__(self, engine: Engine, export_id: int, total: int) -> None:
        self._engine = engine
        self._export_id = export_id
        self._total = total
        self._written = 0
        self._dropped = False
        self._ended = threading.Event()

    def report(self, written: int) -> None:
        if self._dropped:
            raise ExportDropped
        self._written = written

    def beat(self) -> None:
        while True:
            values = {"done": min(self._written, self._total), "total": self._total, "heartbeat_at": now()}
            with self._engine.begin() as connection:
                kept = connection.execute(
                    update(CatalogExport).filter_by(id=self._export_id, status=RUNNING).values(values)
                )
            self._dropped = not kept.rowcount
            if self._ended.wait(_WRITE_SECONDS):
                return

    def end(self) -> None:
        self._ended.set()


@contextmanager
def _progress(engine: Engine, export_id: int, total: int) -> Iterator[_Progress]:
    progress = _Progress(engine, export_id, total)
    thread = threading.Thread(target=progress.beat, name="export-heartbeat", daemon=True)
    thread.start()
    try:
        yield progress
    finally:
        progress.end()
        thread.join()


def _start(export_id: int) -> CatalogExport | None:
    statement = (
        update(CatalogExport)
        .where(CatalogExport.id == export_id, CatalogExport.status == QUEUED)
        .values(status=RUNNING, heartbeat_at=now())
        .returning(CatalogExport)
    )
    export = db.session.scalar(statement)
    db.session.commit()
    return export


def _finish(export_id: int, **values: object) -> None:
    db.session.execute(update(CatalogExport).filter_by(id=export_id, status=RUNNING).values(values))
    db.session.commit()
