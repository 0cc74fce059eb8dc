"""What the owner's runs of the last day have let go and moved unasked: it counts with what an answer lacks.

Or goods that go little by little, as Evotor's deliveries bring stores, would never be too many.
"""

from collections import Counter
from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import Connection, case, or_, select

from app.data.types import now
from app.mirror.models import CatalogRefresh
from app.mirror.refresh.progress import StoreOutcome, moves_in

LATELY = timedelta(days=1)
_ROWS_AT_ONCE = 20


class Lately(NamedTuple):
    """How many goods, by store, are gone, and stand in other groups."""

    lost: Counter[str]
    moved: Counter[str]


def count_lately(connection: Connection, user_id: int, refresh_id: int) -> Lately:
    """Count what the owner's runs before this one did to each store since its owner was last asked."""
    run = CatalogRefresh
    # The outcomes of all stores are only read where the run was about all.
    of_all = case((run.only_store.is_(None), run.stores))
    runs = (
        select(run.only_store, run.removed, run.moved, run.confirmed_drops, of_all)
        .where(run.user_id == user_id, run.id < refresh_id, run.requested_at > now() - LATELY)
        .where(or_(run.removed > 0, run.moved > 0))
        .order_by(run.id)
    )
    found = Lately(Counter(), Counter())
    rows = connection.execute(runs, execution_options={"yield_per": _ROWS_AT_ONCE})
    for only_store, removed, moved, confirmed, stores in rows:
        if only_store:
            found.lost[only_store] += removed
            found.moved[only_store] += moved
        for outcome in map(StoreOutcome.read, stores or []):
            for counted, word, more in (
                (found.lost, outcome.store_id, outcome.removed),
                (found.moved, moves_in(outcome.store_id), outcome.moved),
            ):
                # A word on what moves is none on what goes.
                counted[outcome.store_id] = 0 if confirmed.get(word) else counted[outcome.store_id] + more
    return found
