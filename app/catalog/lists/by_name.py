"""A search that finds too many goods to sort them: the index of names is read until the page is full."""

from dataclasses import replace
from typing import Any

from flask_babel import gettext
from sqlalchemy import ColumnElement, CompoundSelect, Select, func, literal, not_, or_, select, union_all

from app.catalog.lists.address import STALE_PAGE, BadQuery, ListQuery
from app.catalog.lists.hits import ids_of, led_by_fts, looked_up
from app.catalog.lists.keyset import FOUND, Walk
from app.catalog.lists.name_ranges import AT_FIRST, NameRanges, Range, is_beyond, next_in, within
from app.catalog.lists.shelf import Good, Shelf, in_store, narrowed, next_goods, own_rules
from app.data.db import db
from app.mirror.models import CachedProduct
from app.mirror.search import (
    BEGINS_NAME,
    BEGINS_WORDS,
    THE_REST,
    TIERS,
    begins_code,
    begins_name,
    coded_in_gin,
    has_inner_words,
    has_words,
    is_coded_in_fts,
    is_named_in_fts,
    of_tier,
)

_goods = CachedProduct.__table__.c

_ANY_TIER = ""
# Of so many goods at the beginning of a list, one in so many with the code that is searched for makes it a
# common one.
_SAMPLE, _MANY_SHARE = 200, 50


def begin_many(shelf: Shelf, query: ListQuery) -> ColumnElement[bool] | None:
    """Whether more goods begin with the search than a search is counted to, as SQL that reads the index only.

    None where a list is narrowed by more than the search: then how many begin with it says nothing.
    """
    if shelf.groups is not None or not query.is_narrowed_only_by("q"):
        return None
    begin = select(_goods.id).where(*in_store(shelf), begins_name(_goods.sort_name, query.q))
    counted = select(func.count()).select_from(begin.limit(FOUND + 1).subquery("beginning"))
    return counted.scalar_subquery() > FOUND


def has_surely_many(shelf: Shelf, query: ListQuery, names: NameRanges | None) -> bool:
    """Whether more names begin with a search, or have its words, than it is counted to.

    Of PostgreSQL only some blocks are asked, since its index of search gathers all hits before it gives one:
    there may be many also where this says no.
    """
    if names is None or names.begin > FOUND:
        return names is not None
    if len(names.with_words) <= AT_FIRST:
        return False
    if db.engine.dialect.name == "sqlite":
        found = select(_goods.id).where(*is_named_in_fts(_goods, shelf.user_id, query.q), *led_by_fts(shelf))
    else:
        named = select(_goods.id).where(has_words(_read_name(), query.q))
        found = within(shelf, named, names.sample())
    counted = select(func.count()).select_from(found.limit(FOUND + 1).subquery("found"))
    return (db.session.scalar(counted) or 0) > FOUND


def hits_within(shelf: Shelf, query: ListQuery, sort: str, ranges: list[Range]) -> CompoundSelect[Any]:
    """What a search finds, as `hits_of` gives it, when the names that have its words lie in these ranges."""
    goods, has = ids_of(shelf, own_rules(shelf), query, sort), has_words(_read_name(), query.q)
    coded = _coded_alone(shelf, query.q, list(goods.selected_columns)[1])
    return union_all(within(shelf, goods.where(has), ranges), coded)


def read_by_match(shelf: Shelf, query: ListQuery, walk: Walk, names: NameRanges | None) -> list[Good]:
    """The rows of a page of what fits best, tier after tier; raises BadQuery for a foreign cursor."""
    tiers: tuple[str, ...] = TIERS[::-1] if walk.downwards else TIERS
    start = None
    if walk.start is not None:
        (tier, name), row_id = (walk.start[0][:1], walk.start[0][1:]), walk.start[1]
        if tier not in tiers:
            raise BadQuery(gettext(STALE_PAGE))
        tiers, start = tiers[tiers.index(tier) :], (name, row_id)
    rows: list[Good] = []
    for tier in tiers:
        if tier == BEGINS_NAME and names and not names.begin:
            continue
        part = walk._replace(sort="name", start=start, limit=walk.limit - len(rows))
        rows += _read(shelf, query, part, names, tier)
        start = None
        if len(rows) == walk.limit:
            break
    return rows


def read_by_name(shelf: Shelf, query: ListQuery, walk: Walk, names: NameRanges | None) -> list[Good]:
    """The rows of a page by name alone."""
    return _read(shelf, query, walk, names, _ANY_TIER)


