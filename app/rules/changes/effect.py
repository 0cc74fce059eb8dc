"""What a planned change would do to the goods, as SQL: how many of them appear and disappear, and which.

Before and after are the same resolver over two sets of rules: the owner's, and the owner's with the change
laid over them. Only goods with a rule of their own, old or new, are looked at one by one; all others follow
their group and are counted by its size.
"""

from typing import Any, NamedTuple

from sqlalchemy import (
    CTE,
    ColumnElement,
    FromClause,
    Select,
    String,
    and_,
    case,
    cast,
    func,
    literal,
    null,
    select,
    union,
    union_all,
)

from app.mirror.models import CachedProduct, GroupSize
from app.rules import as_sql
from app.rules.decide import EXCLUDE, GROUP, INCLUDE, PRODUCT, STORE
from app.rules.models import RuleChange, RuleChangeItem, SyncFilter

_filters = SyncFilter.__table__
_products = CachedProduct.__table__
_sizes = GroupSize.__table__
_items = RuleChangeItem.__table__


class Scope(NamedTuple):
    """What a change can reach: `store_id` when all its rules lie in one store, `only_products` when it puts
    rules on products alone, so that what goods inherit stays as it is. `config_id` is 0 for an owner who has
    decided nothing yet."""

    user_id: int
    config_id: int
    change_id: int
    default_after: str | None
    store_id: str | None
    only_products: bool


class Effect(NamedTuple):
    """Numbers of goods of a store that a change publishes and hides."""

    store_id: str
    appeared: int
    hidden: int


def scope_of(change: RuleChange, config_id: int, store_ids: set[str], entity_types: set[str]) -> Scope:
    """Find the narrowest scope of a change whose rules lie in these stores and are of these kinds."""
    only_products = entity_types <= {PRODUCT} and change.default_after is None
    is_local = len(store_ids) == 1 and change.default_after is None
    store_id = next(iter(store_ids)) if is_local else None
    return Scope(change.user_id, config_id, change.id, change.default_after, store_id, only_products)


def count_effect(scope: Scope) -> Select[Any]:
    """Count per store what would appear and disappear: store_id, appeared, hidden."""
    touched = _touched(scope)
    # Alike goods are resolved once.
    alike = (touched.c.store_id, touched.c.group_id, touched.c.own_before, touched.c.own_after)
    ruled = select(
        touched.c.store_id,
        touched.c.group_id,
        func.count().label("goods"),
        touched.c.own_before,
        touched.c.own_after,
    ).group_by(*alike)
    goods = (ruled if scope.only_products else union_all(ruled, _by_group(scope, touched))).cte("goods")
    before, after, source = _resolved(scope, goods)
    appears, disappears = _turns(before, after)
    return (
        select(
            goods.c.store_id,
            func.coalesce(func.sum(case((appears, goods.c.goods), else_=0)), 0).label("appeared"),
            func.coalesce(func.sum(case((disappears, goods.c.goods), else_=0)), 0).label("hidden"),
        )
        .select_from(source)
        .group_by(goods.c.store_id)
    )


def list_effect(scope: Scope, *, appearing: bool, limit: int) -> Select[Any]:
    """Some of the goods that would appear, or else disappear: store_id, evotor_id, name."""
    touched = _touched(scope)
    before, after, source = _resolved(scope, touched)
    found = (
        select(_products.c.store_evotor_id.label("store_id"), _products.c.evotor_id, _products.c.name)
        .select_from(source.join(_products, _products.c.id == touched.c.product_id))
        .where(_turns(before, after)[0 if appearing else 1])
        .limit(limit)
    )
    if scope.only_products:
        return found
    return _first_of([found, *_inheriting(scope, appearing)], limit)


