"""The run of an archive as a worker carries it out: once to look through it, once more to keep its photos."""

from app.publishing.photos.archive.looking import look
from app.publishing.photos.archive.models import LOOK, PhotoArchive
from app.publishing.photos.archive.placing import keep
from app.words import gettext_noop
from app.work.jobs import job
from app.work.runs.carrying_out import carry_out
from app.work.runs.life import Runs
from app.work.runs.running import Running

# Twenty thousand photos of a phone take some half an hour.
JOB_TIMEOUT_SECONDS = 2 * 3600
NO_QUEUE = gettext_noop("Очередь заданий недоступна, поэтому фото ждут. Повторите через несколько минут")
OUR_FAULT = gettext_noop("Не получилось из-за ошибки у нас. Ничего не потеряно, повторите")

archives = Runs(PhotoArchive, "photo-archive", no_queue=NO_QUEUE)


@job
def run_archive(archive_id: int) -> None:
    """Do what the archive's phase says; the row holds the outcome."""
    carry_out(archives, archive_id, _work, our_fault=OUR_FAULT)


def _work(running: Running[PhotoArchive]) -> None:
    if running.row.phase == LOOK:
        look(running)
    else:
        keep(running)
