"""The resolver of `app.sync.rules` as SQL over whole sets: for counts and for filtered lists.

The cached catalogue belongs to the package above this one, so its tables are named here by their contract.
"""

from typing import Any, cast

from sqlalchemy import (
    CTE,
    ColumnElement,
    Select,
    TableClause,
    and_,
    case,
    column,
    func,
    literal,
    select,
    table,
    union,
)
from sqlalchemy.orm import aliased

from app.sync.models import SyncConfig, SyncFilter
from app.sync.rules import GROUP, INCLUDE, PRODUCT, STORE

_groups = table(
    "cached_groups",
    column("user_id"),
    column("store_evotor_id"),
    column("evotor_id"),
    column("parent_evotor_id"),
)
_sizes = table(
    "cached_group_sizes",
    column("user_id"),
    column("store_evotor_id"),
    column("group_evotor_id"),
    column("products"),
)
_products = table(
    "cached_products",
    column("user_id"),
    column("store_evotor_id"),
    column("evotor_id"),
    column("group_evotor_id"),
)


def rules_on(user_id: int, entity_type: str, store_id: str | None = None) -> Select[Any]:
    """The owner's rules of one kind: store_evotor_id, entity_id, filter_mode."""
    statement = (
        select(SyncFilter.store_evotor_id, SyncFilter.entity_id, SyncFilter.filter_mode)
        .join(SyncConfig)
        .where(SyncConfig.user_id == user_id, SyncFilter.entity_type == entity_type)
    )
    if store_id is not None:
        statement = statement.where(SyncFilter.store_evotor_id == store_id)
    return cast(Select[Any], statement)


def group_modes(user_id: int, store_id: str | None = None) -> CTE:
    """The groups to which a group rule applies, their own or an ancestor's: store, group and mode.

    Walks from every group upwards until a rule is met. UNION drops repeated steps, which ends a loop.
    """
    rules = rules_on(user_id, GROUP, store_id).cte("group_rules")
    starts = union(
        _within(select(_groups.c.store_evotor_id, _groups.c.evotor_id), _groups, user_id, store_id),
        # Goods may lie in a group that the cloud does not list; a rule on it counts.
        _within(select(_sizes.c.store_evotor_id, _sizes.c.group_evotor_id), _sizes, user_id, store_id),
    ).subquery()
    walk = select(starts.c[0].label("store_id"), starts.c[1].label("group_id"), starts.c[1].label("at")).cte(
        "walk", recursive=True
    )
    met = aliased(rules)
    step = (
        select(walk.c.store_id, walk.c.group_id, _groups.c.parent_evotor_id)
        .join(
            _groups,
            and_(
                _groups.c.user_id == user_id,
                _groups.c.store_evotor_id == walk.c.store_id,
                _groups.c.evotor_id == walk.c.at,
            ),
        )
        .outerjoin(met, and_(met.c.store_evotor_id == walk.c.store_id, met.c.entity_id == walk.c.at))
        .where(met.c.entity_id.is_(None), _groups.c.parent_evotor_id.is_not(None))
    )
    walk = walk.union(step)
    return (
        select(walk.c.store_id, walk.c.group_id, rules.c.filter_mode.label("mode"))
        .join(rules, and_(rules.c.store_evotor_id == walk.c.store_id, rules.c.entity_id == walk.c.at))
        .cte("group_modes")
    )


def default_mode(user_id: int) -> ColumnElement[str]:
    """The owner's mode for goods without a rule, as a scalar."""
    own = select(SyncConfig.default_mode).filter_by(user_id=user_id).scalar_subquery()
    return func.coalesce(own, literal(INCLUDE))


def counts_by_group(user_id: int, store_id: str | None = None) -> Select[Any]:
    """Goods per group and what is published of them: store_id, group_id ("" for none), products, published.

    Counts from the sizes of the groups; only goods with a rule of their own are looked at one by one.
    """
    modes = group_modes(user_id, store_id)
    stores = rules_on(user_id, STORE, store_id).cte("store_rules")
    own = rules_on(user_id, PRODUCT, store_id).cte("product_rules")
    inherited = func.coalesce(modes.c.mode, stores.c.filter_mode, default_mode(user_id))

    # One expression for both places: PostgreSQL takes two equal ones with parameters for different.
    group_id = func.coalesce(_products.c.group_evotor_id, "")
    own_rules = (
        select(
            _products.c.store_evotor_id.label("store_id"),
            group_id.label("group_id"),
            func.count().label("ruled"),
            func.count().filter(own.c.filter_mode == INCLUDE).label("included"),
        )
        .join(
            own,
            and_(
                own.c.store_evotor_id == _products.c.store_evotor_id,
                own.c.entity_id == _products.c.evotor_id,
            ),
        )
        .where(_products.c.user_id == user_id)
        .group_by(_products.c.store_evotor_id, group_id)
        .subquery()
    )
    ruled = func.coalesce(own_rules.c.ruled, 0)
    included = func.coalesce(own_rules.c.included, 0)
    statement = (
        select(
            _sizes.c.store_evotor_id.label("store_id"),
            _sizes.c.group_evotor_id.label("group_id"),
            _sizes.c.products,
            (included + case((inherited == INCLUDE, _sizes.c.products - ruled), else_=0)).label("published"),
        )
        .select_from(_sizes)
        .outerjoin(
            modes,
            and_(modes.c.store_id == _sizes.c.store_evotor_id, modes.c.group_id == _sizes.c.group_evotor_id),
        )
        .outerjoin(stores, stores.c.entity_id == _sizes.c.store_evotor_id)
        .outerjoin(
            own_rules,
            and_(
                own_rules.c.store_id == _sizes.c.store_evotor_id,
                own_rules.c.group_id == _sizes.c.group_evotor_id,
            ),
        )
        .where(_sizes.c.user_id == user_id)
    )
    return statement if store_id is None else statement.where(_sizes.c.store_evotor_id == store_id)


def _within(statement: Select[Any], source: TableClause, user_id: int, store_id: str | None) -> Select[Any]:
    statement = statement.where(source.c.user_id == user_id)
    return statement if store_id is None else statement.where(source.c.store_evotor_id == store_id)
