"""What a view is, and how it is kept and removed."""

import secrets
from collections.abc import Sequence
from typing import NamedTuple

from flask_babel import gettext
from sqlalchemy import select

from app.catalog.views.models import SavedViews
from app.data.db import db
from app.data.engine import insert_if_missing
from app.mirror.folding import fold
from app.mirror.models import CachedStore
from app.words import gettext_noop

MOST_VIEWS = 20
LONGEST_NAME = 40
_TOO_MANY = gettext_noop(
    "Видов уже %(most)s, больше нельзя. Откройте тот, что больше не нужен, и нажмите «Убрать вид»."
)
_SAME_NAME = gettext_noop("Вид с таким названием здесь уже есть. Выберите другое или сначала уберите его.")


class NotKept(ValueError):
    """A view cannot be kept; the message is a sentence for the owner."""


class View(NamedTuple):
    """`key` stands for it in addresses; `store_id` is None for the list of all stores.

    `query` is what `ListQuery.kept` gives. A store that is gone keeps its views, as it keeps its rules: the
    till may bring it back.
    """

    key: str
    name: str
    store_id: str | None
    query: str


def views_of(stored: Sequence[Sequence[str | None]] | None) -> list[View]:
    """Read what the table holds; None stands for no row."""
    return [View._make(parts) for parts in stored or ()]


def keep(user_id: int, name: str, store_id: str | None, query: str) -> View:
    """Add a view behind the others of the owner; the caller commits. Raises NotKept."""
    row = _held(user_id)
    views = views_of(row.views)
    here = [view for view in views if view.store_id == store_id]
    if again := next((view for view in here if (view.name, view.query) == (name, query)), None):
        # A second click: what was wanted is there.
        return again
    if any(fold(view.name) == fold(name) for view in here):
        raise NotKept(gettext(_SAME_NAME))
    if same := next((view for view in here if view.query == query), None):
        raise NotKept(gettext("Этот вид уже сохранён под названием «%(name)s».", name=same.name))
    if len(views) >= MOST_VIEWS:
        views = _of_present_stores(user_id, views)
    if len(views) >= MOST_VIEWS:
        raise NotKept(gettext(_TOO_MANY, most=MOST_VIEWS))
    view = View(secrets.token_hex(4), name, store_id, query)
    row.views = [list(each) for each in (*views, view)]
    return view


def remove(user_id: int, key: str) -> View | None:
    """Remove a view of the owner and give what it was, None when there is none; the caller commits."""
    row = _held(user_id)
    views = views_of(row.views)
    removed = next((view for view in views if view.key == key), None)
    row.views = [list(view) for view in views if view is not removed]
    return removed


def _held(user_id: int) -> SavedViews:
    """The owner's row, which others who write it wait for."""
    insert_if_missing(SavedViews, user_id=user_id, views=[])
    held = select(SavedViews).filter_by(user_id=user_id).with_for_update()
    return db.session.scalars(held.execution_options(populate_existing=True)).one()


def _of_present_stores(user_id: int, views: list[View]) -> list[View]:
    """Those that the owner can still see: only they can be told to be too many."""
    present = set(db.session.scalars(select(CachedStore.evotor_id).filter_by(user_id=user_id)))
    return [view for view in views if view.store_id is None or view.store_id in present]
