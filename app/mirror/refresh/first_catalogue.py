"""Which stores came after the first catalogue: what they bring is to be decided about, as anything new."""

from collections.abc import Collection

from sqlalchemy import Connection, or_, select

from app.mirror.models import CatalogRefresh
from app.mirror.refresh.progress import StoreOutcome
from app.work.runs.row import DONE


def stores_of_news(
    connection: Connection, user_id: int, known: Collection[str], listed: Collection[str]
) -> frozenset[str]:
    """The `listed` stores that are not `known`, and no part of the first catalogue; both by Evotor's ids.

    The first catalogue is of the stores which the first run that brought anything listed, whether it could
    read them or not: one that never answers is no reason to take others for a part of it.
    """
    later = frozenset(listed).difference(known)
    if not known or not later:
        return frozenset()
    run = CatalogRefresh
    brought = or_(run.added > 0, run.status == DONE)
    first = select(run.stores).where(run.user_id == user_id, run.only_store.is_(None), brought)
    stores = connection.scalar(first.order_by(run.id).limit(1))
    if stores is None:
        return frozenset()
    return later.difference(StoreOutcome.read(store).store_id for store in stores)
