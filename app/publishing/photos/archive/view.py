"""An archive as its page and its poll show it."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from flask import make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import func, select

from app.data.db import db
from app.publishing.photos.archive.models import (
    AMBIGUOUS,
    FAILED,
    KEEP,
    KEPT,
    MATCHED,
    REFUSED,
    UNKNOWN,
    ArchivePicture,
    PhotoArchive,
)
from app.publishing.photos.archive.run import archives
from app.web.htmx import vary_by_request_type, wants_fragment
from app.words import gettext_noop

# In the order of the page; what the owner has to do comes first.
TITLES = {
    FAILED: gettext_noop("Не сохранились"),
    AMBIGUOUS: gettext_noop("Подходят к нескольким товарам"),
    MATCHED: gettext_noop("Найдены товары"),
    KEPT: gettext_noop("Загружены"),
    UNKNOWN: gettext_noop("Товар не найден"),
    REFUSED: gettext_noop("Не подойдут"),
}
PREVIEW, PAGE = 20, 100


class Section(NamedTuple):
    """The files of one state: how many, those shown, and from which number on the next ones are."""

    state: str
    title: str
    total: int
    pictures: Sequence[ArchivePicture]
    after: int | None


class ArchiveView(NamedTuple):
    """An archive with what is in it, as far as it does not move; `counts` are by state."""

    row: PhotoArchive
    poll_seconds: int
    is_unattended: bool
    counts: dict[str, int]
    sections: list[Section]
    place: dict[str, Any]

    @property
    def is_kept(self) -> bool:
        """Whether the owner's word was given and carried out."""
        return self.row.phase == KEEP and not self.row.is_active


def archive_view(archive: PhotoArchive, state: str | None = None, after: int | None = None) -> ArchiveView:
    """Describe an archive: the beginning of each section, or one section from a number on."""
    counts = {} if archive.is_active else _counts(archive)
    wanted = [state] if state in TITLES else TITLES
    size = PAGE if state in TITLES else PREVIEW
    sections = [
        _section(archive, each, counts[each], after or 0, size) for each in wanted if counts.get(each)
    ]
    return ArchiveView(
        archive,
        archives.poll_seconds(archive),
        archives.is_unattended(archive),
        counts,
        sections,
        {"state": state, "after": after} if state else {},
    )


def shown_archive(archive: PhotoArchive, **place: Any) -> ResponseReturnValue:
    """The answer to what was done about an archive: its fragment, or the way to its page.

    place: `state` and `after` of the part that the page shows.
    """
    if wants_fragment():
        return fragment_of(archive_view(archive, **place))
    return redirect(url_for("photos.archives.show", archive_id=archive.id, **place), 303)


def fragment_of(view: ArchiveView) -> ResponseReturnValue:
    """The part of the page that is polled."""
    return vary_by_request_type(make_response(render_template("photos/_archive.html", view=view)))


def _counts(archive: PhotoArchive) -> dict[str, int]:
    rows = db.session.execute(
        select(ArchivePicture.state, func.count())
        .filter_by(archive_id=archive.id)
        .group_by(ArchivePicture.state)
    )
    return {state: count for state, count in rows}


def _section(archive: PhotoArchive, state: str, total: int, after: int, size: int) -> Section:
    rows = db.session.scalars(
        select(ArchivePicture)
        .filter_by(archive_id=archive.id, state=state)
        .where(ArchivePicture.number > after)
        .order_by(ArchivePicture.number)
        .limit(size + 1)
    ).all()
    pictures = rows[:size]
    rest_from = pictures[-1].number if len(rows) > size else None
    return Section(state, gettext(TITLES[state]), total, pictures, rest_from)
