"""Shops whose pages over all their goods take long: such a page waits for its turn."""

from contextlib import AbstractContextManager, nullcontext

from flask import has_request_context
from sqlalchemy import func, select

from app.data.db import db
from app.mirror.models import GroupSize
from app.web.turns import in_turn

# With so many goods a plan takes half a second of the processor.
MANY_GOODS = 10_000


def big_shop_in_turn(user_id: int) -> AbstractContextManager[None]:
    """Enter it around what looks at all of an owner's goods; a small shop and a job go on at once.

    Raises 429 when others are in front for too long.
    """
    if not has_request_context() or goods_of_shop(user_id) <= MANY_GOODS:
        return nullcontext()
    return in_turn(user_id)


def goods_of_shop(user_id: int) -> int:
    """How many goods the owner's stores have together, as counted by the last refresh."""
    return db.session.scalar(select(func.sum(GroupSize.products)).filter_by(user_id=user_id)) or 0
