"""What a list of all stores does otherwise than a list of one.

A good's id is its own within its store only, so that goods are named by store and id. The indexes hold each
store's goods in order, so that the next goods of all stores are the first among the next of each.
"""

from typing import Any

from sqlalchemy import ColumnElement, Select, select, true, tuple_
from sqlalchemy.sql.selectable import NamedFromClause

from app.catalog.lists.keyset import Walk
from app.catalog.lists.sorting import sort_key
from app.data.db import db
from app.data.given import is_one_of
from app.mirror.models import CachedProduct, CachedStore

_goods = CachedProduct.__table__.c


def key(store_id: Any, store: Any, evotor_id: Any) -> tuple[Any, ...]:
    """The columns that name a good or a group: its id, and in a list of all stores the store's before it."""
    return (evotor_id,) if store_id is not None else (store, evotor_id)


def is_among(columns: tuple[Any, ...], found: Any) -> ColumnElement[bool]:
    """Whether what the columns of `key` name is among those that a statement finds, or that it is given."""
    named: Any = columns[0] if len(columns) == 1 else tuple_(*columns)
    return is_one_of(named, found)


def next_of_all_stores(user_id: Any, walk: Walk, goods: Select[Any], length: Any) -> NamedFromClause:
    """The next `length` of an owner's goods, as `Walk.stretch` gives those of a store: id and sort_key."""
    store = CachedStore.__table__.alias("each_store")
    here = _goods.user_id == user_id, _goods.store_evotor_id == store.c.evotor_id
    of_store = walk.stretch(goods.where(*here).correlate(store), _goods, length)
    ids: Any
    if db.engine.dialect.name == "sqlite":
        # It has no LATERAL, but leads to rows by the list of keys that a subquery makes for each store.
        found = CachedProduct.__table__.alias("of_stores")
        is_next = found.c.id.in_(select(of_store.c.id).correlate(store))
        ids = select(found.c.id, sort_key(found.c, walk.sort).label("sort_key")).select_from(
            store.join(found, is_next)
        )
    else:
        lateral = select(of_store.c.id, of_store.c.sort_key).lateral("of_stores")
        ids = select(lateral.c.id, lateral.c.sort_key).select_from(store.join(lateral, true()))
    columns = ids.selected_columns
    ids = ids.where(store.c.user_id == user_id)
    ids = ids.order_by(*walk.order(columns.sort_key, columns.id)).limit(length)
    return ids.subquery("stretch")
