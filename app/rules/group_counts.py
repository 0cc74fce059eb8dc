"""Goods and what is published of them, counted by group, mostly from the sizes of the groups."""

from collections.abc import Callable
from functools import cache
from typing import Any

from sqlalchemy import CTE, ColumnElement, FromClause, Select, and_, bindparam, case, func, select

from app.data.compiled import read_rows
from app.data.db import db
from app.mirror.models import CachedProduct, GroupSize
from app.rules.as_sql import StoreId, UserId, inherited_by, is_on_good, rules_on
from app.rules.criteria.as_sql import mode_of_first
from app.rules.decide import INCLUDE, PRODUCT
from app.rules.hoards import many_words_in_turn
from app.rules.policy import EMPTY, Policy
from app.rules.tallies import tallies_of
from app.rules.waiting import as_text, is_waiting, waiting_goods

_products = CachedProduct.__table__
_sizes = GroupSize.__table__
_USER_ID = bindparam("user_id", type_=_sizes.c.user_id.type)
_STORE_ID = bindparam("store_id", type_=_sizes.c.store_evotor_id.type)

Make = Callable[[UserId, Policy, StoreId | None], Select[Any]]


def counts_by_group(user_id: UserId, policy: Policy, store_id: StoreId | None = None) -> Select[Any]:
    """Goods per group and what is published of them: store_id, group_id ("" for none), products, published.

    Counts from the sizes of the groups and from the tallies of rules on goods; goods are looked at one by one
    only where new ones wait, and all of them when there are conditions.
    """
    ruled = tallies_of(user_id).subquery("ruled")
    inherited = inherited_by(user_id, store_id)
    source = inherited.join(_sizes, _sizes.c.store_evotor_id, _sizes.c.group_evotor_id)
    source = source.outerjoin(ruled, _is_of_size(ruled))
    # New goods that wait are published by nothing that they inherit.
    waiting = waiting_goods(user_id, store_id)
    idle = _waiting_unruled(user_id, waiting).subquery("idle")
    source = source.outerjoin(idle, _is_of_size(idle))
    unruled = _sizes.c.products - func.coalesce(ruled.c.goods, 0) - func.coalesce(idle.c.goods, 0)
    inheriting: ColumnElement[int] = case((inherited.mode == INCLUDE, unruled), else_=0)
    if policy.criteria:
        met = mode_of_first(policy.criteria, user_id, _products.c)
        own = rules_on(user_id, PRODUCT, store_id).subquery("own_rules")
        judged = _counted(user_id, met == INCLUDE).outerjoin(own, is_on_good(own))
        judged = judged.where(own.c.entity_id.is_(None), met.is_not(None))
        judged = judged.where(~is_waiting(_products.c.id, waiting))
        if store_id is not None:
            judged = judged.where(_products.c.store_evotor_id == store_id)
        meeting = judged.subquery("meeting")
        source = source.outerjoin(meeting, _is_of_size(meeting))
        others = unruled - func.coalesce(meeting.c.goods, 0)
        by_default = case((inherited.default == INCLUDE, others), else_=0)
        by_condition = func.coalesce(meeting.c.included, 0) + by_default
        inheriting = case((inherited.ruled.is_(None), by_condition), else_=inheriting)
    statement = (
        select(
            _sizes.c.store_evotor_id.label("store_id"),
            _sizes.c.group_evotor_id.label("group_id"),
            _sizes.c.products,
            (func.coalesce(ruled.c.included, 0) + inheriting).label("published"),
        )
        .select_from(source)
        .where(_sizes.c.user_id == user_id)
    )
    return statement if store_id is None else statement.where(_sizes.c.store_evotor_id == store_id)


def totals_by_store(user_id: UserId, policy: Policy, store_id: StoreId | None = None) -> Select[Any]:
    """The same by store: store_id, products, published; no row for a store without goods."""
    counts = counts_by_group(user_id, policy, store_id).subquery().c
    products, published = func.sum(counts.products), func.sum(counts.published)
    return select(counts.store_id, products.label("products"), published.label("published")).group_by(
        counts.store_id
    )


def read_counts(
    make: Make, user_id: int, policy: Policy, store_id: str | None = None, **more: Any
) -> list[tuple[Any, ...]]:
    """The rows of a statement made of `counts_by_group` with its arguments; `more` are its other parameters.

    It is built once for all owners without conditions: building it takes longer than running it. So `make` is
    a function that lives as long as the process.
    """
    if policy.criteria:
        with many_words_in_turn(user_id, policy):
            return [tuple(row) for row in db.session.execute(make(user_id, policy, store_id), more)]
    given = {"user_id": user_id} | ({} if store_id is None else {"store_id": store_id})
    return read_rows(_built(make, store_id is not None), given | more)


@cache
def _built(make: Make, is_in_store: bool) -> Select[Any]:
    return make(_USER_ID, EMPTY, _STORE_ID if is_in_store else None)


def count_governed(user_id: int) -> dict[tuple[str, str | None], int]:
    """How many goods each rule on a group, by store and group, and on a store (None) decides about.

    Of a store without a rule it is what no rule decides about.
    """
    ruled = tallies_of(user_id).subquery("ruled")
    idle = _waiting_unruled(user_id, waiting_goods(user_id)).subquery("idle")
    inherited = inherited_by(user_id)
    source = inherited.join(_sizes, _sizes.c.store_evotor_id, _sizes.c.group_evotor_id)
    source = source.outerjoin(ruled, _is_of_size(ruled)).outerjoin(idle, _is_of_size(idle))
    unruled = _sizes.c.products - func.coalesce(ruled.c.goods, 0) - func.coalesce(idle.c.goods, 0)
    by = _sizes.c.store_evotor_id, inherited.groups.c.ruled_by
    rows = db.session.execute(
        select(*by, func.sum(unruled)).select_from(source).where(_sizes.c.user_id == user_id).group_by(*by)
    )
    return {(store_id, group_id): int(goods) for store_id, group_id, goods in rows}


def _waiting_unruled(user_id: UserId, waiting: CTE) -> Select[Any]:
    """Goods that wait, counted by group: store_id, group_id, goods."""
    own = rules_on(user_id, PRODUCT).subquery("rules_on_waiting")
    has_rule = and_(own.c.store_evotor_id == waiting.c.store_id, own.c.entity_id == waiting.c.evotor_id)
    groups = (waiting.c.store_id, waiting.c.group_id)
    counted = select(*groups, func.count().label("goods")).outerjoin(own, has_rule)
    return counted.where(own.c.entity_id.is_(None)).group_by(*groups)


def _counted(user_id: UserId, is_included: ColumnElement[bool]) -> Select[Any]:
    """Goods counted by group: store_id, group_id, goods, included."""
    # One expression for both places: PostgreSQL takes two equal ones with parameters for different.
    group_id = as_text(func.coalesce(_products.c.group_evotor_id, ""))
    return (
        select(
            _products.c.store_evotor_id.label("store_id"),
            group_id.label("group_id"),
            func.count().label("goods"),
            func.count().filter(is_included).label("included"),
        )
        .where(_products.c.user_id == user_id)
        .group_by(_products.c.store_evotor_id, group_id)
    )


def _is_of_size(counted: FromClause) -> ColumnElement[bool]:
    """The condition that goods were counted in the group of a size."""
    return and_(
        counted.c.store_id == _sizes.c.store_evotor_id, counted.c.group_id == _sizes.c.group_evotor_id
    )
