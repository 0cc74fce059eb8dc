"""The pictures of a good or a group as pages show them."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from flask import render_template
from sqlalchemy import CTE, ColumnElement, func, select

from app.data.db import db
from app.data.recursion import step
from app.mirror.models import CachedGroup
from app.mirror.way_up import above_good, above_group, is_at, way_up
from app.publishing.photos.keeping import Placed, pictures_of
from app.publishing.photos.models import GoodPhoto
from app.publishing.photos.refusal import Refusal
from app.publishing.photos.subject import Subject
from app.publishing.planning.desired import PHOTOS_MAX


class PhotosView(NamedTuple):
    """The pictures in their order; `lent` are those of the nearest group, while a good has none of its own.

    `lender` names that group. `refusals` are the files that were just refused, `kept` how many were not.
    """

    subject: Subject
    name: str
    placed: list[Placed]
    lent: Sequence[Placed] = ()
    lender: str | None = None
    refusals: Sequence[Refusal] = ()
    kept: int = 0

    @property
    def room(self) -> int:
        """How many more would fit."""
        return max(0, PHOTOS_MAX - len(self.placed))


def photos_view(
    user_id: int, subject: Subject, name: str, refusals: Sequence[Refusal] = (), kept: int = 0
) -> PhotosView:
    """Read the pictures of a good or a group, and what its group lends it."""
    placed = pictures_of(user_id, subject)
    view = PhotosView(subject, name, placed, refusals=refusals, kept=kept)
    lender = None if placed else _lender(user_id, subject)
    if lender is None:
        return view
    group_id, group_name = lender
    return view._replace(
        lent=pictures_of(user_id, Subject(subject.store_id, None, group_id)), lender=group_name
    )


def photos_fragment(view: PhotosView) -> str:
    """The part of a page that shows the pictures and takes new ones."""
    return render_template("photos/_photos.html", photos=view)


def _lender(user_id: int, subject: Subject) -> tuple[str, str] | None:
    """The nearest group above that has pictures: its id and name."""
    if subject.product_id is not None:
        start = above_good(user_id, subject.store_id, subject.product_id)
    else:
        start = above_group(user_id, subject.store_id, subject.group_id)

    def picture_on(way: CTE) -> ColumnElement[Any]:
        # A scalar, as in `app.rules.as_sql.nearest_mode`.
        is_its = is_at(way, user_id, GoodPhoto, GoodPhoto.group_evotor_id)
        return select(func.min(GoodPhoto.id)).where(is_its).scalar_subquery()

    way = way_up(user_id, start, lambda way: picture_on(way).is_(None))
    groups = CachedGroup.__table__
    is_named = is_at(way, user_id, groups.c, groups.c.evotor_id)
    named = select(groups.c.evotor_id, groups.c.name).select_from(step(way, groups, is_named))
    found = db.session.execute(named.where(picture_on(way).is_not(None))).first()
    return None if found is None else (found[0], found[1])
