"""New goods that buyers see already when new goods are to wait: those stay, and are left to the rules.

Being published was the decision about them: who wants to look at what comes does not expect a shop to lose
what it has.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import select, update

from app.data.db import db
from app.data.parts import VALUES_A_STATEMENT, in_parts
from app.data.types import now
from app.mirror.models import NewProduct
from app.publishing.ledger.as_sql import listed_goods
from app.publishing.ledger.models import Listing, ListingGood
from app.publishing.planning.existing import LIVE
from app.publishing.planning.good import Key
from app.rules.waiting import waiting_goods


class Kept:
    """How many new goods stay in VK though others of their kind wait from now on."""

    count = 0


@contextmanager
def keeping_public(user_id: int) -> Iterator[Kept]:
    """Leave goods to the rules that buyers see and that would wait by what is changed within. No commit.

    What waited before goes on waiting.
    """
    kept, before = Kept(), _waiting(user_id)
    yield kept
    db.session.flush()
    wait_now = {key: good for key, good in _waiting(user_id).items() if key not in before}
    if not wait_now:
        return
    public = _public(user_id)
    stay = sorted(key for key, good in wait_now.items() if good in public)
    for some in in_parts(stay, VALUES_A_STATEMENT):
        left = update(NewProduct).where(NewProduct.user_id == user_id, NewProduct.product_id.in_(some))
        db.session.execute(left.values(left_at=now()).execution_options(synchronize_session=False))
    kept.count = len(stay)


def _waiting(user_id: int) -> dict[int, Key]:
    """The new goods that wait, by the keys of their rows."""
    waiting = waiting_goods(user_id).c
    rows = db.session.execute(select(waiting.product_id, waiting.store_id, waiting.evotor_id))
    return {product_id: (store_id, evotor_id) for product_id, store_id, evotor_id in rows}


def _public(user_id: int) -> set[Key]:
    """The goods behind listings that buyers see in the chosen community."""
    keys = listed_goods(user_id, ListingGood.store_evotor_id, ListingGood.evotor_id)
    rows = db.session.execute(keys.where(Listing.state == LIVE))
    return {(store_id, evotor_id) for store_id, evotor_id in rows}
