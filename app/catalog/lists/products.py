"""The list of goods: what narrows it, and the cheapest way to a page of it.

Three ways lead to a page. A list that nothing narrows is read from the index of its order. A narrowed one is
walked the same way for a stretch: when much of the list fits, the page is full at once. If not, little fits:
it is all found through the index of what narrows the list, and sorted. A search that has an index begins with
that, for as many goods as a list is counted to. When there are more, the order of names is read until the
page is full, however far that is: its index tells by itself which names fit.
"""

from dataclasses import replace
from functools import cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, func, or_, select, true, union
from sqlalchemy.sql.selectable import NamedFromClause

from app.catalog.lists.address import PUBLISHED, WAITING, ListQuery
from app.catalog.lists.counts import goods_within
from app.catalog.lists.keyset import COUNTED, Page, Total, Walk, as_page
from app.catalog.lists.search import (
    begins_code,
    coded_in_fts,
    coded_in_gin,
    in_fts,
    in_gin,
    is_indexed,
    is_part,
)
from app.catalog.lists.shelf import (
    ANY_STORE,
    SEARCHED,
    SHOWN,
    Shelf,
    in_store,
    narrowed,
    own_rules,
    select_products,
)
from app.catalog.lists.sorting import sort_key
from app.data.db import db
from app.mirror.models import CachedProduct, GroupSize
from app.rules import as_sql
from app.rules.decide import EXCLUDE, INCLUDE

# So many rows are looked at in about ten milliseconds; a fifth of them fills most pages.
STRETCH = 5000

_goods = CachedProduct.__table__.c
_SORTED_BY = {"name": "sort_name"}


def in_order(shelf: Shelf, query: ListQuery) -> Select[Any]:
    """All the goods of the list as the pages hold them one after another."""
    walk = Walk.of(query)._replace(start=None)
    if not (is_indexed(query.q) or query.rule in (INCLUDE, EXCLUDE)):
        statement = select_products(shelf, query)
        return statement.order_by(*walk.order(sort_key(_goods, query.sort), _goods.id))
    hits = _hits(shelf, query, walk.sort).cte("hits").prefix_with("MATERIALIZED")
    return _looked_up(shelf, hits).order_by(*walk.order(sort_key(hits.c, query.sort), hits.c.id))


def fetch_products(shelf: Shelf, query: ListQuery) -> Page:
    """Fetch the page of the list that `query` points at; raises BadQuery for a foreign cursor."""
    page = _fetch(shelf, query)
    if query.cursor is not None and not page.records:
        # The rows behind this link are gone: show the list from its start.
        return _fetch(shelf, query.from_start())
    return page


