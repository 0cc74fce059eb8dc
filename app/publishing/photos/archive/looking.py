"""An archive looked through: whose each photo is, and whether it can be shown. Nothing is kept yet."""

import errno
import io
import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, NamedTuple

from flask import current_app
from flask_babel import gettext
from sqlalchemy import delete, func, select

from app.data.db import db
from app.publishing.photos.archive.file_names import shown_name
from app.publishing.photos.archive.incoming import Extent, PartOfUpload, Place
from app.publishing.photos.archive.matching import (
    Match,
    choices_in_words,
    goods_named,
    match,
    stores_of,
    words_of,
)
from app.publishing.photos.archive.models import (
    AMBIGUOUS,
    MATCHED,
    REFUSED,
    UNKNOWN,
    ArchivePicture,
    PhotoArchive,
)
from app.publishing.photos.archive.zip_file import ArchiveRefused, Room, entries_of, is_archive
from app.publishing.photos.pictures import UPLOAD_MAX, PictureRefused, prepare
from app.publishing.photos.refusal import NO_SPACE, full
from app.publishing.planning.desired import PHOTOS_MAX
from app.words import gettext_noop
from app.work.runs.row import DONE, FAILED
from app.work.runs.running import Running

LOST = gettext_noop("Загруженный файл не сохранился. Загрузите его ещё раз")
NOBODYS = gettext_noop("Ни штрихкода, ни артикула, ни кода, ни названия такого нет")
_ROWS_AT_ONCE = 25
# What a turn begins with, the list of twenty thousand files and their goods, takes some two.
TURN_SECONDS = 15.0
# So many files are made into pictures for one good, which keeps a quarter of them: each takes half a second.
LOOKED_AT_MAX = 4 * PHOTOS_MAX
_SENTENCE, _GOOD_NAME = 500, 300


class Source(NamedTuple):
    """A file of the upload, or within an archive of it: its name, its content or the sentence against it."""

    name: str
    read: Callable[[], bytes]
    refusal: str | None = None


def place_of(user_id: int) -> Place:
    """Where what the owner has not kept yet lies."""
    return Place(current_app.extensions["settings"].media_dir, user_id)


def look(running: Running[PhotoArchive]) -> None:
    """Write down what is in the upload, and put the pictures of known goods among the archive's files.

    Raises GivesWay once its turn is over and others wait, and goes on from there in the next one.
    """
    place = place_of(running.user_id)
    upload = place.upload(running.row.upload or "")
    # The heartbeat, which is a thread of its own, speaks nobody's language.
    done, total, step = 0, 0, gettext("Смотрим фото")

    def progress() -> dict[str, Any]:
        return {"step": step, "done": done, "total": total or None}

    try:
        with io.FileIO(upload) as file, running.beating(progress):
            done = _begun(running, place)
            sources = list(_sources(file, running.row.parts))
            total = len(sources)
            for number, pictures in _looked_at(running, place, sources, done):
                db.session.add_all(pictures)
                db.session.flush()
                running.verify(db.session.connection())
                db.session.commit()
                done = number
                if done < total:
                    running.give_way(TURN_SECONDS)
    except FileNotFoundError:
        running.finish(FAILED, gettext(LOST))
        return
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        db.session.rollback()
        running.finish(FAILED, gettext(NO_SPACE))
        return
    if running.finish(DONE, done=total, total=total, upload=None):
        upload.unlink(missing_ok=True)


def _begun(running: Running[PhotoArchive], place: Place) -> int:
    """How many files it has looked at in earlier turns; what another run has left unfinished is forgotten."""
    if running.goes_on:
        seen = db.session.scalar(select(func.max(ArchivePicture.number)).filter_by(archive_id=running.id))
        db.session.commit()
        return seen or 0
    place.files(running.id).clear()
    db.session.execute(delete(ArchivePicture).filter_by(archive_id=running.id))
    running.verify(db.session.connection())
    db.session.commit()
    return 0


def _sources(file: io.FileIO, parts: Iterable[Any]) -> Iterator[Source]:
    room = Room()
    for name, offset, size in parts:
        part = PartOfUpload(offset, size)
        start = Extent(file, part).read(8) or b""
        if not is_archive(start, name):
            yield Source(name, _content(file, part))
            continue
        try:
            yield from (Source(*entry) for entry in entries_of(Extent(file, part), room))
        except ArchiveRefused as refused:
            yield Source(name, bytes, str(refused))


def _content(file: io.FileIO, part: PartOfUpload) -> Callable[[], bytes]:
    return lambda: io.BufferedReader(Extent(file, part)).read(UPLOAD_MAX + 1)


def _looked_at(
    running: Running[PhotoArchive], place: Place, sources: list[Source], seen: int
) -> Iterator[tuple[int, list[ArchivePicture]]]:
    """Yield how many were looked at, and some more of them: those after the first `seen`."""
    names = [shown_name(source.name) for source in sources]
    goods = goods_named(running.user_id, names)
    stores = stores_of(running.user_id)
    made = _made_before(running.id)
    # No connection to the database is held while pictures are made.
    db.session.commit()
    rows: list[ArchivePicture] = []
    turn_ends_at = time.monotonic() + TURN_SECONDS
    files = islice(enumerate(zip(sources, names, strict=True), 1), seen, None)
    for number, (source, name) in files:
        running.check()
        # Only what is made into pictures takes long.
        is_turn_over = False
        row = ArchivePicture(archive_id=running.id, number=number, name=name or "…", state=UNKNOWN)
        if source.refusal:
            row.state, row.sentence = REFUSED, source.refusal
        else:
            _describe(row, match(name, goods), stores)
        if row.state in (MATCHED, AMBIGUOUS):
            whose = json.dumps(row.goods or row.choices)
            made[whose] += 1
            if made[whose] > LOOKED_AT_MAX:
                row.state, row.sentence = REFUSED, full()
            else:
                _make(row, source, place)
                is_turn_over = time.monotonic() > turn_ends_at
        rows.append(row)
        if is_turn_over or len(rows) == _ROWS_AT_ONCE:
            yield number, rows
            rows = []
    yield len(sources), rows


def _made_before(archive_id: int) -> Counter[str]:
    """How many files were made into pictures in earlier turns, by whose they are."""
    rows = db.session.execute(
        select(ArchivePicture.goods, ArchivePicture.choices).filter_by(archive_id=archive_id)
    )
    return Counter(json.dumps(goods or choices) for goods, choices in rows if goods or choices)


def _describe(row: ArchivePicture, found: Match, stores: Any) -> None:
    row.sentence, row.place = (found.sentence or gettext(NOBODYS))[:_SENTENCE], found.place
    if len(found.choices) == 1:
        (goods,) = found.choices
        row.state, row.goods = MATCHED, [list(good[:2]) for good in goods]
        row.good_name = words_of(goods, stores)[:_GOOD_NAME]
    elif found.choices:
        row.state = AMBIGUOUS
        row.choices = [
            [words[:_GOOD_NAME], [list(good[:2]) for good in choice]]
            for words, choice in zip(choices_in_words(found, stores), found.choices, strict=True)
        ]


def _make(row: ArchivePicture, source: Source, place: Place) -> None:
    """Make the picture that would be kept, and put it among the archive's files; raises OSError."""
    try:
        picture = prepare(io.BytesIO(source.read()))
    except (PictureRefused, ArchiveRefused) as refused:
        row.state, row.sentence = REFUSED, str(refused)
        return
    place.files(row.archive_id).put(picture)
    row.digest = picture.digest
