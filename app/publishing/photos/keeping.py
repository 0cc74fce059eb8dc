"""Pictures taken in, put in order and forgotten: rows and files together, one change at a time."""

import errno
import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import IO, NamedTuple

from flask import current_app
from flask_babel import gettext
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import SQLAlchemyError

from app.accounts.models import User
from app.data.db import db
from app.publishing.ledger.refused import try_pictures_anew
from app.publishing.photos.models import GoodPhoto, Photo
from app.publishing.photos.picture_files import PictureFiles, PictureLost
from app.publishing.photos.pictures import Picture, PictureRefused, prepare
from app.publishing.photos.refusal import DOUBLE, NO_SPACE, NOT_WRITTEN, Refusal, full
from app.publishing.photos.small import keep_small
from app.publishing.photos.subject import Subject
from app.publishing.planning.desired import PHOTOS_MAX
from app.publishing.settings.save import note_new_plan

log = logging.getLogger(__name__)

# A picture unpacked may take some 200 MB, and a process serves several visitors.
_one_unpacked = threading.Lock()


class Upload(NamedTuple):
    """A file as the owner sent it: its name there, and its content."""

    name: str
    stream: IO[bytes]


class Placed(NamedTuple):
    """A picture in its place: `id` is the place's key, `photo_id` the picture's."""

    id: int
    photo_id: int
    digest: str


def files_of(user_id: int) -> PictureFiles:
    """The owner's files."""
    return PictureFiles(current_app.extensions["settings"].media_dir, user_id)


def pictures_of(user_id: int, subject: Subject) -> list[Placed]:
    """Read the pictures of a good or a group, in their order."""
    placed = (
        select(GoodPhoto.id, GoodPhoto.photo_id, Photo.digest)
        .join(Photo, Photo.id == GoodPhoto.photo_id)
        .where(subject.owns(user_id))
        .order_by(GoodPhoto.place, GoodPhoto.id)
    )
    return [Placed(*row) for row in db.session.execute(placed)]


def keep(
    user_id: int, subject: Subject, uploads: Iterable[Upload], *, also: Sequence[Subject] = ()
) -> list[Refusal]:
    """Add pictures to a good or a group; give those refused, the others are kept all the same. Commits.

    also: the same good in other stores; what one of them has no room for is not told.
    """
    refusals: list[Refusal] = []
    taken: list[tuple[str, Picture]] = []
    for upload in uploads:
        try:
            if len(taken) == PHOTOS_MAX:
                raise PictureRefused(full())
            with _one_unpacked:
                taken.append((upload.name, prepare(upload.stream)))
        except PictureRefused as refused:
            refusals.append(Refusal(upload.name, str(refused)))
    if not taken:
        return refusals
    refusals += place_pictures(user_id, subject, taken)
    for other in also:
        place_pictures(user_id, other, taken)
    return refusals


def place_pictures(
    user_id: int,
    subject: Subject,
    taken: Sequence[tuple[str, Picture]],
    approve: Callable[[list[Refusal]], None] = lambda refusals: None,
) -> list[Refusal]:
    """Give a good or a group pictures that are prepared, by name; give those refused. Commits.

    approve: the last word within the transaction; what it raises leaves everything as it was.
    """
    refusals: list[Refusal] = []
    files, written = files_of(user_id), list[str]()

    def unwrite() -> None:
        with suppress(SQLAlchemyError):
            for digest in written:
                _remove_file(user_id, digest)

    with _one_change_at_a_time(user_id, undo=unwrite):
        there = {placed.digest for placed in pictures_of(user_id, subject)}
        for name, picture in taken:
            is_there = picture.digest in there
            refusal = None
            if len(there) >= PHOTOS_MAX and not is_there:
                refusal = Refusal(name, full())
            elif not files.holds(picture):
                # Also when a row knows it: a backup may have come back without its files.
                sentence = _put(files, picture)
                refusal = Refusal(name, gettext(sentence), is_ours=True) if sentence else None
                try_pictures_anew(user_id)
            elif is_there:
                refusal = Refusal(name, gettext(DOUBLE), is_there=True)
            if refusal is not None:
                refusals.append(refusal)
            if refusal is not None or is_there:
                continue
            photo_id = _known(user_id, picture)
            if photo_id is None:
                written.append(picture.digest)
                photo_id = _new_photo(user_id, picture)
            db.session.add(_placed_last(user_id, subject, photo_id))
            there.add(picture.digest)
        approve(refusals)
    return refusals


