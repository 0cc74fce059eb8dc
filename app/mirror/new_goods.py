"""Which goods are new: those that a later refresh brought, written in the transaction that brings them.

What the till lost for a while and brings back is what it was: new only if nobody has decided about it.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, literal, select, tuple_

from app.data.engine import insert_or_update
from app.data.types import now
from app.mirror.bulk_sql import batches
from app.mirror.models import CachedProduct, DepartedGood, NewProduct, StagedProduct

_cached: Any = CachedProduct.__table__
_staged: Any = StagedProduct.__table__
_new: Any = NewProduct.__table__
_departed: Any = DepartedGood.__table__
_IS_BACK = and_(
    _departed.c.store_evotor_id == _staged.c.store_evotor_id, _departed.c.evotor_id == _staged.c.evotor_id
)


def note_new(connection: Connection, user_id: int, is_new: ColumnElement[bool]) -> None:
    """Note goods that have just come into the cache.

    is_new: says of a staged good that it came.
    """
    departed = select(_departed.c.user_id).where(_departed.c.user_id == user_id, _IS_BACK)
    # From the staged goods, which are few, each to its row by the key of the cloud.
    came = (
        select(_cached.c.user_id, _cached.c.id, literal(now()))
        .join(
            _staged,
            (_cached.c.store_evotor_id == _staged.c.store_evotor_id)
            & (_cached.c.evotor_id == _staged.c.evotor_id),
        )
        .where(is_new, _cached.c.user_id == user_id, ~departed.exists())
    )
    connection.execute(insert(_new).from_select(["user_id", "product_id", "came_at"], came))
    # By a list of keys: asked of each that has left, SQLite went through all that came to find it.
    keys = select(_staged.c.store_evotor_id, _staged.c.evotor_id).where(is_new)
    is_back = tuple_(_departed.c.store_evotor_id, _departed.c.evotor_id).in_(keys)
    connection.execute(delete(_departed).where(_departed.c.user_id == user_id, is_back))


def note_departed(connection: Connection, user_id: int, keys: Sequence[int]) -> None:
    """Note of goods that are about to leave the cache which are new no more, by the keys of their rows, with
    what they were."""
    is_open = select(_new.c.product_id).where(
        _new.c.user_id == user_id, _new.c.product_id == _cached.c.id, _new.c.left_at.is_(None)
    )
    # By their keys alone: told the owner besides, SQLite went through all goods of the owner for a few keys.
    columns = ["user_id", "store_evotor_id", "evotor_id", "product_type"]
    known = select(*(_cached.c[name] for name in columns), literal(now())).where(
        _cached.c.id.in_(keys), ~is_open.exists()
    )
    statement = insert_or_update(connection.dialect.name, _departed).from_select([*columns, "gone_at"], known)
    connection.execute(statement.on_conflict_do_nothing())


def forget_new(connection: Connection, user_id: int, gone: Sequence[int]) -> None:
    """Forget goods that leave the cache, by the keys of their rows."""
    for keys in batches(gone):
        connection.execute(delete(_new).where(_new.c.user_id == user_id, _new.c.product_id.in_(keys)))


def new_in(connection: Connection, user_id: int, store_id: str) -> list[int]:
    """The new goods of a store, by the keys of their rows."""
    # The new goods are fewer than those of the store.
    keys = select(_new.c.product_id).join(_cached, _cached.c.id == _new.c.product_id)
    keys = keys.where(_new.c.user_id == user_id, _cached.c.store_evotor_id == store_id)
    return list(connection.scalars(keys))
