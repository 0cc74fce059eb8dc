"""How many goods lie in each group, counted so that no page has to."""

from sqlalchemy import Connection, Insert, bindparam, delete, func, insert, select

from app.mirror.models import CachedProduct, GroupSize

_OWNER = bindparam("owner", type_=GroupSize.user_id.type)
_STORE = bindparam("store", type_=GroupSize.store_evotor_id.type)


def count_in_groups(connection: Connection, user_id: int, store_id: str) -> None:
    """Count the store's goods per group anew."""
    connection.execute(_FORGET, {"owner": user_id, "store": store_id})
    connection.execute(_COUNT, {"owner": user_id, "store": store_id})


def _counting() -> Insert:
    goods = CachedProduct.__table__.c
    # As the index has the groups: to sort a million goods anew took SQLite as much memory as its pages do.
    sizes = (
        select(goods.group_evotor_id, func.count().label("products"))
        .where(goods.user_id == _OWNER, goods.store_evotor_id == _STORE)
        .group_by(goods.group_evotor_id)
        .subquery("sizes")
    )
    group_id = func.coalesce(sizes.c.group_evotor_id, "")
    counted = select(_OWNER, _STORE, group_id, func.sum(sizes.c.products)).group_by(group_id)
    columns = ["user_id", "store_evotor_id", "group_evotor_id", "products"]
    return insert(GroupSize).from_select(columns, counted)


# Built once: to build them takes longer than to count a small store.
_COUNT = _counting()
_FORGET = delete(GroupSize).where(GroupSize.user_id == _OWNER, GroupSize.store_evotor_id == _STORE)
