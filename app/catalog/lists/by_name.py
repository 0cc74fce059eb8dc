"""A search that finds too many goods to sort them: the index of names is read until the page is full."""

from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select

from app.catalog.lists.address import STALE_PAGE, BadQuery, ListQuery
from app.catalog.lists.hits import ids_of, looked_up
from app.catalog.lists.keyset import FOUND, Walk
from app.catalog.lists.search import (
    TIERS,
    begins_code,
    begins_name,
    coded_in_fts,
    coded_in_gin,
    has_words,
    of_tier,
)
from app.catalog.lists.shelf import Good, Shelf, in_store, narrowed, next_goods, own_rules
from app.data.db import db
from app.mirror.models import CachedProduct

_goods = CachedProduct.__table__.c


def begin_many(shelf: Shelf, query: ListQuery) -> ColumnElement[bool] | None:
    """Whether more goods begin with the search than a search is counted to, as SQL that reads the index only.

    None where a list is narrowed by more than the search: then how many begin with it says nothing.
    """
    if shelf.groups is not None or not query.is_narrowed_only_by("q"):
        return None
    begin = select(_goods.id).where(*in_store(shelf), begins_name(_goods.sort_name, query.q))
    counted = select(func.count()).select_from(begin.limit(FOUND + 1).subquery("beginning"))
    return counted.scalar_subquery() > FOUND


def read_by_match(shelf: Shelf, query: ListQuery, walk: Walk) -> list[Good]:
    """The rows of a page of what fits best, tier after tier; raises BadQuery for a foreign cursor."""
    tiers: tuple[str, ...] = TIERS[::-1] if walk.downwards else TIERS
    start = None
    if walk.start is not None:
        (tier, name), row_id = (walk.start[0][:1], walk.start[0][1:]), walk.start[1]
        if tier not in tiers:
            raise BadQuery(STALE_PAGE)
        tiers, start = tiers[tiers.index(tier) :], (name, row_id)
    rows: list[Good] = []
    for tier in tiers:
        part = walk._replace(sort="name", start=start, limit=walk.limit - len(rows))
        fits = of_tier(_goods.sort_name, query.q, tier, _fits(shelf, query))
        rows += [Good(*row) for row in db.session.execute(_page(shelf, query, part, fits, tier))]
        start = None
        if len(rows) == walk.limit:
            break
    return rows


def read_by_name(shelf: Shelf, query: ListQuery, walk: Walk) -> list[Good]:
    """The rows of a page by name alone."""
    return [Good(*row) for row in db.session.execute(_page(shelf, query, walk, _fits(shelf, query)))]


def _fits(shelf: Shelf, query: ListQuery) -> ColumnElement[bool]:
    """Whether a good is found; those whose names do not fit are not looked up."""
    if db.engine.dialect.name == "sqlite":
        coded = and_(_goods.id.in_(coded_in_fts(query.q)), begins_code(_goods.search_text, query.q))
    else:
        coded = _goods.id.in_(select(_goods.id).where(coded_in_gin(query.q), *in_store(shelf)))
    return or_(has_words(_goods.sort_name, query.q), coded)


def _page(
    shelf: Shelf, query: ListQuery, walk: Walk, fits: ColumnElement[bool], tier: str = ""
) -> Select[Any]:
    own = own_rules(shelf)
    fitting = ids_of(shelf, own, query, "name").where(fits)
    fitting = narrowed(fitting, _goods, own, shelf, replace(query, q=""))
    page = next_goods(shelf, walk, fitting, walk.limit)
    key = (literal(tier) + page.c.sort_key).label("sort_key")
    return looked_up(shelf, page).add_columns(key).order_by(*walk.order(page.c.sort_key, page.c.id))
