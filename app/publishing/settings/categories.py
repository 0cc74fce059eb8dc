"""VK's categories as a community may use them, read from VK together with its goods."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import gettext
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.clients.vk.category_payload import Category
from app.data.db import db
from app.data.engine import insert_or_update
from app.data.types import now
from app.publishing.settings.models import MarketCategory
from app.words import gettext_noop

LOST = gettext_noop("ВКонтакте больше не знает эту категорию. Выберите другую")
_PATH_LENGTH = 500
_UNREAD = gettext_noop("название узнаем у ВКонтакте")


def category_paths(community_id: int) -> dict[int, str]:
    """The paths of all categories by VK's ids, in VK's order; empty until they have been read."""
    return _paths(community_id)


def leaf_paths(community_id: int) -> dict[int, str]:
    """The same of those that a good can be in."""
    return _paths(community_id, is_leaf=True)


def category_name(category_id: int, paths: Mapping[int, str], otherwise: str = LOST) -> str:
    """The path of a category, or what is the matter with it; `paths` are empty until they are read."""
    return paths.get(category_id) or gettext(otherwise if paths else _UNREAD)


def category_of(community_id: int, category_id: int) -> str | None:
    """The path of one category; None when VK knows it no more, and until the categories are read."""
    category = db.session.get(MarketCategory, (community_id, category_id))
    return category.path if category else None


def keep_categories(session: Session, community_id: int, tree: Iterable[Category]) -> None:
    """Keep VK's tree as it is now, also while another account reads the same one. Does not commit.

    A category that VK names twice stays where it is named first.
    """
    known = MarketCategory.__table__.c
    of_community = known.community_id == community_id
    # Whoever comes second waits here, or at the first row of a tree that nobody has kept yet.
    session.execute(
        select(known.category_id).where(of_community).order_by(known.category_id).with_for_update()
    )
    read_at = now()
    found: dict[int, tuple[str, Category]] = {}
    for path, category in _flat(tree):
        found.setdefault(category.id, (path, category))
    rows: list[dict[str, Any]] = [
        {
            "community_id": community_id,
            "category_id": category.id,
            "path": path[:_PATH_LENGTH],
            "is_leaf": not category.children,
            "place": place,
            "read_at": read_at,
        }
        for place, (path, category) in enumerate(found.values())
    ]
    if rows:
        statement = insert_or_update(session.get_bind().dialect.name, MarketCategory.__table__)
        key = ["community_id", "category_id"]
        kept = {name: statement.excluded[name] for name in rows[0].keys() - key}
        in_order = sorted(rows, key=lambda row: row["category_id"])
        session.execute(statement.on_conflict_do_update(index_elements=key, set_=kept), in_order)
    session.execute(delete(MarketCategory.__table__).where(of_community, known.read_at != read_at))


def _flat(categories: Iterable[Category], above: str = "") -> Iterable[tuple[str, Category]]:
    for category in categories:
        path = f"{above} → {category.name}" if above else category.name
        yield path, category
        yield from _flat(category.children, path)


def _paths(community_id: int, **narrowed: bool) -> dict[int, str]:
    rows = db.session.execute(
        select(MarketCategory.category_id, MarketCategory.path)
        .filter_by(community_id=community_id, **narrowed)
        .order_by(MarketCategory.place)
    )
    return {category_id: path for category_id, path in rows}
