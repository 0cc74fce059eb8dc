"""What the owner has decided, in numbers."""

from typing import NamedTuple

from sqlalchemy import func, select

from app.data.db import db
from app.mirror.models import CachedStore
from app.rules.decide import ENTITY_TYPES, EXCLUDE, INCLUDE
from app.rules.group_counts import counts_by_group
from app.rules.models import SyncConfig, SyncFilter
from app.rules.read import policy_of


class StoreCounts(NamedTuple):
    """A store and its goods by result."""

    store_id: str
    name: str
    published: int
    hidden: int


class RuleCounts(NamedTuple):
    """How many rules of one kind include and exclude."""

    entity_type: str
    included: int
    excluded: int


def counts_by_store(user_id: int) -> list[StoreCounts]:
    """Published and hidden goods of every store, by name."""
    counts = counts_by_group(user_id, policy_of(user_id)).subquery()
    per_store = (
        select(
            counts.c.store_id,
            func.sum(counts.c.products).label("products"),
            func.sum(counts.c.published).label("published"),
        )
        .group_by(counts.c.store_id)
        .subquery()
    )
    rows = db.session.execute(
        select(
            CachedStore.evotor_id,
            CachedStore.name,
            func.coalesce(per_store.c.products, 0),
            func.coalesce(per_store.c.published, 0),
        )
        .outerjoin(per_store, per_store.c.store_id == CachedStore.evotor_id)
        .where(CachedStore.user_id == user_id)
        .order_by(CachedStore.name)
    )
    return [
        StoreCounts(store_id, name, int(published), int(products - published))
        for store_id, name, products, published in rows
    ]


def counts_of_rules(user_id: int) -> list[RuleCounts]:
    """The owner's rules by kind and mode."""
    rows = db.session.execute(
        # Rules lie by kind in the index, so that nothing has to be sorted.
        select(
            SyncFilter.entity_type,
            func.count().filter(SyncFilter.filter_mode == INCLUDE),
            func.count().filter(SyncFilter.filter_mode == EXCLUDE),
        )
        .join(SyncConfig, SyncConfig.id == SyncFilter.sync_config_id)
        .where(SyncConfig.user_id == user_id)
        .group_by(SyncFilter.entity_type)
    )
    counted = {kind: RuleCounts(kind, included, excluded) for kind, included, excluded in rows}
    return [counted.get(kind, RuleCounts(kind, 0, 0)) for kind in ENTITY_TYPES]
