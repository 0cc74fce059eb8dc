"""Rules on what the catalogue no longer holds: they wait for their goods to return, or are cleared."""

from typing import Any

from sqlalchemy import ColumnElement, Select, TableClause, and_, func, select, union_all

from app.data.db import db
from app.rules.decide import GROUP, PRODUCT, STORE
from app.rules.tables import configs, filters, groups, products, sizes, stores


def count_stale(user_id: int) -> int:
    """How many rules decide about nothing at present."""
    return db.session.scalar(select(func.count()).select_from(stale_rules(user_id).subquery())) or 0


def stale_rules(user_id: int) -> Select[Any]:
    """Rules whose store, group or product is not in the catalogue, as `changes.plan` takes them.

    A group that the cloud does not list still decides while goods or other groups name it. Without any store
    in the catalogue nothing is stale: it has not been loaded.
    """
    store_id, entity_id = filters.c.store_evotor_id, filters.c.entity_id
    # One statement for each kind, so that PostgreSQL can join instead of looking rule after rule.
    parts = [
        _rules(user_id, STORE, (stores, stores.c.evotor_id == entity_id)),
        _rules(
            user_id,
            GROUP,
            (groups, and_(groups.c.store_evotor_id == store_id, groups.c.evotor_id == entity_id)),
            (groups, and_(groups.c.store_evotor_id == store_id, groups.c.parent_evotor_id == entity_id)),
            (sizes, and_(sizes.c.store_evotor_id == store_id, sizes.c.group_evotor_id == entity_id)),
        ),
        _rules(
            user_id,
            PRODUCT,
            (products, and_(products.c.store_evotor_id == store_id, products.c.evotor_id == entity_id)),
        ),
    ]
    return select(union_all(*parts).subquery())


def _rules(user_id: int, entity_type: str, *homes: tuple[TableClause, ColumnElement[bool]]) -> Select[Any]:
    """The rules of one kind that are found in none of these places."""
    config_id = select(configs.c.id).where(configs.c.user_id == user_id).scalar_subquery()
    absent = (
        ~select(home.c.user_id).where(home.c.user_id == user_id, is_there).correlate(filters).exists()
        for home, is_there in homes
    )
    return select(
        filters.c.entity_type,
        filters.c.store_evotor_id,
        filters.c.entity_id,
        filters.c.entity_name,
        filters.c.parent_entity_id,
    ).where(
        filters.c.sync_config_id == config_id,
        filters.c.entity_type == entity_type,
        select(stores.c.id).where(stores.c.user_id == user_id).correlate().exists(),
        *absent,
    )