def _touched(scope: Scope) -> CTE:
    """Goods with a rule of their own, old or new.

    Gives store_id, group_id ("" for none), product_id, own_before, own_after.
    """
    rule, item = _filters.alias("own_rule"), _items.alias("own_item")
    new = select(_items.c.store_evotor_id, _items.c.entity_id).where(
        _items.c.change_id == scope.change_id, _items.c.entity_type == PRODUCT
    )
    old = select(_filters.c.store_evotor_id, _filters.c.entity_id).where(
        _filters.c.sync_config_id == scope.config_id, _filters.c.entity_type == PRODUCT
    )
    if scope.store_id is not None:
        old = old.where(_filters.c.store_evotor_id == scope.store_id)
    keys = (new if scope.only_products else union(new, old)).cte("touched_keys")
    is_key = and_(
        _products.c.user_id == scope.user_id,
        _products.c.store_evotor_id == keys.c.store_evotor_id,
        _products.c.evotor_id == keys.c.entity_id,
    )
    own_after = case((item.c.change_id.is_not(None), item.c.mode_after), else_=rule.c.filter_mode)
    return (
        select(
            _products.c.store_evotor_id.label("store_id"),
            func.coalesce(_products.c.group_evotor_id, "").label("group_id"),
            _products.c.id.label("product_id"),
            rule.c.filter_mode.label("own_before"),
            own_after.label("own_after"),
        )
        .select_from(keys)
        .join(_products, is_key)
        .outerjoin(rule, _is_rule_on(rule, scope, _products))
        .outerjoin(item, _is_item_on(item, scope, _products))
        .cte("touched")
    )


def _by_group(scope: Scope, touched: CTE) -> Select[Any]:
    """Goods without a rule of their own, counted by group."""
    counted = (
        select(touched.c.store_id, touched.c.group_id, func.count().label("goods"))
        .group_by(touched.c.store_id, touched.c.group_id)
        .subquery("touched_counts")
    )
    no_rule = cast(null(), String)
    statement = (
        select(
            _sizes.c.store_evotor_id,
            _sizes.c.group_evotor_id,
            (_sizes.c.products - func.coalesce(counted.c.goods, 0)).label("goods"),
            no_rule,
            no_rule,
        )
        .outerjoin(
            counted,
            and_(
                counted.c.store_id == _sizes.c.store_evotor_id, counted.c.group_id == _sizes.c.group_evotor_id
            ),
        )
        .where(_sizes.c.user_id == scope.user_id)
    )
    return (
        statement if scope.store_id is None else statement.where(_sizes.c.store_evotor_id == scope.store_id)
    )


def _inheriting(scope: Scope, appearing: bool) -> list[Select[Any]]:
    """Goods without a rule of their own that change with their group: those in groups, and those in none."""
    classes = select(
        _sizes.c.store_evotor_id.label("store_id"),
        _sizes.c.group_evotor_id.label("group_id"),
        cast(null(), String).label("own_before"),
        cast(null(), String).label("own_after"),
    ).where(_sizes.c.user_id == scope.user_id)
    if scope.store_id is not None:
        classes = classes.where(_sizes.c.store_evotor_id == scope.store_id)
    places = classes.cte("places")
    before, after, source = _resolved(scope, places)
    turned = (
        select(places.c.store_id, places.c.group_id)
        .select_from(source)
        .where(_turns(before, after)[0 if appearing else 1])
        .cte("turned")
    )
    goods = (
        select(_products.c.store_evotor_id.label("store_id"), _products.c.evotor_id, _products.c.name)
        .join(turned, turned.c.store_id == _products.c.store_evotor_id)
        .where(
            _products.c.user_id == scope.user_id,
            ~select(literal(1)).where(_is_rule_on(_filters, scope, _products)).correlate(_products).exists(),
            ~select(_items.c.entity_id)
            .where(_is_item_on(_items, scope, _products))
            .correlate(_products)
            .exists(),
        )
    )
    # Two statements, so that each finds its goods by the index.
    return [
        goods.where(_products.c.group_evotor_id == turned.c.group_id),
        goods.where(_products.c.group_evotor_id.is_(None), turned.c.group_id == ""),
    ]


