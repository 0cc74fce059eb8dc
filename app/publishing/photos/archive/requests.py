"""Archives as the web and the clock ask for them: begun, decided on, kept, thrown away, forgotten."""

from collections.abc import Sequence
from datetime import timedelta

from flask import current_app
from flask_babel import gettext
from sqlalchemy import ColumnElement, delete, select, update

from app.data.db import db
from app.data.types import now
from app.publishing.photos.archive.incoming import Bundle, forget_older
from app.publishing.photos.archive.looking import place_of
from app.publishing.photos.archive.models import (
    AMBIGUOUS,
    FAILED,
    KEEP,
    MATCHED,
    REFUSED,
    ArchivePicture,
    PhotoArchive,
)
from app.publishing.photos.archive.run import JOB_TIMEOUT_SECONDS, archives, run_archive
from app.words import gettext_noop
from app.work.jobs import job
from app.work.queue import PHOTOS_QUEUE_NAME
from app.work.runs.row import ACTIVE

LIVES = timedelta(hours=24)
NOT_WANTED = gettext_noop("Вы решили не загружать это фото")


def request_look(user_id: int, bundle: Bundle, parts: Sequence[tuple[str, int, int]]) -> PhotoArchive:
    """Let a worker look through an upload, which takes the place of the owner's last one. Commits.

    parts: the name, the offset and the size of each file in the upload. An active run is given instead.
    """
    last = archives.latest(user_id)
    if last is not None and not last.is_active:
        # Another click may have begun it anew meanwhile.
        _delete(last, PhotoArchive.token == last.token)
    wanted = PhotoArchive(user_id=user_id, upload=bundle.name, parts=[list(part) for part in parts])
    found = archives.ask(wanted, run_archive, timeout=JOB_TIMEOUT_SECONDS, queue_name=PHOTOS_QUEUE_NAME)
    if found is wanted:
        bundle.keep()
    return found


def request_keep(archive: PhotoArchive) -> None:
    """Let a worker keep what the owner has seen, unless another click has done so. Commits."""
    if archive.is_active or archive.upload is not None or not archives.hold(archive):
        return
    archive.phase, archive.done, archive.total, archive.step = KEEP, 0, None, ""
    # What did not work before is tried again.
    again = update(ArchivePicture).filter_by(archive_id=archive.id, state=FAILED).values(state=MATCHED)
    db.session.execute(again.execution_options(synchronize_session=False))
    db.session.commit()
    _again(archive)


def look_again(archive: PhotoArchive) -> None:
    """Look through an archive anew whose run did not come to its end. Commits."""
    if not archive.is_active and archive.upload is not None:
        _again(archive)


def choose(archive: PhotoArchive, picture_id: int, number: int | None) -> bool:
    """Say which good a photo is of, by the number of the choice, or None: that it is not wanted. Commits.

    Tells whether the archive has such a photo and choice. Nothing changes once the photo is being kept: a
    worker has taken the goods of all of them by then.
    """
    is_open = not archive.is_active and archives.hold(archive)
    picture = db.session.scalar(select(ArchivePicture).filter_by(archive_id=archive.id, id=picture_id))
    is_known = picture is not None and (number is None or number < len(picture.choices))
    if picture is None or not is_known or not is_open or picture.state not in (AMBIGUOUS, MATCHED):
        db.session.rollback()
        return is_known
    if number is None:
        picture.state, picture.sentence = REFUSED, gettext(NOT_WANTED)
    else:
        picture.good_name, picture.goods = picture.choices[number]
        picture.state = MATCHED
    db.session.commit()
    return True


def discard(archive: PhotoArchive) -> None:
    """Throw an archive away; what was kept of it stays. Commits."""
    archives.end(archive.user_id, PhotoArchive.id == archive.id)
    _delete(archive)


def forget_all_archives(user_id: int) -> None:
    """Delete the files of an owner who leaves; the rows go with the account."""
    place_of(user_id).clear()


@job
def forget_old_archives() -> None:
    """Delete every archive that its owner has left lying, and files that nobody knows of. Commits."""
    is_old = PhotoArchive.requested_at < now() - LIVES
    db.session.execute(delete(PhotoArchive).where(is_old, PhotoArchive.status.not_in(ACTIVE)))
    db.session.commit()
    forget_older(current_app.extensions["settings"].media_dir, 2 * LIVES.total_seconds())


def _delete(archive: PhotoArchive, *conditions: ColumnElement[bool]) -> None:
    statement = delete(PhotoArchive).where(PhotoArchive.id == archive.id, *conditions)
    gone = statement.returning(PhotoArchive.id, PhotoArchive.user_id, PhotoArchive.upload)
    found = db.session.execute(gone.execution_options(synchronize_session=False)).first()
    db.session.commit()
    # Files that a row which is gone has left behind are found in time.
    if found is not None:
        place_of(found.user_id).forget(found.id, found.upload)


def _again(archive: PhotoArchive) -> None:
    archives.queue_again(archive, run_archive, timeout=JOB_TIMEOUT_SECONDS, queue_name=PHOTOS_QUEUE_NAME)
