"""New goods that buyers see already when new goods are to wait: those stay, and are left to the rules.

Being published was the decision about them: who wants to look at what comes does not expect a shop to lose
what it has. What waited before goes on waiting.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, func, select, tuple_, update

from app.data.db import db
from app.data.parts import VALUES_A_STATEMENT, in_parts
from app.data.types import now
from app.mirror.models import NewProduct
from app.publishing.ledger.as_sql import listed_goods
from app.publishing.ledger.models import Listing, ListingGood
from app.publishing.planning.existing import LIVE
from app.rules.waiting import waiting_goods


class Kept:
    """How many new goods stay in VK though others of their kind wait from now on."""

    count = 0


@contextmanager
def keeping_public(user_id: int) -> Iterator[Kept]:
    """Leave goods to the rules that buyers see and that would wait by what is changed within. No commit."""
    keep = keep_public(None, connection=db.session.connection(), user_id=user_id)
    kept = Kept()
    yield kept
    db.session.flush()
    kept.count = keep()


def keep_public(_sender: object, *, connection: Connection, user_id: int) -> Callable[[], int]:
    """Do the same where the till moves goods, once what this gives is called; that tells how many stay.

    See `goods_will_move`.
    """
    waited = _public_waiting(connection, user_id)
    # What comes back meanwhile has a greater key: it waits, whether or not VK has it still.
    newest = connection.scalar(select(func.max(NewProduct.product_id)).filter_by(user_id=user_id)) or 0

    def leave() -> int:
        begin_to_wait = _public_waiting(connection, user_id) - waited
        stay = sorted(product_id for product_id in begin_to_wait if product_id <= newest)
        for some in in_parts(stay, VALUES_A_STATEMENT):
            left = update(NewProduct).where(NewProduct.user_id == user_id, NewProduct.product_id.in_(some))
            connection.execute(left.values(left_at=now()))
        return len(stay)

    return leave


def _public_waiting(connection: Connection, user_id: int) -> set[int]:
    """The goods that wait and that buyers see in the chosen community, by the keys of their rows."""
    waiting = waiting_goods(user_id).c
    public = listed_goods(user_id, ListingGood.store_evotor_id, ListingGood.evotor_id)
    is_public = tuple_(waiting.store_id, waiting.evotor_id).in_(public.where(Listing.state == LIVE))
    return set(connection.scalars(select(waiting.product_id).where(is_public)))
