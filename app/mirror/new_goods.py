"""Which goods are new: those that a later refresh brought, written in the transaction that brings them.

What the till lost for a while and brings back is what it was: new only if nobody has decided about it.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, true

from app.data.engine import THIS_MOMENT
from app.mirror.bulk_sql import batches
from app.mirror.departed import left_as
from app.mirror.models import CachedProduct, NewProduct, StagedProduct
from app.mirror.staging import IS_NEW, OWNER_ID, Staging

_cached: Any = CachedProduct.__table__
_staged: Any = StagedProduct.__table__
_new: Any = NewProduct.__table__


# From the staged goods, which are few, each to its row by the key of the cloud.
_came = (
    select(_cached.c.user_id, _cached.c.id, THIS_MOMENT)
    .join(
        _staged,
        (_cached.c.store_evotor_id == _staged.c.store_evotor_id)
        & (_cached.c.evotor_id == _staged.c.evotor_id),
    )
    .where(
        *(IS_NEW, _cached.c.user_id == OWNER_ID),
        func.coalesce(left_as("is_news"), true()),
    )
)
_NOTING = insert(_new).from_select(["user_id", "product_id", "came_at"], _came)


def note_new(connection: Connection, staging: Staging) -> None:
    """Note staged goods that have just come into the cache, and are no part of the first catalogue.

    Of what was here before only that is new which was so when it left, and nobody has decided about.
    """
    connection.execute(_NOTING, staging.place)


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
