"""Goods that change their special types together: they keep those they had until the owner's word.

What VK forbids to sell is told by its type alone: wine that comes as an ordinary good would be published.
"""

from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, select

from app.mirror.departed import left_as
from app.mirror.drop_guard import DropGuard
from app.mirror.good_types import UNTOLD, USUAL
from app.mirror.models import CachedProduct, StagedProduct
from app.mirror.regrouping import keep_known
from app.mirror.staging import IS_NEW, IS_STAGED, Staging

# Fewer goods than this may change as they like: one has been put right in the till.
GUARDED_TYPES = 2

_cached: Any = CachedProduct.__table__
_staged: Any = StagedProduct.__table__
_NOT_SPECIAL = *USUAL, UNTOLD
# Wine stays wine with a mark and without: what a type begins with says what the good is. Fewer letters do not
# tell «MEDICAL» from «MEDICINE», of which VK forbids one.
_BEGINNING = 7


def _is_other_than(was: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether a staged good is said to be something else than it was, which was something special."""
    said_now, said_then = (func.substr(said, 1, _BEGINNING) for said in (_staged.c.product_type, was))
    return and_(was.not_in(_NOT_SPECIAL), said_now != said_then)


_IS_RETYPED = and_(_staged.c.cached_id == _cached.c.id, _is_other_than(_cached.c.product_type))
_COUNT_RETYPED = select(func.count()).where(IS_STAGED, _IS_RETYPED)
_COUNT_BACK = select(func.count()).where(IS_NEW, _is_other_than(left_as("product_type")))


def keep_types(connection: Connection, staging: Staging, guard: DropGuard, *, remembers: bool) -> int:
    """Leave the special goods of a store their types if several of them change; give how many would.

    Those count that come back as something else than they left, if the store `remembers` any: as new ones,
    they wait for the word. Of a hundred percent that may vanish unasked nothing is asked here either.
    """
    retyped = connection.scalar(_COUNT_RETYPED, staging.place) or 0
    if remembers:
        retyped += connection.scalar(_COUNT_BACK, staging.place) or 0
    if retyped < GUARDED_TYPES or retyped <= guard.confirmed_types or guard.percent >= 100:
        return 0
    keep_known(connection, staging, _IS_RETYPED, "product_type")
    return retyped
