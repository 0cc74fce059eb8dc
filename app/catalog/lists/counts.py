"""How many goods there are, and how many of them are published: of stores, of groups, of everything."""

from collections.abc import Collection

from sqlalchemy import Select, func, select

from app.catalog.lists.nesting import Groups, within_each
from app.data.db import db
from app.rules.group_counts import counts_by_group
from app.rules.policy import Policy


def group_counts(
    user_id: int, policy: Policy, store_id: str, group_ids: Collection[str]
) -> dict[str, tuple[int, int]]:
    """Goods and published goods of the given groups that have any, with those of the groups within them."""
    counts = counts_by_group(user_id, policy, store_id).subquery()
    inside = within_each(user_id, store_id, group_ids)
    rows = db.session.execute(
        select(inside.c.root_id, func.sum(counts.c.products), func.sum(counts.c.published))
        .join(counts, counts.c.group_id == inside.c.evotor_id)
        .group_by(inside.c.root_id)
    )
    return {group_id: (int(products), int(published)) for group_id, products, published in rows}


def store_counts(user_id: int, policy: Policy) -> dict[str, tuple[int, int]]:
    """Goods and published goods of each store of the owner that has any."""
    counts = counts_by_group(user_id, policy).subquery()
    rows = db.session.execute(
        select(counts.c.store_id, func.sum(counts.c.products), func.sum(counts.c.published)).group_by(
            counts.c.store_id
        )
    )
    return {store_id: (int(products), int(published)) for store_id, products, published in rows}


def goods_within(
    user_id: int, policy: Policy, store_id: str | None, groups: Groups | None
) -> tuple[int, int]:
    """Goods and published goods directly in the groups, of a store, or of the owner altogether."""
    counts = counts_by_group(user_id, policy, store_id).subquery()
    statement = select(
        func.coalesce(func.sum(counts.c.products), 0), func.coalesce(func.sum(counts.c.published), 0)
    )
    if isinstance(groups, Select):
        inside = groups.subquery()
        statement = statement.join_from(counts, inside, inside.c.evotor_id == counts.c.group_id)
    elif groups is not None:
        statement = statement.where(counts.c.group_id.in_(groups))
    products, published = db.session.execute(statement).one()
    return int(products), int(published)
