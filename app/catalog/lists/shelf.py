"""The goods of a store or of a group, as lists read them, and what search and filters let through."""

from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, bindparam, null, select
from sqlalchemy.sql.selectable import NamedFromClause

from app.catalog.lists.address import ListQuery
from app.catalog.lists.everywhere import next_of_all_stores
from app.catalog.lists.filters import NEW, NO_RULE, ON_SALE, REPRICED, WAITING
from app.catalog.lists.in_vk import has_no_photo, is_in_state
from app.catalog.lists.keyset import Walk
from app.catalog.lists.nesting import Groups, groups_of
from app.catalog.lists.news import is_new, is_repriced
from app.catalog.lists.obstacles import Obstacles, obstacles_of, read_chosen
from app.catalog.lists.surroundings import STORE_ID, USER_ID
from app.catalog.lists.unready import has_no_stock, is_unready, waits_for_vk
from app.data.db import db
from app.mirror.models import CachedProduct
from app.mirror.search import matches
from app.mirror.stores import store_names
from app.rules import as_sql
from app.rules.criteria.as_sql import key_of_first, mode_of_first, mode_of_key
from app.rules.decide import PRODUCT
from app.rules.policy import EMPTY, Policy
from app.rules.read import policy_of
from app.rules.waiting import is_waiting, waiting_goods

_goods = CachedProduct.__table__.c

SHOWN = (
    _goods.id,
    _goods.evotor_id,
    _goods.store_evotor_id,
    _goods.group_evotor_id,
    _goods.name,
    _goods.price,
    _goods.quantity,
    _goods.measure_name,
    _goods.article_number,
    _goods.allow_to_sell,
    _goods.added_by,
    _goods.product_type,
)


class Good(NamedTuple):
    """A good as lists read it: `shown_of` it, the mode of its own rule, and what the list is sorted by.

    A tuple of its own: to ask SQLAlchemy's rows for a column by name takes longer than making one.
    """

    id: int
    evotor_id: str
    store_evotor_id: str
    group_evotor_id: str | None
    name: str
    price: Decimal | None
    quantity: Decimal | None
    measure_name: str | None
    article_number: str | None
    allow_to_sell: bool | None
    added_by: int | None
    product_type: str | None
    criterion: str | None
    rule_mode: str | None
    sort_key: Any = None


SEARCHED = (_goods.sort_name, _goods.search_text)


class Shelf(NamedTuple):
    """The goods of a store, of some of its groups, or (without a store) of all the owner's `store_ids`.

    `size` is how many they are; `obstacles` are read where the list asks for what can be published.
    """

    user_id: int
    store_id: str | None
    groups: Groups | None = None
    size: int = 0
    policy: Policy = EMPTY
    store_ids: tuple[str, ...] = ()
    obstacles: Obstacles | None = None


ANY_STORE = Shelf(USER_ID, STORE_ID)  # type: ignore[arg-type]
ALL_STORES = Shelf(USER_ID, None)  # type: ignore[arg-type]


def select_products(shelf: Shelf, query: ListQuery) -> Select[Any]:
    """All the goods that the list holds, in no order; `rule_mode` is the product's own rule."""
    own = own_rules(shelf)
    statement = select(*shown_of(shelf), own.c.filter_mode.label("rule_mode")).outerjoin(
        own, is_on(own, _goods, shelf)
    )
    return narrowed(statement.where(*in_store(shelf)), _goods, own, shelf, query)


def shelf_at(
    user_id: int,
    store_id: str | None,
    group_id: str | None,
    query: ListQuery,
    size: int = 0,
    *,
    policy: Policy | None = None,
) -> Shelf:
    """The goods that a list at this place is of.

    Without a `policy` it is read where it narrows the list: enough for what does not tell what decided.
    """
    if policy is None:
        policy = policy_of(user_id) if query.modes else EMPTY
    obstacles = obstacles_for(user_id, query)
    if store_id is None:
        return Shelf(user_id, None, None, size, policy, tuple(store_names(user_id)), obstacles)
    groups = None
    if group_id is not None:
        groups = groups_of(user_id, store_id, group_id, is_nested=query.is_nested)
    return Shelf(user_id, store_id, groups, size, policy, obstacles=obstacles)


def obstacles_for(user_id: int, query: ListQuery) -> Obstacles | None:
    """What the list has to know of the owner's settings; None where it asks for nothing of it."""
    return obstacles_of(user_id, read_chosen(user_id)) if query.asks_readiness else None


def shown_of(shelf: Shelf) -> tuple[ColumnElement[Any], ...]:
    """What a list shows of its goods, and `criterion`: the key of the first condition that is met."""
    criteria = shelf.policy.criteria
    first = key_of_first(criteria, shelf.user_id, _goods) if criteria else null()
    return (*SHOWN, first.label("criterion"))