def _first_of(statements: list[Select[Any]], limit: int) -> Select[Any]:
    # A limit of its own spares each part the work that the others have done already.
    parts = [select(statement.limit(limit).subquery()) for statement in statements]
    return select(union_all(*parts).subquery()).limit(limit)


def _resolved(scope: Scope, goods: CTE) -> tuple[ColumnElement[str], ColumnElement[str], FromClause]:
    """The modes of `goods` (store_id, group_id, own_before, own_after) before and after, and their joins."""
    inherited = as_sql.inherited_by(scope.user_id, scope.store_id, name=f"{goods.name}_before")
    source: FromClause = inherited.join(goods, goods.c.store_id, goods.c.group_id)
    before = func.coalesce(goods.c.own_before, inherited.mode)
    if not scope.only_products:
        inherited = _inherited_after(scope, f"{goods.name}_after", inherited.default)
        source = inherited.join(source, goods.c.store_id, goods.c.group_id)
    return before, func.coalesce(goods.c.own_after, inherited.mode), source


def _inherited_after(scope: Scope, name: str, default: ColumnElement[str]) -> as_sql.Inherited:
    rules = _overlaid(scope, GROUP)
    groups = as_sql.group_modes(scope.user_id, scope.store_id, rules_from=rules, name=name)
    stores = _overlaid(scope, STORE).subquery("stores_after")
    if scope.default_after is not None:
        default = literal(scope.default_after)
    return as_sql.Inherited(groups, stores, stores.c.filter_mode, default)


def _overlaid(scope: Scope, entity_type: str) -> Select[Any]:
    """The owner's rules of one kind as they will be after the change."""
    item = _items_of(scope, entity_type).subquery(f"{entity_type}_items")
    rule = as_sql.rules_on(scope.user_id, entity_type, scope.store_id).subquery(f"{entity_type}_rules")
    kept = select(rule.c.store_evotor_id, rule.c.entity_id, rule.c.filter_mode).where(
        ~select(item.c.entity_id).where(_same(item.c.entity_id, item, rule)).exists()
    )
    made = select(item.c.store_evotor_id, item.c.entity_id, item.c.mode_after).where(
        item.c.mode_after.is_not(None)
    )
    return select(union_all(kept, made).subquery(f"{entity_type}_overlaid"))


def _items_of(scope: Scope, entity_type: str) -> Select[Any]:
    return select(
        _items.c.change_id, _items.c.store_evotor_id, _items.c.entity_id, _items.c.mode_after
    ).where(_items.c.change_id == scope.change_id, _items.c.entity_type == entity_type)


def _same(
    entity_id: ColumnElement[str], source: FromClause, other: FromClause, other_id: str = "entity_id"
) -> ColumnElement[bool]:
    return and_(source.c.store_evotor_id == other.c.store_evotor_id, entity_id == other.c[other_id])


def _is_rule_on(rule: FromClause, scope: Scope, goods: FromClause) -> ColumnElement[bool]:
    return and_(
        rule.c.sync_config_id == scope.config_id,
        rule.c.entity_type == PRODUCT,
        rule.c.store_evotor_id == goods.c.store_evotor_id,
        rule.c.entity_id == goods.c.evotor_id,
    )


def _is_item_on(item: FromClause, scope: Scope, goods: FromClause) -> ColumnElement[bool]:
    return and_(
        item.c.change_id == scope.change_id,
        item.c.entity_type == PRODUCT,
        item.c.store_evotor_id == goods.c.store_evotor_id,
        item.c.entity_id == goods.c.evotor_id,
    )


def _turns(
    before: ColumnElement[str], after: ColumnElement[str]
) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return and_(before == EXCLUDE, after == INCLUDE), and_(before == INCLUDE, after == EXCLUDE)