def move(user_id: int, placed_id: int, *, earlier: bool) -> Subject | None:
    """Let a picture change places with its neighbour; None when the owner has none of this key. Commits."""
    with _one_change_at_a_time(user_id):
        subject = _subject_of(user_id, placed_id)
        if subject is None:
            return None
        order = [placed.id for placed in pictures_of(user_id, subject)]
        at = order.index(placed_id)
        neighbour = at - 1 if earlier else at + 1
        if 0 <= neighbour < len(order):
            order[at], order[neighbour] = order[neighbour], order[at]
            for place, key in enumerate(order):
                db.session.execute(update(GoodPhoto).filter_by(id=key).values(place=place))
        return subject


def forget(user_id: int, placed_id: int) -> Subject | None:
    """Take a picture off its good or group; None when the owner has none of this key. Commits."""
    with _one_change_at_a_time(user_id):
        subject = _subject_of(user_id, placed_id)
        if subject is None:
            return None
        photo_id = db.session.scalar(delete(GoodPhoto).filter_by(id=placed_id).returning(GoodPhoto.photo_id))
        stays = db.session.scalar(select(GoodPhoto.id).filter_by(photo_id=photo_id).limit(1)) is not None
        gone = delete(Photo).filter_by(id=photo_id).returning(Photo.digest)
        digest = None if stays else db.session.scalar(gone)
    if digest is not None:
        _remove_file(user_id, digest)
    return subject


def forget_all_pictures(user_id: int) -> None:
    """Delete the files of an owner who leaves; the rows go with the account."""
    files_of(user_id).clear()


def _put(files: PictureFiles, picture: Picture) -> str | None:
    """Write the file; the sentence for the owner, to be translated, when it could not be written."""
    try:
        files.put(picture)
        with suppress(PictureLost):
            keep_small(files, picture.digest, picture.data)
    except OSError as error:
        log.error("a picture was not written: %s", error)
        return NO_SPACE if error.errno in (errno.ENOSPC, errno.EDQUOT) else NOT_WRITTEN
    return None


def _known(user_id: int, picture: Picture) -> int | None:
    """The key of a picture that the owner has already, wherever it belongs."""
    return db.session.scalar(select(Photo.id).filter_by(user_id=user_id, digest=picture.digest))


def _new_photo(user_id: int, picture: Picture) -> int:
    row = Photo(user_id=user_id, digest=picture.digest, side=picture.side, size=len(picture.data))
    db.session.add(row)
    db.session.flush()
    return row.id


def _placed_last(user_id: int, subject: Subject, photo_id: int) -> GoodPhoto:
    last = db.session.scalar(select(func.max(GoodPhoto.place)).where(subject.owns(user_id)))
    return GoodPhoto(
        user_id=user_id,
        photo_id=photo_id,
        store_evotor_id=subject.store_id,
        evotor_id=subject.product_id,
        group_evotor_id=subject.group_id,
        place=0 if last is None else last + 1,
    )


def _subject_of(user_id: int, placed_id: int) -> Subject | None:
    found = db.session.execute(
        select(GoodPhoto.store_evotor_id, GoodPhoto.evotor_id, GoodPhoto.group_evotor_id).filter_by(
            user_id=user_id, id=placed_id
        )
    ).first()
    return Subject(*found) if found else None


def _remove_file(user_id: int, digest: str) -> None:
    """Remove a file that no row names, unless the same picture has come back meanwhile."""
    with _one_change_at_a_time(user_id):
        named = select(Photo.id).filter_by(user_id=user_id, digest=digest)
        if db.session.scalar(named) is None:
            files_of(user_id).remove(digest)


@contextmanager
def _one_change_at_a_time(user_id: int, undo: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Hold the owner's row, so that files and rows agree; then commit, and say that the plan has changed.

    undo: takes back what was written beside the database, when that does not say that it has committed.
    """
    try:
        hold = update(User).filter_by(id=user_id).values(id=User.id)
        db.session.execute(hold.execution_options(synchronize_session=False))
        yield
        note_new_plan(user_id)
        db.session.commit()
    except BaseException:
        db.session.rollback()
        undo()
        raise
