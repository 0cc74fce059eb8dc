"""What the owner has decided, in numbers."""

from typing import Any, NamedTuple

from sqlalchemy import Select, func, literal, select, union_all

from app.data.db import db
from app.mirror.models import CachedStore
from app.rules.as_sql import StoreId, UserId, config_key
from app.rules.decide import ENTITY_TYPES, EXCLUDE, GROUP, INCLUDE, PRODUCT, STORE
from app.rules.group_counts import read_counts, totals_by_store
from app.rules.models import RuleTally, SyncFilter
from app.rules.policy import Policy
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
    return [
        StoreCounts(store_id, name, int(published), int(products - published))
        for store_id, name, products, published in read_counts(_by_store, user_id, policy_of(user_id))
    ]


def _by_store(user_id: UserId, policy: Policy, store_id: StoreId | None) -> Select[Any]:
    per_store = totals_by_store(user_id, policy, store_id).subquery()
    statement: Any = (
        select(
            CachedStore.evotor_id,
            CachedStore.name,
            func.coalesce(per_store.c.products, 0),
            func.coalesce(per_store.c.published, 0),
        )
        .outerjoin(per_store, per_store.c.store_id == CachedStore.evotor_id)
        .where(CachedStore.user_id == user_id)
        .order_by(CachedStore.sort_name, CachedStore.evotor_id)
    )
    return statement


def counts_of_rules(user_id: int) -> list[RuleCounts]:
    """The owner's rules by kind and mode."""
    config_id = config_key(user_id)
    on_others = (
        # Rules lie by kind in the index, so that nothing has to be sorted.
        select(
            SyncFilter.entity_type,
            func.count().filter(SyncFilter.filter_mode == INCLUDE),
            func.count().filter(SyncFilter.filter_mode == EXCLUDE),
        )
        .where(SyncFilter.sync_config_id == config_id, SyncFilter.entity_type.in_((STORE, GROUP)))
        .group_by(SyncFilter.entity_type)
    )
    included, every = func.sum(RuleTally.including), func.sum(RuleTally.rules)
    on_goods = select(literal(PRODUCT), included, every - included).where(
        RuleTally.sync_config_id == config_id
    )
    rows = db.session.execute(union_all(on_others, on_goods))
    counted = {
        kind: RuleCounts(kind, int(put_in or 0), int(left_out or 0)) for kind, put_in, left_out in rows
    }
    return [counted.get(kind, RuleCounts(kind, 0, 0)) for kind in ENTITY_TYPES]
