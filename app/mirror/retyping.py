"""Goods that change their special types together: they keep those they had until the owner's word.

What VK forbids to sell is told by its type alone: wine that comes as an ordinary good would be published.
"""

from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, select

from app.mirror.drop_guard import DropGuard
from app.mirror.good_types import ORDINARY, SERVICE, UNTOLD
from app.mirror.models import CachedProduct, DepartedGood, StagedProduct
from app.mirror.regrouping import keep_known
from app.mirror.staging import Staging, is_staged

# Fewer goods than this may change as they like: one has been put right in the till.
GUARDED_TYPES = 2

_cached: Any = CachedProduct.__table__
_staged: Any = StagedProduct.__table__
_departed: Any = DepartedGood.__table__
_USUAL = ORDINARY, SERVICE, UNTOLD
# Wine stays wine with a mark and without: what a type begins with says what the good is. Fewer letters do not
# tell «MEDICAL» from «MEDICINE», of which VK forbids one.
_BEGINNING = 7


def _is_other_than(known: Any) -> ColumnElement[bool]:
    """Whether a staged good is said to be something else than it was, which was something special."""
    said, was = (func.substr(goods.c.product_type, 1, _BEGINNING) for goods in (_staged, known))
    return and_(known.c.product_type.not_in(_USUAL), said != was)


_IS_RETYPED = and_(_staged.c.cached_id == _cached.c.id, _is_other_than(_cached))


def keep_types(connection: Connection, staging: Staging, guard: DropGuard) -> int:
    """Leave the special goods of a store their types if several of them change; give how many would.

    Those count that come back to the till as something else: as new ones, they wait for the word.
    Of a hundred percent that may vanish unasked nothing is asked here either.
    """
    retyped = connection.scalar(select(func.count()).where(is_staged(staging), _IS_RETYPED)) or 0
    retyped += _count_back(connection, staging)
    if retyped < GUARDED_TYPES or retyped <= guard.confirmed_types or guard.percent >= 100:
        return 0
    keep_known(connection, staging, _IS_RETYPED, "product_type")
    return retyped


def _count_back(connection: Connection, staging: Staging) -> int:
    """How many goods of the store come back as something else than they left."""
    left = _departed.c.user_id == staging.user_id, _departed.c.store_evotor_id == staging.store_id
    special = select(_departed.c.evotor_id).where(*left, _departed.c.product_type.not_in(_USUAL))
    if connection.scalar(special.limit(1)) is None:
        return 0
    is_back = is_staged(staging), _staged.c.cached_id.is_(None), _staged.c.evotor_id == _departed.c.evotor_id
    back = select(func.count()).select_from(_staged).where(*left, *is_back, _is_other_than(_departed))
    return connection.scalar(back) or 0
