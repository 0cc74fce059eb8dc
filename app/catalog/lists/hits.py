"""The goods that a search or a filter lets through, each led to by an index, and what lists show of them."""

from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Select, not_, or_, select, union, union_all
from sqlalchemy.sql.selectable import NamedFromClause

from app.catalog.lists.address import ListQuery
from app.catalog.lists.everywhere import is_among, key
from app.catalog.lists.filters import WAITING
from app.catalog.lists.shelf import Shelf, in_store, is_on, narrowed, own_rules, shown_of
from app.catalog.lists.sorting import BY_MATCH
from app.data.db import db
from app.mirror.models import CachedProduct, GroupSize
from app.mirror.search import (
    has_words,
    in_fts,
    in_gin,
    is_coded_in_fts,
    is_indexed,
    is_named_in_fts,
    match_key,
)
from app.rules import as_sql
from app.rules.decide import EXCLUDE, INCLUDE
from app.rules.waiting import waiting_goods

# So many goods are looked at sooner than the ids of those with a result are gathered.
SCANNED = 50_000

_goods = CachedProduct.__table__.c
_SORTED_BY = {"name": "sort_name"}


def hits_of(shelf: Shelf, query: ListQuery, sort: str) -> Select[Any] | CompoundSelect[Any]:
    """The ids of all goods that fit, and what they are sorted by; an index leads to each."""
    own = own_rules(shelf)
    statement = ids_of(shelf, own, query, sort)
    if not is_indexed(query.q):
        if query.rule in (INCLUDE, EXCLUDE):
            ruled = select(*key(shelf.store_id, own.c.store_evotor_id, own.c.entity_id))
            statement = statement.where(is_among(_key_of_good(shelf), ruled))
        elif query.modes and query.vk in (None, WAITING) and not (shelf.obstacles and shelf.size <= SCANNED):
            # Of the other states there are no more goods than the community may hold.
            statement = statement.where(_goods.id.in_(_decided(shelf, query)))
        return narrowed(statement.where(*in_store(shelf)), _goods, own, shelf, query)
    if db.engine.dialect.name != "sqlite":
        statement = statement.where(in_gin(_goods.sort_name, query.q), *in_store(shelf))
    elif shelf.groups is None and query.is_narrowed_only_by("q"):
        return _one_after_another(shelf, query, statement)
    else:
        statement = statement.where(in_fts(_goods.id, shelf.user_id, query.q), *led_by_fts(shelf))
    return narrowed(statement, _goods, own, shelf, query)


def led_by_fts(shelf: Shelf) -> tuple[ColumnElement[bool], ...]:
    """What `in_store` tells, for a statement that SQLite's index of search has to lead.

    Without statistics SQLite takes any index of the store for a better way.
    """
    own = _goods.user_id + 0 == shelf.user_id
    return (own,) if shelf.store_id is None else (own, _goods.store_evotor_id + "" == shelf.store_id)


def _one_after_another(shelf: Shelf, query: ListQuery, goods: Select[Any]) -> CompoundSelect[Any]:
    """What SQLite's index has: who takes only so many does not wait for the rest."""
    named = goods.where(*is_named_in_fts(_goods, shelf.user_id, query.q))
    coded = goods.where(
        *is_coded_in_fts(_goods, shelf.user_id, query.q), not_(has_words(_goods.sort_name, query.q))
    )
    return union_all(*(part.where(*led_by_fts(shelf)) for part in (named, coded)))


def ids_of(shelf: Shelf, own: NamedFromClause, query: ListQuery, sort: str) -> Select[Any]:
    """The ids of goods and what they are sorted by, beside their own rules if the list asks for those."""
    key = (
        match_key(_goods.sort_name, query.q).label(BY_MATCH)
        if sort == BY_MATCH
        else _goods[_SORTED_BY.get(sort, sort)]
    )
    statement = select(_goods.id, key)
    if query.rule or query.modes:
        statement = statement.outerjoin(own, is_on(own, _goods, shelf))
    return statement


def _decided(shelf: Shelf, query: ListQuery) -> Any:
    """The ids of the goods with the wanted result: by their own rule, or by what their group inherits."""
    user_id, store_id = shelf.user_id, shelf.store_id
    wanted = min(query.modes)
    inherited = as_sql.inherited_by(user_id, store_id, name="decided_modes")
    may_be, by_store = inherited.mode == wanted, inherited.by_store == wanted
    if shelf.policy.criteria:
        # Where no rule decides there may be goods of either kind: which, the list finds out good by good.
        may_be = or_(may_be, inherited.ruled.is_(None))
        by_store = or_(by_store, inherited.store_rule.is_(None))
    sizes = GroupSize.__table__.c
    store = sizes.store_evotor_id if store_id is None else store_id
    named = key(store_id, sizes.store_evotor_id, sizes.group_evotor_id)
    groups = inherited.join(select(*named), store, sizes.group_evotor_id).where(
        sizes.user_id == user_id, may_be
    )
    in_no_group = goods = select(_goods.id).where(*in_store(shelf))
    if store_id is not None:
        groups = groups.where(sizes.store_evotor_id == store_id)
    elif inherited.stores is not None:
        in_no_group = goods.outerjoin(
            inherited.stores, inherited.stores.c.entity_id == _goods.store_evotor_id
        )
    own = own_rules(shelf)
    ruled = select(*key(store_id, own.c.store_evotor_id, own.c.entity_id))
    waiting = waiting_goods(user_id, store_id, name="decided_waiting")
    # Goods that wait are among those that inherit the other mode as well: which, the list finds out.
    undecided = (select(waiting.c.product_id),) if wanted == EXCLUDE else ()
    return union(
        *undecided,
        goods.where(is_among(_key_of_good(shelf), ruled.where(own.c.filter_mode == wanted))),
        goods.where(is_among(key(store_id, _goods.store_evotor_id, _goods.group_evotor_id), groups)),
        in_no_group.where(_goods.group_evotor_id.is_(None), by_store),
    )


def looked_up(shelf: Shelf, hits: Any, own: NamedFromClause | None = None) -> Select[Any]:
    """All that a list shows of the goods whose ids are `hits`."""
    own = own_rules(shelf) if own is None else own
    return (
        select(*shown_of(shelf), own.c.filter_mode.label("rule_mode"))
        .join_from(hits, CachedProduct.__table__, _goods.id == hits.c.id)
        .outerjoin(own, is_on(own, _goods, shelf))
    )


def _key_of_good(shelf: Shelf) -> tuple[Any, ...]:
    return key(shelf.store_id, _goods.store_evotor_id, _goods.evotor_id)
