"""Which goods are new: those that a later refresh brought, written in the transaction that brings them.

What the till lost for a while and brings back is what it was: new only if nobody has decided about it.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, insert, literal, select

from app.data.types import now
from app.mirror.bulk_sql import batches
from app.mirror.departed import left_as
from app.mirror.models import CachedProduct, NewProduct, StagedProduct

_cached: Any = CachedProduct.__table__
_staged: Any = StagedProduct.__table__
_new: Any = NewProduct.__table__


def note_new(connection: Connection, user_id: int, is_new: ColumnElement[bool], *, with_store: bool) -> None:
    """Note goods that have just come into the cache.

    is_new: says of a staged good that it came; with_store: its whole store did, as stock: of this only what
    was new when it left, and nobody has decided about, is.
    """
    is_news = func.coalesce(left_as(user_id, "is_news"), literal(not with_store))
    # From the staged goods, which are few, each to its row by the key of the cloud.
    came = (
        select(_cached.c.user_id, _cached.c.id, literal(now()))
        .join(
            _staged,
            (_cached.c.store_evotor_id == _staged.c.store_evotor_id)
            & (_cached.c.evotor_id == _staged.c.evotor_id),
        )
        .where(is_new, _cached.c.user_id == user_id, is_news)
    )
    connection.execute(insert(_new).from_select(["user_id", "product_id", "came_at"], came))


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
