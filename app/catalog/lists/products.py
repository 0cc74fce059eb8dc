"""The list of goods: what narrows it, and the cheapest way to a page of it.

Three ways lead to a page. A list that nothing narrows is read from the index of its order. A narrowed one is
walked the same way for a stretch: when much of the list fits, the page is full at once. If not, little fits:
it is all found through the index of what narrows the list, and sorted. A search that has an index begins with
that, for as many goods as a search is counted to. When there are more, the order of names is read until the
page is full, however far that is: its index tells by itself which names fit.
"""

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import replace
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, case, func, select, true

from app.catalog.lists.address import ASCENDING, DEFAULT_SORT, ListQuery
from app.catalog.lists.by_name import begin_many, has_surely_many, hits_within, read_by_match, read_by_name
from app.catalog.lists.counts import goods_within
from app.catalog.lists.filters import PUBLISHED
from app.catalog.lists.hits import hits_of, looked_up
from app.catalog.lists.keyset import COUNTED, FOUND, Page, Total, Walk, as_page
from app.catalog.lists.name_ranges import NameRanges, find_ranges
from app.catalog.lists.shelf import (
    ALL_STORES,
    ANY_STORE,
    SEARCHED,
    Good,
    Shelf,
    is_on,
    narrowed,
    next_goods,
    own_rules,
    select_products,
    shown_of,
)
from app.catalog.lists.sorting import BY_MATCH, sort_key
from app.data.db import db
from app.data.engine import PLANNED_EACH_TIME
from app.mirror.big_shops import many_goods_in_turn
from app.mirror.keyboard import other_layout
from app.mirror.models import CachedProduct
from app.mirror.search import is_indexed
from app.rules.decide import EXCLUDE, INCLUDE
from app.rules.hoards import many_words_in_turn

# So many rows are looked at in about ten milliseconds; a fifth of them fills most pages.
STRETCH = 5000

_goods = CachedProduct.__table__.c


def in_order(shelf: Shelf, query: ListQuery) -> Select[Any]:
    """All the goods of the list as the pages hold them one after another."""
    query = as_found(shelf, query)
    walk = _walk(query)._replace(start=None)
    if not (is_indexed(query.q) or query.rule in (INCLUDE, EXCLUDE)):
        statement = select_products(shelf, query)
        return statement.order_by(*walk.order(sort_key(_goods, query.sort), _goods.id))
    hits = hits_of(shelf, query, walk.sort).cte("hits").prefix_with("MATERIALIZED")
    return looked_up(shelf, hits).order_by(*walk.order(sort_key(hits.c, walk.sort), hits.c.id))


def as_found(shelf: Shelf, query: ListQuery) -> ListQuery:
    """The list that the pages show: by the other layout's words when these find nothing and those do."""
    meant = other_layout(query.q)
    if meant is None or _finds(shelf, query):
        return query
    other = replace(query, q=meant)
    return other if _finds(shelf, other) else query


def _finds(shelf: Shelf, query: ListQuery) -> bool:
    hit = hits_of(shelf, query, query.sort).limit(1)
    return db.session.scalar(hit, execution_options=PLANNED_EACH_TIME) is not None


def fetch_products(shelf: Shelf, query: ListQuery) -> Page:
    """Fetch the page of the list that `query` points at; raises BadQuery for a foreign cursor."""
    with many_words_in_turn(shelf.user_id, shelf.policy) if query.modes else nullcontext():
        return _fetch_products(shelf, query)


def _fetch_products(shelf: Shelf, query: ListQuery) -> Page:
    page = _fetch_from_start_if_gone(shelf, query)
    if not page.records and (meant := other_layout(query.q)):
        instead = _fetch_from_start_if_gone(shelf, replace(query, q=meant))
        return instead._replace(instead=meant) if instead.records else page
    return page


def _fetch_from_start_if_gone(shelf: Shelf, query: ListQuery) -> Page:
    page = _fetch(shelf, query)
    if query.cursor is not None and not page.records:
        # The rows behind this link are gone: show the list from its start.
        return _fetch(shelf, query.from_start())
    return page


def _walk(query: ListQuery) -> Walk:
    """How the list is walked; a search that nobody has sorted otherwise gives what fits best first."""
    is_by_match = is_indexed(query.q) and (query.sort, query.dir) == (DEFAULT_SORT, ASCENDING)
    walk = Walk.of(query)
    return walk._replace(sort=BY_MATCH) if is_by_match else walk