def _read(shelf: Shelf, query: ListQuery, walk: Walk, names: NameRanges | None, tier: str) -> list[Good]:
    """The rows of a page within a tier."""
    is_coded = tier in (THE_REST, _ANY_TIER)
    has_many = names is not None and is_coded and _has_many_coded(shelf, query.q)
    if names is None or has_many or tier == BEGINS_NAME:
        fits = _of_tier(_fits(shelf, query, by_row=has_many), tier, query.q)
        page = next_goods(shelf, walk, _fitting(shelf, query, fits), walk.limit)
        return _looked_up(shelf, walk, page, tier)
    rows: list[Good] = []
    has = has_words(_read_name(), query.q)
    has = has if tier == _ANY_TIER else of_tier(_read_name(), query.q, tier, has)
    for ranges, stretch in names.along(walk, _blocks(names, query.q, tier)):
        if not (ranges or is_coded):
            break
        part = walk._replace(limit=walk.limit - len(rows))
        found = next_in(shelf, part, has, ranges)
        if is_coded:
            found = _merged(part, found, _only_coded(shelf, query.q, part, stretch))
        rows += _looked_up(shelf, part, found.subquery("stretch"), tier)
        if len(rows) == walk.limit:
            break
    return rows


def _read_name() -> ColumnElement[str]:
    """The name of a good that its range has led to.

    By the bare column PostgreSQL would ask the index of search once more for each range.
    """
    return _goods.sort_name if db.engine.dialect.name == "sqlite" else _goods.sort_name + ""


def _blocks(names: NameRanges, q: str, tier: str) -> list[int]:
    if tier == BEGINS_WORDS:
        return names.beginning
    # What has no words but those that begin one is found by its code, or in the tiers before.
    return [] if tier == THE_REST and not has_inner_words(q) else names.with_words


def _merged(walk: Walk, *pages: Select[Any]) -> Select[Any]:
    """The next goods of several statements whose columns are `id` and `sort_key`."""
    both = union_all(*(select(page.subquery()) for page in pages)).subquery()
    return select(both).order_by(*walk.order(both.c.sort_key, both.c.id)).limit(walk.limit)


def _only_coded(shelf: Shelf, q: str, walk: Walk, stretch: Range) -> Select[Any]:
    """The goods of a stretch of names that are found by their codes alone."""
    found = _coded_alone(shelf, q, _goods.sort_name.label("sort_key"))
    row_id, name = found.selected_columns
    found = found.where(name >= stretch.first, name < stretch.end, is_beyond(walk, name, row_id))
    return found.order_by(*walk.order(name, row_id)).limit(walk.limit)


def _coded_alone(shelf: Shelf, q: str, key: ColumnElement[Any]) -> Select[Any]:
    """The ids of goods whose names have not the words, and a `key` of them."""
    found = _coded(shelf, q).add_columns(key).where(not_(has_words(_goods.sort_name, q)))
    if db.engine.dialect.name == "sqlite":
        return found
    # OFFSET keeps it a statement of its own: PostgreSQL would read names in their order and try each good.
    return select(found.offset(0).subquery("coded"))


def _has_many_coded(shelf: Shelf, q: str) -> bool:
    """Whether so many goods have such a code that they are met on the way sooner than the index has them."""
    some = select(_goods.search_text).where(*in_store(shelf)).order_by(_goods.sort_name, _goods.id)
    sample = some.limit(_SAMPLE).subquery("sample")
    coded = select(func.count()).select_from(sample).where(begins_code(sample.c.search_text, q))
    return (db.session.scalar(coded) or 0) * _MANY_SHARE > _SAMPLE


def _coded(shelf: Shelf, q: str) -> Select[Any]:
    if db.engine.dialect.name == "sqlite":
        return select(_goods.id).where(*is_coded_in_fts(_goods, shelf.user_id, q), *led_by_fts(shelf))
    return select(_goods.id).where(coded_in_gin(q), *in_store(shelf))


def _of_tier(fits: ColumnElement[bool], tier: str, q: str) -> ColumnElement[bool]:
    return fits if tier == _ANY_TIER else of_tier(_goods.sort_name, q, tier, fits)


def _fits(shelf: Shelf, query: ListQuery, *, by_row: bool) -> ColumnElement[bool]:
    """Whether a good is found; unless asked `by_row`, those whose names do not fit are not looked up."""
    in_index = _goods.id.in_(_coded(shelf, query.q).correlate(None))
    coded = begins_code(_goods.search_text, query.q) if by_row else in_index
    return or_(has_words(_goods.sort_name, query.q), coded)


def _fitting(shelf: Shelf, query: ListQuery, fits: ColumnElement[bool]) -> Select[Any]:
    own = own_rules(shelf)
    fitting = ids_of(shelf, own, query, "name").where(fits)
    return narrowed(fitting, _goods, own, shelf, replace(query, q=""))


def _looked_up(shelf: Shelf, walk: Walk, page: Any, tier: str) -> list[Good]:
    key = (literal(tier) + page.c.sort_key).label("sort_key")
    found = looked_up(shelf, page).add_columns(key).order_by(*walk.order(page.c.sort_key, page.c.id))
    return [Good(*row) for row in db.session.execute(found)]
