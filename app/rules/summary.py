"""What the owner has decided, in numbers."""

from typing import NamedTuple

from sqlalchemy import func, select

from app.data.db import db
from app.rules import as_sql
from app.rules.decide import ENTITY_TYPES, EXCLUDE, INCLUDE
from app.rules.tables import configs, filters, stores


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
    counts = as_sql.counts_by_group(user_id).subquery()
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
            stores.c.evotor_id,
            stores.c.name,
            func.coalesce(per_store.c.products, 0),
            func.coalesce(per_store.c.published, 0),
        )
        .outerjoin(per_store, per_store.c.store_id == stores.c.evotor_id)
        .where(stores.c.user_id == user_id)
        .order_by(stores.c.name)
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
            filters.c.entity_type,
            func.count().filter(filters.c.filter_mode == INCLUDE),
            func.count().filter(filters.c.filter_mode == EXCLUDE),
        )
        .join(configs, configs.c.id == filters.c.sync_config_id)
        .where(configs.c.user_id == user_id)
        .group_by(filters.c.entity_type)
    )
    counted = {kind: RuleCounts(kind, included, excluded) for kind, included, excluded in rows}
    return [counted.get(kind, RuleCounts(kind, 0, 0)) for kind in ENTITY_TYPES]
