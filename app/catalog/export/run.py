"""A workbook of many rows, as a worker makes it."""

from datetime import timedelta
from tempfile import TemporaryFile
from typing import IO, Any

from flask_babel import gettext
from sqlalchemy import func, insert, select

from app.catalog.export.csv_stream import rows_of
from app.catalog.export.models import CatalogExport, ExportPart
from app.catalog.export.sheets import select_file
from app.data.db import db
from app.data.types import now
from app.web.workbook import write_workbook
from app.words import gettext_noop
from app.work.jobs import job
from app.work.runs.carrying_out import carry_out
from app.work.runs.life import Runs
from app.work.runs.row import DONE, FAILED
from app.work.runs.running import Running

LINK_LIVES = timedelta(hours=24)
NO_QUEUE = gettext_noop(
    "Очередь заданий недоступна, поэтому файл не готовится; повторите через несколько минут"
)
NOTHING_TO_WRITE = gettext_noop("Магазина или группы больше нет в каталоге")
OUR_FAULT = gettext_noop("Файл не получился из-за ошибки у нас; начните заново через минуту")
WRITING, SAVING = gettext_noop("Записываем строки"), gettext_noop("Сохраняем файл")
_PART_BYTES = 1024 * 1024

exports = Runs(CatalogExport, "export", no_queue=NO_QUEUE)


@job
def run_export(export_id: int) -> None:
    """Make the workbook and keep it in the database; the row holds the outcome."""
    carry_out(exports, export_id, _make, our_fault=OUR_FAULT)


def _make(running: Running[CatalogExport]) -> None:
    selected = select_file(running.user_id, running.row.args)
    if selected is None:
        running.finish(FAILED, gettext(NOTHING_TO_WRITE))
        return
    statement, sheet = selected
    rows = statement.order_by(None).subquery()
    total = db.session.scalar(select(func.count()).select_from(rows)) or 0
    db.session.commit()
    written = 0
    # The heartbeat, which is a thread of its own, speaks nobody's language.
    writing, saving = gettext(WRITING), gettext(SAVING)

    def report(rows_written: int) -> None:
        nonlocal written
        running.check()
        written = rows_written

    def progress() -> dict[str, Any]:
        # The end of a workbook takes long without a row.
        step = saving if written >= total else writing
        return {"step": step, "done": min(written, total), "total": total}

    with TemporaryFile() as file, running.beating(progress):
        write_workbook(file, rows_of(running.engine, statement, sheet), sheet, report)
        parts = _keep(running, file)
        finished = now()
        running.finish(DONE, done=total, parts=parts, finished_at=finished, expires_at=finished + LINK_LIVES)


def _keep(running: Running[CatalogExport], file: IO[bytes]) -> int:
    file.seek(0)
    number = 0
    while data := file.read(_PART_BYTES):
        with running.engine.begin() as connection:
            connection.execute(insert(ExportPart).values(export_id=running.id, number=number, data=data))
            running.verify(connection)
        number += 1
    return number
