"""Rules on what the catalogue no longer holds: they wait for their goods to return, or are cleared."""

from typing import Any

from sqlalchemy import Select, and_, func, or_, select

from app.extensions import db
from app.sync.rules import GROUP, PRODUCT, STORE
from app.sync.tables import configs, filters, groups, products, sizes, stores


def count_stale(user_id: int) -> int:
    """How many rules decide about nothing at present."""
    return db.session.scalar(select(func.count()).select_from(stale_rules(user_id).subquery())) or 0


def stale_rules(user_id: int) -> Select[Any]:
    """Rules whose store, group or product is not in the catalogue, as `changes.plan` takes them.

    A group that the cloud does not list still decides while goods or other groups name it. Without any store
    in the catalogue nothing is stale: it has not been loaded.
    """
    store_id, entity_id = filters.c.store_evotor_id, filters.c.entity_id
    has_store = _exists(stores, user_id, stores.c.evotor_id == entity_id)
    has_group = or_(
        _exists(groups, user_id, groups.c.store_evotor_id == store_id, groups.c.evotor_id == entity_id),
        _exists(
            groups, user_id, groups.c.store_evotor_id == store_id, groups.c.parent_evotor_id == entity_id
        ),
        _exists(sizes, user_id, sizes.c.store_evotor_id == store_id, sizes.c.group_evotor_id == entity_id),
    )
    has_product = _exists(
        products, user_id, products.c.store_evotor_id == store_id, products.c.evotor_id == entity_id
    )
    return (
        select(
            filters.c.entity_type,
            filters.c.store_evotor_id,
            filters.c.entity_id,
            filters.c.entity_name,
            filters.c.parent_entity_id,
        )
        .join(configs, configs.c.id == filters.c.sync_config_id)
        .where(
            configs.c.user_id == user_id,
            select(stores.c.id).where(stores.c.user_id == user_id).exists(),
            or_(
                and_(filters.c.entity_type == STORE, ~has_store),
                and_(filters.c.entity_type == GROUP, ~has_group),
                and_(filters.c.entity_type == PRODUCT, ~has_product),
            ),
        )
    )


def _exists(source: Any, user_id: int, *conditions: Any) -> Any:
    return (
        select(source.c.user_id).where(source.c.user_id == user_id, *conditions).correlate(filters).exists()
    )
