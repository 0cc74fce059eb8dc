"""VK's categories as a community may use them, read from VK together with its goods."""

from sqlalchemy import select

from app.data.db import db
from app.publishing.settings.models import MarketCategory


def category_paths(community_id: int) -> dict[int, str]:
    """The paths of all categories by VK's ids, in VK's order; empty until they have been read."""
    return _paths(community_id)


def leaf_paths(community_id: int) -> dict[int, str]:
    """The same of those that a good can be in."""
    return _paths(community_id, is_leaf=True)


def _paths(community_id: int, **narrowed: bool) -> dict[int, str]:
    rows = db.session.execute(
        select(MarketCategory.category_id, MarketCategory.path)
        .filter_by(community_id=community_id, **narrowed)
        .order_by(MarketCategory.place)
    )
    return {category_id: path for category_id, path in rows}
