"""How many goods there are, and how many of them are published: of stores, of groups, of everything."""

from collections.abc import Collection

from sqlalchemy import (
    func,
    select,
)

from app.catalog.lists.nesting import within, within_each
from app.data.db import db
from app.mirror.models import CachedGroup, CachedStore
from app.rules import as_sql


def group_counts(user_id: int, store_id: str, group_ids: Collection[str]) -> dict[str, tuple[int, int]]:
    """Goods and published goods of the given groups that have any, with those of the groups within them."""
    counts = as_sql.counts_by_group(user_id, store_id).subquery()
    inside = within_each(user_id, store_id, group_ids)
    rows = db.session.execute(
        select(inside.c.root_id, func.sum(counts.c.products), func.sum(counts.c.published))
        .join(counts, counts.c.group_id == inside.c.evotor_id)
        .group_by(inside.c.root_id)
    )
    return {group_id: (int(products), int(published)) for group_id, products, published in rows}


def store_counts(user_id: int) -> dict[str, tuple[int, int]]:
    """Goods and published goods of each store of the owner that has any."""
    counts = as_sql.counts_by_group(user_id).subquery()
    rows = db.session.execute(
        select(counts.c.store_id, func.sum(counts.c.products), func.sum(counts.c.published)).group_by(
            counts.c.store_id
        )
    )
    return {store_id: (int(products), int(published)) for store_id, products, published in rows}


def goods_within(
    user_id: int, store: CachedStore | None, group: CachedGroup | None, *, is_nested: bool = True
) -> tuple[int, int]:
    """Goods and published goods of a group, of a store, or of the owner altogether.

    A group's are those of the groups within it too, or (not `is_nested`) those directly in it.
    """
    counts = as_sql.counts_by_group(user_id, store.evotor_id if store else None).subquery()
    statement = select(
        func.coalesce(func.sum(counts.c.products), 0), func.coalesce(func.sum(counts.c.published), 0)
    )
    if group is not None and is_nested:
        inside = within(user_id, group.store_evotor_id, group.evotor_id)
        statement = statement.where(counts.c.group_id.in_(inside))
    elif group is not None:
        statement = statement.where(counts.c.group_id == group.evotor_id)
    products, published = db.session.execute(statement).one()
    return int(products), int(published)


def groups_per_store(user_id: int) -> dict[str, int]:
    """How many groups each store has."""
    rows = db.session.execute(
        select(CachedGroup.store_evotor_id, func.count())
        .filter_by(user_id=user_id)
        .group_by(CachedGroup.store_evotor_id)
    )
    return {store_id: groups for store_id, groups in rows}