def _fetch(shelf: Shelf, query: ListQuery) -> Page:
    walk = _walk(query)
    if not query.is_narrowed and shelf.groups is None:
        return as_page(query, _read_whole_store(shelf, walk), Total(shelf.size))
    total = None
    if is_indexed(query.q):
        names = find_ranges(shelf, query)
        total = Total(FOUND, False)
        if not has_surely_many(shelf, query, names):
            are_many = begin_many(shelf, query) if walk.sort == BY_MATCH and names is None else None
            total, records = _find(shelf, query, walk, FOUND, are_many, names)
            if total.is_exact:
                return as_page(query, records, total)
        if walk.sort == BY_MATCH:
            return as_page(query, read_by_match(shelf, query, walk, names), total)
        if walk.sort == DEFAULT_SORT:
            return as_page(query, read_by_name(shelf, query, walk, names), total)
    for length in (STRETCH // 5, STRETCH):
        if shelf.size > length:
            records = _read(_walked(shelf, query, walk, length))
            if len(records) == walk.limit:
                return as_page(query, records, total or _count(shelf, query))
    # Hardly any good fits, so that all were looked at.
    with many_goods_in_turn(shelf.user_id, shelf.size):
        every, records = _find(shelf, query, walk)
    return as_page(query, records, total or every)


def _read(statement: Select[Any], parameters: Mapping[str, Any] | None = None) -> list[Good]:
    # Not through the session, nor one by one: there is nothing but columns to be had.
    return list(map(Good._make, db.session.connection().execute(statement, parameters).all()))


def _read_whole_store(shelf: Shelf, walk: Walk) -> list[Good]:
    value, row_id = walk.start or (None, None)
    parameters = {"user_id": shelf.user_id, "store_id": shelf.store_id, "limit": walk.limit}
    any_shelf = (ANY_STORE if shelf.store_id is not None else ALL_STORES)._replace(policy=shelf.policy)
    statement = _whole_shelf(
        any_shelf, walk.sort, walk.downwards, walk.start is not None, db.engine.dialect.name
    )
    return _read(statement, parameters | {"value": value, "row_id": row_id})


@lru_cache(maxsize=256)
def _whole_shelf(shelf: Shelf, sort: str, downwards: bool, is_started: bool, _dialect: str) -> Select[Any]:
    """The statement of the list that is looked at most."""
    value = bindparam("value", type_=sort_key(CachedProduct, sort).type)
    start = (value, bindparam("row_id", type_=_goods.id.type)) if is_started else None
    limit: Any = bindparam("limit", type_=_goods.id.type)
    walk = Walk(sort, downwards, start, limit)
    return _walked(shelf, ListQuery("catalog.products"), walk, limit)


def _walked(shelf: Shelf, query: ListQuery, walk: Walk, length: int) -> Select[Any]:
    """Whatever fits among the next `length` goods of the store."""
    own = own_rules(shelf)
    statement: Any
    if shelf.store_id is None:
        stretch = next_goods(shelf, walk, select(_goods.id), length)
        statement = looked_up(shelf, stretch, own).add_columns(stretch.c.sort_key)
        statement = narrowed(statement, _goods, own, shelf, query)
        return statement.order_by(*walk.order(stretch.c.sort_key, stretch.c.id)).limit(walk.limit)
    columns = shown_of(shelf)
    stretch = next_goods(shelf, walk, select(*columns, *(SEARCHED if query.q else ())), length)
    shown = [stretch.c[column.name] for column in columns]
    statement = select(*shown, own.c.filter_mode.label("rule_mode"), stretch.c.sort_key).outerjoin(
        own, is_on(own, stretch.c, shelf)
    )
    statement = narrowed(statement, stretch.c, own, shelf, query)
    return statement.order_by(*walk.order(stretch.c.sort_key, stretch.c.id)).limit(walk.limit)


def _find(
    shelf: Shelf,
    query: ListQuery,
    walk: Walk,
    bound: int | None = None,
    are_many: ColumnElement[bool] | None = None,
    names: NameRanges | None = None,
) -> tuple[Total, list[Good]]:
    """The page, and how many goods fit in all, through an index of what narrows the list.

    When more than `bound` fit, they are counted no further, and the page is made of any of them; of none
    where `are_many`, if given, tells beforehand that they are too many. Where `names` are few, they are read
    instead of the index of search.
    """
    limit = None if bound is None else bound + 1
    # Not a condition: SQLite would gather what the index has before it asks whether that is wanted.
    most = limit if are_many is None else case((are_many, 0), else_=limit)
    few = names.few() if names else None
    all_hits = hits_of(shelf, query, walk.sort) if few is None else hits_within(shelf, query, walk.sort, few)
    hits = all_hits.limit(most).cte("hits").prefix_with("MATERIALIZED")
    page = walk.stretch(select(hits.c.id), hits.c, walk.limit)
    found = looked_up(shelf, page).add_columns(page.c.sort_key).subquery("found")
    counted: ColumnElement[Any] = func.count()
    if are_many is not None:
        counted = case((are_many, limit), else_=counted)
    count = select(counted.label("hits")).select_from(hits).subquery("counted")
    statement = (
        select(found, count.c.hits)
        .select_from(count)
        .outerjoin(found, true())
        .order_by(*walk.order(found.c.sort_key, found.c.id))
    )
    rows = db.session.execute(statement, execution_options=PLANNED_EACH_TIME).all()
    *_, hits = rows[0]
    return Total.counted(hits, bound), [Good(*good) for *good, _ in rows if good[0] is not None]


def _count(shelf: Shelf, query: ListQuery) -> Total:
    """How many goods fit, when they are many."""
    if not query.is_narrowed:
        return Total(shelf.size)
    if query.is_narrowed_only_by("result"):
        products, published = goods_within(shelf.user_id, shelf.policy, shelf.store_id, shelf.groups)
        return Total.counted(published if query.result == PUBLISHED else products - published)
    bound = FOUND if query.q else COUNTED
    counted = select_products(shelf, query).with_only_columns(_goods.id).limit(bound + 1).subquery()
    return Total.counted(db.session.scalar(select(func.count()).select_from(counted)) or 0, bound)
