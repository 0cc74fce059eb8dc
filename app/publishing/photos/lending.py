"""Groups whose pictures serve goods that have none of their own."""

from sqlalchemy import CTE, and_, select

from app.data.recursion import step
from app.mirror.models import CachedGroup
from app.publishing.photos.models import GoodPhoto
from app.rules.as_sql import StoreId, UserId


def lending_groups(user_id: UserId, store_id: StoreId | None = None) -> CTE:
    """The groups that lend their goods a photo, or have one lent by a group above: store_id, group_id."""
    lender, store = GoodPhoto.group_evotor_id, GoodPhoto.store_evotor_id
    lenders = select(store.label("store_id"), lender.label("group_id")).where(
        GoodPhoto.user_id == user_id, lender.is_not(None)
    )
    if store_id is not None:
        lenders = lenders.where(store == store_id)
    # Without a name of its own: a statement may ask twice.
    lent = lenders.cte(recursive=True)
    below = and_(
        CachedGroup.user_id == user_id,
        CachedGroup.store_evotor_id == lent.c.store_id,
        CachedGroup.parent_evotor_id == lent.c.group_id,
    )
    # UNION drops what was met before, which ends a loop of groups.
    return lent.union(
        select(lent.c.store_id, CachedGroup.evotor_id).select_from(step(lent, CachedGroup.__table__, below))
    )
