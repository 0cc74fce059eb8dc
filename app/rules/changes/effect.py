"""What a change does to the goods: how many of them appear and disappear, and which.

Only goods with a rule of their own, old or new, are looked at one by one; all others follow their group and
are counted by its size.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import CTE, Select, String, and_, case, cast, func, literal, null, select, union_all

from app.data.compiled import read_rows
from app.data.db import db
from app.mirror.folding import fold
from app.mirror.models import CachedProduct, GroupSize
from app.rules.as_sql import is_on_good
from app.rules.changes.scope import Scope, is_rule_on, plain_scope, resolved_modes, touched_goods, turns
from app.rules.decide import PRODUCT
from app.rules.models import SyncFilter
from app.rules.waiting import is_waiting, waiting_goods

_filters = SyncFilter.__table__
_products = CachedProduct.__table__
_sizes = GroupSize.__table__
_CLASS = ("store_id", "group_id", "own_before", "own_after")
_MET = ("met_before", "met_after")


class AffectedGood(NamedTuple):
    """A good that a change publishes or hides."""

    store_id: str
    evotor_id: str
    name: str


class Effect(NamedTuple):
    """Numbers of goods of a store that a change publishes and hides."""

    store_id: str
    appeared: int
    hidden: int


def effects(scope: Scope) -> list[Effect]:
    """Count what a change would publish and hide, store by store."""
    rows = _read(_count_effect, scope)
    return [Effect(store_id, int(appeared), int(hidden)) for store_id, appeared, hidden in rows]


def affected_goods(scope: Scope, *, appearing: bool, limit: int) -> list[AffectedGood]:
    """Some of the goods that a change would publish, or else hide, by name."""
    goods = [AffectedGood(*row) for row in _read(_list_effect, scope, appearing, limit)]
    return sorted(goods, key=lambda good: (fold(good.name), good.store_id, good.evotor_id))


def _read(make: Callable[..., Select[Any]], scope: Scope, *how: Any) -> Iterable[Sequence[Any]]:
    """The rows of a statement made of a scope; it is built once for all plain ones.

    Building it takes longer than running it.
    """
    if not scope.is_plain:
        return db.session.execute(make(scope, *how))
    return read_rows(_built(make, scope.store_id is not None, scope.only_products, *how), scope.parameters)


@cache
def _built(
    make: Callable[..., Select[Any]], is_in_store: bool, only_products: bool, *how: Any
) -> Select[Any]:
    return make(plain_scope(is_in_store=is_in_store, only_products=only_products), *how)


def _count_effect(scope: Scope) -> Select[Any]:
    """Count per store what would appear and disappear: store_id, appeared, hidden."""
    touched = touched_goods(scope)
    # Alike goods are resolved once.
    alike = [touched.c[name] for name in _alike(scope)]
    parts = [select(*alike, func.count().label("goods")).group_by(*alike)]
    if not scope.only_products:
        counted = [touched]
        if scope.has_criteria:
            counted.append(_judged(scope).cte("judged"))
            parts.append(select(*(counted[1].c[name] for name in (*_alike(scope), "goods"))))
        parts.append(_by_group(scope, counted))
    goods = union_all(*parts).cte("goods") if len(parts) > 1 else parts[0].cte("goods")
    before, after, source = resolved_modes(scope, goods)
    appears, disappears = turns(before, after)
    return (
        select(
            goods.c.store_id,
            func.coalesce(func.sum(case((appears, goods.c.goods), else_=0)), 0).label("appeared"),
            func.coalesce(func.sum(case((disappears, goods.c.goods), else_=0)), 0).label("hidden"),
        )
        .select_from(source)
        .group_by(goods.c.store_id)
    )


def _list_effect(scope: Scope, appearing: bool, limit: int) -> Select[Any]:
    """Some of the goods that would appear, or else disappear: store_id, evotor_id, name."""
    touched = touched_goods(scope)
    before, after, source = resolved_modes(scope, touched)
    found = (
        select(_products.c.store_evotor_id.label("store_id"), _products.c.evotor_id, _products.c.name)
        .select_from(source.join(_products, _products.c.id == touched.c.product_id))
        .where(turns(before, after)[0 if appearing else 1])
        .limit(limit)
    )
    if scope.only_products:
        return found
    return _first_of([found, *_inheriting(scope, appearing)], limit)


def _alike(scope: Scope) -> tuple[str, ...]:
    """The columns by which goods are told apart."""
    return (*_CLASS, *_MET) if scope.has_criteria else _CLASS


def _judged(scope: Scope) -> Select[Any]:
    """Goods without a rule of their own, counted by the conditions that they meet, before and after."""
    goods = _each_unruled(scope).subquery("unruled")
    # Those that meet none are not left out: to ask that first would be to look at each name once more.
    alike = [goods.c[name] for name in _alike(scope)]
    return select(*alike, func.count().label("goods")).group_by(*alike)


def _by_group(scope: Scope, counted: list[CTE]) -> Select[Any]:
    """Goods that no rule of their own and no condition decides about: those of each group but `counted`."""
    touched = counted[0]
    parts = [select(touched.c.store_id, touched.c.group_id, literal(1).label("goods"))]
    parts += [select(some.c.store_id, some.c.group_id, some.c.goods) for some in counted[1:]]
    each = (union_all(*parts) if len(parts) > 1 else parts[0]).subquery("each_counted")
    others = (
        select(each.c.store_id, each.c.group_id, func.sum(each.c.goods).label("goods"))
        .group_by(each.c.store_id, each.c.group_id)
        .subquery("touched_counts")
    )
    nothing = [cast(null(), String).label(name) for name in _alike(scope)[2:]]
    statement = (
        select(
            _sizes.c.store_evotor_id,
            _sizes.c.group_evotor_id,
            *nothing,
            (_sizes.c.products - func.coalesce(others.c.goods, 0)).label("goods"),
        )
        .outerjoin(
            others,
            and_(
                others.c.store_id == _sizes.c.store_evotor_id, others.c.group_id == _sizes.c.group_evotor_id
            ),
        )
        .where(_sizes.c.user_id == scope.user_id)
    )
    return (
        statement if scope.store_id is None else statement.where(_sizes.c.store_evotor_id == scope.store_id)
    )


def _each_unruled(scope: Scope) -> Select[Any]:
    """Goods without a rule of their own, old or new, one by one, with the conditions that they meet.

    New goods that wait are not among them: see `touched_goods`.
    """
    item = scope.items_on(PRODUCT, "any_item")
    statement = select(
        _products.c.store_evotor_id.label("store_id"),
        func.coalesce(_products.c.group_evotor_id, "").label("group_id"),
        *(cast(null(), String).label(name) for name in _CLASS[2:]),
        *scope.met(),
        _products.c.evotor_id,
        _products.c.name,
    ).where(
        _products.c.user_id == scope.user_id,
        ~select(literal(1)).where(is_rule_on(_filters, scope)).correlate(_products).exists(),
        ~select(item.c.entity_id).where(is_on_good(item)).correlate(_products).exists(),
        ~is_waiting(_products.c.id, _waiting(scope)),
    )
    if scope.store_id is not None:
        statement = statement.where(_products.c.store_evotor_id == scope.store_id)
    return statement


def _inheriting(scope: Scope, appearing: bool) -> list[Select[Any]]:
    """Goods without a rule of their own that change with their group: those in groups, and those in none."""
    if scope.has_criteria:
        each = _each_unruled(scope).subquery("each_good")
        before, after, source = resolved_modes(scope, each)
        found = select(each.c.store_id, each.c.evotor_id, each.c.name).select_from(source)
        return [found.where(turns(before, after)[0 if appearing else 1])]
    classes = select(
        _sizes.c.store_evotor_id.label("store_id"),
        _sizes.c.group_evotor_id.label("group_id"),
        cast(null(), String).label("own_before"),
        cast(null(), String).label("own_after"),
    ).where(_sizes.c.user_id == scope.user_id)
    if scope.store_id is not None:
        classes = classes.where(_sizes.c.store_evotor_id == scope.store_id)
    places = classes.cte("places")
    before, after, source = resolved_modes(scope, places)
    turned = (
        select(places.c.store_id, places.c.group_id)
        .select_from(source)
        .where(turns(before, after)[0 if appearing else 1])
        .cte("turned")
    )
    item = scope.items_on(PRODUCT, "any_item")
    goods = (
        select(_products.c.store_evotor_id.label("store_id"), _products.c.evotor_id, _products.c.name)
        .join(turned, turned.c.store_id == _products.c.store_evotor_id)
        .where(
            _products.c.user_id == scope.user_id,
            ~select(literal(1)).where(is_rule_on(_filters, scope)).correlate(_products).exists(),
            ~select(item.c.entity_id).where(is_on_good(item)).correlate(_products).exists(),
            ~is_waiting(_products.c.id, _waiting(scope)),
        )
    )
    # Two statements, so that each finds its goods by the index.
    return [
        goods.where(_products.c.group_evotor_id == turned.c.group_id),
        goods.where(_products.c.group_evotor_id.is_(None), turned.c.group_id == ""),
    ]


def _waiting(scope: Scope) -> CTE:
    return waiting_goods(scope.user_id, scope.store_id, name="waiting_else")


def _first_of(statements: list[Select[Any]], limit: int) -> Select[Any]:
    # A limit of its own spares each part the work that the others have done already.
    parts = [select(statement.limit(limit).subquery()) for statement in statements]
    return select(union_all(*parts).subquery()).limit(limit)