def _fetch(shelf: Shelf, query: ListQuery) -> Page:
    walk = Walk.of(query)
    if not query.is_narrowed and shelf.groups is None:
        return as_page(query, _read_whole_store(shelf, walk), Total(shelf.size))
    total = None
    if is_indexed(query.q):
        total, records = _find(shelf, query, walk, COUNTED + 1)
        if total.is_exact:
            return as_page(query, records, total)
        if query.sort == "name":
            return as_page(query, _read(_read_by_name(shelf, query, walk)), total)
    for length in (STRETCH // 5, STRETCH):
        if shelf.size > length:
            records = _read(_walked(shelf, query, walk, length))
            if len(records) == walk.limit:
                return as_page(query, records, total or _count(shelf, query))
    total, records = _find(shelf, query, walk)
    return as_page(query, records, total)


def _read(statement: Select[Any]) -> list[Any]:
    return list(db.session.execute(statement))


def _read_whole_store(shelf: Shelf, walk: Walk) -> list[Any]:
    value, row_id = walk.start or (None, None)
    parameters = {"user_id": shelf.user_id, "store_id": shelf.store_id, "limit": walk.limit}
    statement = _whole_store(walk.sort, walk.downwards, walk.start is not None)
    return list(db.session.execute(statement, parameters | {"value": value, "row_id": row_id}))


@cache
def _whole_store(sort: str, downwards: bool, is_started: bool) -> Select[Any]:
    """The statement of the list that is looked at most."""
    value = bindparam("value", type_=sort_key(CachedProduct, sort).type)
    start = (value, bindparam("row_id", type_=_goods.id.type)) if is_started else None
    limit: Any = bindparam("limit", type_=_goods.id.type)
    return _walked(ANY_STORE, ListQuery("catalog.products"), Walk(sort, downwards, start, limit), limit)


def _walked(shelf: Shelf, query: ListQuery, walk: Walk, length: int) -> Select[Any]:
    """Whatever fits among the next `length` goods of the store."""
    goods = select(*SHOWN, *(SEARCHED if query.q else ())).where(*in_store(shelf))
    stretch = walk.stretch(goods, _goods, length)
    own = own_rules(shelf)
    shown = [stretch.c[column.name] for column in SHOWN]
    statement: Select[Any] = select(
        *shown, own.c.filter_mode.label("rule_mode"), stretch.c.sort_key
    ).outerjoin(own, own.c.entity_id == stretch.c.evotor_id)
    statement = narrowed(statement, stretch.c, own, shelf, query)
    return statement.order_by(*walk.order(stretch.c.sort_key, stretch.c.id)).limit(walk.limit)


def _read_by_name(shelf: Shelf, query: ListQuery, walk: Walk) -> Select[Any]:
    """The page of a search; goods whose names do not fit are not looked up."""
    if db.engine.dialect.name == "sqlite":
        coded = and_(_goods.id.in_(coded_in_fts(query.q)), begins_code(_goods.search_text, query.q))
    else:
        coded = _goods.id.in_(select(_goods.id).where(coded_in_gin(query.q), *in_store(shelf)))
    own = own_rules(shelf)
    fitting = _ids(own, query, "name").where(*in_store(shelf), or_(is_part(_goods.sort_name, query.q), coded))
    fitting = narrowed(fitting, _goods, own, shelf, replace(query, q=""))
    page = walk.stretch(fitting, _goods, walk.limit)
    return (
        _looked_up(shelf, page).add_columns(page.c.sort_key).order_by(*walk.order(page.c.sort_key, page.c.id))
    )


def _looked_up(shelf: Shelf, hits: Any) -> Select[Any]:
    """All that a list shows of the goods whose ids are `hits`."""
    own = own_rules(shelf)
    return (
        select(*SHOWN, own.c.filter_mode.label("rule_mode"))
        .join_from(hits, CachedProduct.__table__, _goods.id == hits.c.id)
        .outerjoin(own, own.c.entity_id == _goods.evotor_id)
    )


def _find(shelf: Shelf, query: ListQuery, walk: Walk, limit: int | None = None) -> tuple[Total, list[Any]]:
    """The page, and how many goods fit in all, through an index of what narrows the list.

    When more than `limit` fit, the page is made of any of them.
    """
    hits = _hits(shelf, query, walk.sort).limit(limit).cte("hits").prefix_with("MATERIALIZED")
    page = walk.stretch(select(hits.c.id), hits.c, walk.limit)
    found = _looked_up(shelf, page).add_columns(page.c.sort_key).subquery("found")
    count = select(func.count().label("hits")).select_from(hits).subquery("counted")
    statement = (
        select(count.c.hits, found)
        .select_from(count)
        .outerjoin(found, true())
        .order_by(*walk.order(found.c.sort_key, found.c.id))
    )
    rows = _read(statement)
    total = Total.counted(rows[0].hits)
    return total, [row for row in rows if row.id is not None]


def _hits(shelf: Shelf, query: ListQuery, sort: str) -> Select[Any]:
    """The ids of all goods that fit, and what they are sorted by; an index leads to each."""
    own = own_rules(shelf)
    statement = _ids(own, query, sort)
    if not is_indexed(query.q):
        if query.rule in (INCLUDE, EXCLUDE):
            statement = statement.where(_goods.evotor_id.in_(select(own.c.entity_id)))
        elif query.modes and query.vk in (None, WAITING):
            # Of the other states there are no more goods than the community may hold.
            statement = statement.where(_goods.id.in_(_decided(shelf, query)))
        return narrowed(statement.where(*in_store(shelf)), _goods, own, shelf, query)
    if db.engine.dialect.name == "sqlite":
        # Without statistics SQLite takes any index of the store for a better way than the search's own.
        store = (_goods.user_id + 0 == shelf.user_id, _goods.store_evotor_id + "" == shelf.store_id)
        statement = statement.where(in_fts(_goods.id, query.q), *store)
    else:
        statement = statement.where(in_gin(_goods.sort_name, query.q), *in_store(shelf))
    return narrowed(statement, _goods, own, shelf, query)


def _ids(own: NamedFromClause, query: ListQuery, sort: str) -> Select[Any]:
    """The ids of goods and what they are sorted by, beside their own rules if the list asks for those."""
    statement = select(_goods.id, _goods[_SORTED_BY.get(sort, sort)])
    if query.rule or query.modes:
        statement = statement.outerjoin(own, own.c.entity_id == _goods.evotor_id)
    return statement


def _decided(shelf: Shelf, query: ListQuery) -> Any:
    """The ids of the goods with the wanted result: by their own rule, or by what their group inherits."""
    user_id, store_id = shelf.user_id, shelf.store_id
    wanted = min(query.modes)
    inherited = as_sql.inherited_by(user_id, store_id, name="decided_modes")
    sizes = GroupSize.__table__.c
    groups = (
        inherited.join(select(sizes.group_evotor_id), store_id, sizes.group_evotor_id)
        .where(sizes.user_id == user_id, sizes.store_evotor_id == store_id)
        .where(inherited.mode == wanted)
    )
    own = own_rules(shelf)
    goods = select(_goods.id).where(*in_store(shelf))
    return union(
        goods.where(_goods.evotor_id.in_(select(own.c.entity_id).where(own.c.filter_mode == wanted))),
        goods.where(_goods.group_evotor_id.in_(groups)),
        goods.where(_goods.group_evotor_id.is_(None), inherited.by_store == wanted),
    )


def _count(shelf: Shelf, query: ListQuery) -> Total:
    """How many goods fit, when they are many."""
    if not query.is_narrowed:
        return Total(shelf.size)
    if query.is_narrowed_only_by("result"):
        products, published = goods_within(shelf.user_id, shelf.store_id, shelf.groups)
        return Total.counted(published if query.result == PUBLISHED else products - published)
    counted = select_products(shelf, query).with_only_columns(_goods.id).limit(COUNTED + 1).subquery()
    return Total.counted(db.session.scalar(select(func.count()).select_from(counted)) or 0)
