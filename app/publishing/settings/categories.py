"""VK's categories as a community may use them, read from VK together with its goods."""

from collections.abc import Mapping

from flask_babel import gettext
from sqlalchemy import select

from app.data.db import db
from app.publishing.settings.models import MarketCategory
from app.words import gettext_noop

LOST = gettext_noop("ВКонтакте больше не знает эту категорию. Выберите другую")
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


def _paths(community_id: int, **narrowed: bool) -> dict[int, str]:
    rows = db.session.execute(
        select(MarketCategory.category_id, MarketCategory.path)
        .filter_by(community_id=community_id, **narrowed)
        .order_by(MarketCategory.place)
    )
    return {category_id: path for category_id, path in rows}