def find_record(user_id: int, store_id: str, product_id: str, policy: Policy) -> Good | None:
    """Find one good of this owner as the lists read it."""
    parameters = {"user_id": user_id, "store_id": store_id, "product_id": product_id}
    found = db.session.execute(_one_product(policy), parameters).first()
    return Good(*found) if found else None


@lru_cache(maxsize=64)
def _one_product(policy: Policy) -> Select[Any]:
    product_id = bindparam("product_id", type_=_goods.evotor_id.type)
    shelf = ANY_STORE._replace(policy=policy)
    return select_products(shelf, ListQuery("catalog.products")).where(_goods.evotor_id == product_id)


def narrowed(
    statement: Select[Any], goods: Any, own: NamedFromClause, shelf: Shelf, query: ListQuery
) -> Select[Any]:
    """Keep what the list's search and filters let through; `goods` are the columns they look at."""
    conditions: list[ColumnElement[bool]] = []
    if shelf.groups is not None:
        conditions.append(goods.group_evotor_id.in_(shelf.groups))
    if query.grouped:
        conditions.append(goods.group_evotor_id.is_(None))
    if query.on_sale:
        conditions.append(goods.allow_to_sell == (query.on_sale == ON_SALE))
    if query.q:
        conditions.append(matches(goods.sort_name, goods.search_text, query.q))
    if query.rule == NO_RULE:
        conditions.append(own.c.filter_mode.is_(None))
    elif query.rule:
        conditions.append(own.c.filter_mode == query.rule)
    if query.news == NEW:
        conditions.append(is_new(shelf.user_id, goods))
    if query.news == REPRICED:
        conditions.append(is_repriced(shelf.user_id, shelf.store_id, goods))
    if query.stock:
        conditions.append(has_no_stock(shelf.user_id, goods))
    if shelf.obstacles is not None and query.ready:
        conditions.append(is_unready(shelf.obstacles, shelf.user_id, shelf.store_id, goods))
    if shelf.obstacles is not None and query.vk == WAITING:
        conditions.append(waits_for_vk(shelf.obstacles, shelf.user_id, shelf.store_id, goods))
    if query.vk and query.vk != WAITING:
        conditions.append(is_in_state(shelf.user_id, shelf.store_id, goods, query.vk))
    if query.photo:
        conditions.append(has_no_photo(shelf.user_id, shelf.store_id, goods))
    if query.modes:
        inherited = as_sql.inherited_by(shelf.user_id, shelf.store_id)
        store = goods.store_evotor_id if shelf.store_id is None else shelf.store_id
        statement = inherited.join(statement, store, goods.group_evotor_id)
        waits = is_waiting(goods.id, waiting_goods(shelf.user_id, shelf.store_id))
        mode = inherited.decided(own.c.filter_mode, waits, _mode_met(shelf, goods))
        conditions += [mode == wanted for wanted in query.modes]
    return statement.where(*conditions)


def in_store(shelf: Shelf) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Whether a good lies in the shelf's store, or in one of all stores: the indexes begin with them."""
    if shelf.store_id is not None:
        return _goods.user_id == shelf.user_id, _goods.store_evotor_id == shelf.store_id
    # Their ids rather than a statement, of which SQLite expects that it finds many.
    return _goods.user_id == shelf.user_id, _goods.store_evotor_id.in_(shelf.store_ids)


def next_goods(shelf: Shelf, walk: Walk, goods: Select[Any], length: Any) -> NamedFromClause:
    """The next `length` of `goods`, a statement over all goods, that lie in the shelf's store."""
    if shelf.store_id is None:
        return next_of_all_stores(shelf.user_id, walk, goods, length)
    return walk.stretch(goods.where(*in_store(shelf)), _goods, length)


def own_rules(shelf: Shelf) -> NamedFromClause:
    """The rules on goods of the shelf's store, to be joined to them by `is_on`."""
    return as_sql.rules_on(shelf.user_id, PRODUCT, shelf.store_id).subquery("own_rules")


def is_on(own: NamedFromClause, goods: Any, shelf: Shelf) -> ColumnElement[bool]:
    """Whether one of the shelf's `own_rules` is on a good."""
    is_its = own.c.entity_id == goods.evotor_id
    if shelf.store_id is not None:
        return is_its
    return and_(own.c.store_evotor_id == goods.store_evotor_id, is_its)


def _mode_met(shelf: Shelf, goods: Any) -> ColumnElement[str]:
    """The mode of the first condition that a good meets, also where the list has found its key already."""
    criteria = shelf.policy.criteria
    if "criterion" in goods:
        return mode_of_key(criteria, goods.criterion)
    return mode_of_first(criteria, shelf.user_id, goods)
