"""The resolver of `app.rules.decide` as SQL over whole sets: for counts and for filtered lists."""

from typing import Any

from sqlalchemy import (
    CTE,
    BindParameter,
    ColumnElement,
    FromClause,
    Select,
    TableClause,
    and_,
    case,
    func,
    literal,
    select,
    union,
)

from app.rules.decide import GROUP, INCLUDE, PRODUCT, STORE
from app.rules.tables import configs, filters, groups, products, sizes

# A value, or the parameter of a statement that is built once and run with many values.
UserId = int | BindParameter[int]
StoreId = str | BindParameter[str]


def rules_on(user_id: UserId, entity_type: str, store_id: StoreId | None = None) -> Select[Any]:
    """The owner's rules of one kind: store_evotor_id, entity_id, filter_mode."""
    # Not a join: SQLite would not find one rule of many thousands by the index.
    config_id = select(configs.c.id).where(configs.c.user_id == user_id).scalar_subquery()
    statement = select(filters.c.store_evotor_id, filters.c.entity_id, filters.c.filter_mode).where(
        filters.c.sync_config_id == config_id, filters.c.entity_type == entity_type
    )
    return statement if store_id is None else statement.where(filters.c.store_evotor_id == store_id)


def group_modes(
    user_id: int,
    store_id: str | None = None,
    *,
    rules_from: Select[Any] | None = None,
    starts: FromClause | None = None,
    name: str = "group_modes",
) -> CTE:
    """The groups to which a group rule applies, their own or an ancestor's: store_id, group_id and mode.

    Walks from every group, or from `starts` (store_id, group_id), upwards until a rule is met; UNION drops
    repeated steps, which ends a loop. `rules_from` stands in for the owner's rules as they are; two such sets
    in one statement need different names.
    """
    rules = (rules_on(user_id, GROUP, store_id) if rules_from is None else rules_from).cte(f"{name}_rules")
    starts = _all_groups(user_id, store_id) if starts is None else starts
    walk = select(starts.c.store_id, starts.c.group_id, starts.c.group_id.label("at")).cte(
        f"{name}_walk", recursive=True
    )
    met = rules.alias(f"{name}_met")
    step = (
        select(walk.c.store_id, walk.c.group_id, groups.c.parent_evotor_id)
        .join(
            groups,
            and_(
                groups.c.user_id == user_id,
                groups.c.store_evotor_id == walk.c.store_id,
                groups.c.evotor_id == walk.c.at,
            ),
        )
        .outerjoin(met, and_(met.c.store_evotor_id == walk.c.store_id, met.c.entity_id == walk.c.at))
        .where(met.c.entity_id.is_(None), groups.c.parent_evotor_id.is_not(None))
    )
    walk = walk.union(step)
    return (
        select(walk.c.store_id, walk.c.group_id, rules.c.filter_mode.label("mode"))
        .join(rules, and_(rules.c.store_evotor_id == walk.c.store_id, rules.c.entity_id == walk.c.at))
        .cte(name)
    )


def default_mode(user_id: int) -> ColumnElement[str]:
    """The owner's mode for goods without a rule, as a scalar."""
    own = select(configs.c.default_mode).where(configs.c.user_id == user_id).scalar_subquery()
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
    group_id = func.coalesce(products.c.group_evotor_id, "")
    own_rules = (
        select(
            products.c.store_evotor_id.label("store_id"),
            group_id.label("group_id"),
            func.count().label("ruled"),
            func.count().filter(own.c.filter_mode == INCLUDE).label("included"),
        )
        .join(
            own,
            and_(
                own.c.store_evotor_id == products.c.store_evotor_id,
                own.c.entity_id == products.c.evotor_id,
            ),
        )
        .where(products.c.user_id == user_id)
        .group_by(products.c.store_evotor_id, group_id)
        .subquery()
    )
    ruled = func.coalesce(own_rules.c.ruled, 0)
    included = func.coalesce(own_rules.c.included, 0)
    statement = (
        select(
            sizes.c.store_evotor_id.label("store_id"),
            sizes.c.group_evotor_id.label("group_id"),
            sizes.c.products,
            (included + case((inherited == INCLUDE, sizes.c.products - ruled), else_=0)).label("published"),
        )
        .select_from(sizes)
        .outerjoin(
            modes,
            and_(modes.c.store_id == sizes.c.store_evotor_id, modes.c.group_id == sizes.c.group_evotor_id),
        )
        .outerjoin(stores, stores.c.entity_id == sizes.c.store_evotor_id)
        .outerjoin(
            own_rules,
            and_(
                own_rules.c.store_id == sizes.c.store_evotor_id,
                own_rules.c.group_id == sizes.c.group_evotor_id,
            ),
        )
        .where(sizes.c.user_id == user_id)
    )
    return statement if store_id is None else statement.where(sizes.c.store_evotor_id == store_id)


def _all_groups(user_id: int, store_id: str | None) -> FromClause:
    named = select(groups.c.store_evotor_id.label("store_id"), groups.c.evotor_id.label("group_id"))
    # Goods may lie in a group that the cloud does not list; a rule on it counts.
    unnamed = select(sizes.c.store_evotor_id, sizes.c.group_evotor_id)
    return union(
        _within(named, groups, user_id, store_id), _within(unnamed, sizes, user_id, store_id)
    ).subquery()


def _within(statement: Select[Any], source: TableClause, user_id: int, store_id: str | None) -> Select[Any]:
    statement = statement.where(source.c.user_id == user_id)
    return statement if store_id is None else statement.where(source.c.store_evotor_id == store_id)
