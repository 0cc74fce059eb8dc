"""How many goods there are, and how many of them are published: of stores, of groups, of everything."""

from collections.abc import Collection
from functools import cache
from typing import Any

from sqlalchemy import Select, case, func, select

from app.catalog.lists.nesting import Groups, within_each
from app.data.db import db
from app.data.given import given_texts
from app.rules.as_sql import StoreId, UserId
from app.rules.group_counts import Make, counts_by_group, read_counts, totals_by_store
from app.rules.hoards import many_words_in_turn
from app.rules.policy import Policy


def group_counts(
    user_id: int, policy: Policy, store_id: str, group_ids: Collection[str]
) -> dict[str, tuple[int, int]]:
    """Goods and published goods of the given groups that have any, with those of the groups within them."""
    within = _of_groups(db.engine.dialect.name)
    rows = read_counts(within, user_id, policy, store_id, groups=list(group_ids))
    return {group_id: (int(products), int(published)) for group_id, products, published in rows}


def store_counts(user_id: int, policy: Policy) -> dict[str, tuple[int, int]]:
    """Goods and published goods of each store of the owner that has any."""
    rows = read_counts(totals_by_store, user_id, policy)
    return {store_id: (int(products), int(published)) for store_id, products, published in rows}


def goods_within(
    user_id: int, policy: Policy, store_id: str | None, groups: Groups | None
) -> tuple[int, int]:
    """Goods and published goods directly in the groups, of a store, or of the owner altogether."""
    if groups is None:
        ((products, published, *_),) = read_counts(_altogether, user_id, policy, store_id)
        return int(products), int(published)
    counts = counts_by_group(user_id, policy, store_id).subquery()
    statement = select(*_sums(counts.c))
    if isinstance(groups, Select):
        inside = groups.subquery()
        statement = statement.join_from(counts, inside, inside.c.evotor_id == counts.c.group_id)
    else:
        statement = statement.where(counts.c.group_id.in_(groups))
    with many_words_in_turn(user_id, policy):
        products, published = db.session.execute(statement).one()
    return int(products), int(published)


def whole_and_ungrouped(user_id: int, policy: Policy, store_id: str) -> tuple[int, int, int, int]:
    """Goods and published goods of a store, then those in no group."""
    (found,) = read_counts(_altogether, user_id, policy, store_id)
    products, published, *ungrouped = map(int, found)
    return products, published, ungrouped[0], ungrouped[1]


@cache
def _of_groups(dialect: str) -> Make:
    def make(user_id: UserId, policy: Policy, store_id: StoreId | None) -> Select[Any]:
        counts = counts_by_group(user_id, policy, store_id).subquery()
        inside = within_each(user_id, store_id, given_texts("groups", dialect))
        return (
            select(inside.c.root_id, func.sum(counts.c.products), func.sum(counts.c.published))
            .join(counts, counts.c.group_id == inside.c.evotor_id)
            .group_by(inside.c.root_id)
        )

    return make


def _altogether(user_id: UserId, policy: Policy, store_id: StoreId | None) -> Select[Any]:
    """Goods, published goods, and both of what lies in no group."""
    counts = counts_by_group(user_id, policy, store_id).subquery().c
    is_ungrouped = counts.group_id == ""
    ungrouped = (case((is_ungrouped, column), else_=0) for column in (counts.products, counts.published))
    return select(*_sums(counts), *(func.coalesce(func.sum(column), 0) for column in ungrouped))


def _sums(counts: Any) -> list[Any]:
    return [func.coalesce(func.sum(column), 0) for column in (counts.products, counts.published)]
