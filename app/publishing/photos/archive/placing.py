"""The photos of an archive kept, good by good, once the owner has seen whose they are."""

import json
from collections import defaultdict
from collections.abc import Sequence
from functools import partial
from typing import Any

from flask_babel import gettext
from sqlalchemy import func, select, update

from app.data.db import db
from app.publishing.photos.archive.looking import TURN_SECONDS, place_of
from app.publishing.photos.archive.models import AMBIGUOUS, KEPT, MATCHED, ArchivePicture, PhotoArchive
from app.publishing.photos.archive.models import FAILED as NOT_KEPT
from app.publishing.photos.keeping import place_pictures
from app.publishing.photos.picture_files import PictureFiles, PictureLost
from app.publishing.photos.pictures import Picture, kept_picture
from app.publishing.photos.refusal import NO_SPACE, Refusal
from app.publishing.photos.subject import Subject
from app.words import gettext_noop
from app.work.runs.row import DONE, FAILED, PARTIAL
from app.work.runs.running import Running

LOST = gettext_noop("Фото не сохранилось на сервере. Загрузите его ещё раз")

Taken = list[tuple[str, Picture]]


class _DiskIsFull(Exception):
    """No picture can be kept any more."""


def keep(running: Running[PhotoArchive]) -> None:
    """Keep every photo whose good is known; one that a good has already is no failure.

    Raises GivesWay, as a look does.
    """
    files = place_of(running.user_id).files(running.id)
    by_goods = _waiting(running.id)
    done = running.row.done if running.goes_on else 0
    total = done + sum(map(len, by_goods.values()))
    # The heartbeat, which is a thread of its own, speaks nobody's language.
    step = gettext("Сохраняем фото")

    def progress() -> dict[str, Any]:
        return {"step": step, "done": done, "total": total}

    try:
        with running.beating(progress):
            for goods, waiting in by_goods.items():
                running.check()
                _keep_of(running, [Subject(*good) for good in json.loads(goods)], _read(files, waiting))
                done += len(waiting)
                if done < total:
                    running.give_way(TURN_SECONDS)
    except _DiskIsFull:
        running.finish(FAILED, gettext(NO_SPACE))
        return
    failed, open_questions = (db.session.scalar(_count(running.id, state)) for state in (NOT_KEPT, AMBIGUOUS))
    db.session.rollback()
    is_over = running.finish(PARTIAL if failed else DONE, done=total, total=total)
    if is_over and not failed and not open_questions:
        files.clear()


def _waiting(archive_id: int) -> dict[str, list[tuple[int, str]]]:
    """The keys and digests of what is to be kept, by the goods it is for, in their order there."""
    rows = db.session.execute(
        select(ArchivePicture.id, ArchivePicture.digest, ArchivePicture.goods)
        .filter_by(archive_id=archive_id, state=MATCHED)
        .order_by(ArchivePicture.place, ArchivePicture.number)
    )
    by_goods: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
    for key, digest, goods in rows:
        by_goods[json.dumps(goods)].append((key, digest or ""))
    db.session.rollback()
    return dict(by_goods)


def _read(files: PictureFiles, waiting: Sequence[tuple[int, str]]) -> tuple[Taken, dict[int, Refusal | None]]:
    """The pictures by the keys of their rows, and what became of each so far: None, or why it is not kept."""
    taken: Taken = []
    outcomes: dict[int, Refusal | None] = {}
    for key, digest in waiting:
        try:
            taken.append((str(key), kept_picture(files.read(digest), digest)))
            outcomes[key] = None
        except PictureLost:
            outcomes[key] = Refusal("", gettext(LOST))
    return taken, outcomes


def _keep_of(
    running: Running[PhotoArchive], subjects: Sequence[Subject], read: tuple[Taken, dict[int, Refusal | None]]
) -> None:
    taken, outcomes = read
    refused: defaultdict[int, list[Refusal]] = defaultdict(list)

    def approve(refusals: list[Refusal], *, is_last: bool) -> None:
        for refusal in refusals:
            refused[int(refusal.name)].append(refusal)
        if is_last:
            # What one good of the same kind took is kept, wherever else there was no room.
            outcomes.update({key: said[0] for key, said in refused.items() if len(said) == len(subjects)})
            _write(outcomes)
        running.verify(db.session.connection())

    for number, subject in enumerate(subjects, 1):
        say_so = partial(approve, is_last=number == len(subjects))
        place_pictures(running.user_id, subject, taken, say_so)
    if any(refusal.is_ours for every in refused.values() for refusal in every):
        raise _DiskIsFull


def _write(outcomes: dict[int, Refusal | None]) -> None:
    for key, refusal in outcomes.items():
        if refusal is not None and refusal.is_ours:
            continue  # It waits for the next try.
        state = KEPT if refusal is None or refusal.is_there else NOT_KEPT
        values: dict[str, Any] = {"state": state} | ({"sentence": refusal.sentence} if refusal else {})
        db.session.execute(
            update(ArchivePicture)
            .where(ArchivePicture.id == key, ArchivePicture.state == MATCHED)
            .values(values)
            .execution_options(synchronize_session=False)
        )


def _count(archive_id: int, state: str) -> Any:
    return select(func.count()).select_from(ArchivePicture).filter_by(archive_id=archive_id, state=state)
