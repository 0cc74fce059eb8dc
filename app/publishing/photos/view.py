"""The pictures of a good or a group as pages show them."""

from collections.abc import Sequence
from typing import NamedTuple

from flask import render_template
from sqlalchemy import select

from app.data.db import db
from app.mirror.models import CachedGroup, CachedProduct
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
    here = {"user_id": user_id, "store_evotor_id": subject.store_id}
    with_pictures = select(GoodPhoto.group_evotor_id).filter_by(**here, evotor_id=None).distinct()
    lenders = set(db.session.scalars(with_pictures))
    if not lenders:
        return None
    if subject.product_id is None:
        below = select(CachedGroup.parent_evotor_id).filter_by(**here, evotor_id=subject.group_id)
    else:
        below = select(CachedProduct.group_evotor_id).filter_by(**here, evotor_id=subject.product_id)
    groups = {
        group_id: (parent_id, name)
        for group_id, parent_id, name in db.session.execute(
            select(CachedGroup.evotor_id, CachedGroup.parent_evotor_id, CachedGroup.name).filter_by(**here)
        )
    }
    group_id = db.session.scalar(below)
    visited: set[str] = set()
    while group_id is not None and group_id in groups and group_id not in visited:
        parent_id, name = groups[group_id]
        if group_id in lenders:
            return group_id, name
        visited.add(group_id)
        group_id = parent_id
    return None
