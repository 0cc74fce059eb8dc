"""Rules on what the catalogue no longer holds: they wait for their goods to return, or are cleared."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    Table,
    and_,
    bindparam,
    cast,
    func,
    null,
    select,
    union_all,
)

from app.data.compiled import read_rows
from app.mirror.models import CachedGroup, CachedProduct, CachedStore, GroupSize
from app.rules.as_sql import UserId, config_key
from app.rules.changes.conditions import finds
from app.rules.decide import GROUP, PRODUCT, STORE
from app.rules.models import RuleTally, SyncConfig, SyncFilter

_configs = SyncConfig.__table__
_filters = SyncFilter.__table__
_groups = CachedGroup.__table__
_products = CachedProduct.__table__
_sizes = GroupSize.__table__
_stores = CachedStore.__table__
_tallies = RuleTally.__table__


STALE_RULES = "stale"


def count_stale(user_id: int) -> int:
    """How many rules decide about nothing at present."""
    ((others, on_goods),) = read_rows(_counting(), {"user_id": user_id})
    return int(others + on_goods)


@cache
def _counting() -> Select[Any]:
    user_id = bindparam("user_id", type_=_configs.c.user_id.type)
    others = select(func.count()).select_from(union_all(*_on_stores_and_groups(user_id)).subquery())
    on_goods = select(func.coalesce(func.sum(_tallies.c.rules), 0)).where(
        _tallies.c.sync_config_id == config_key(user_id),
        ~_tallies.c.is_present,
        _has_stores(user_id),
    )
    return select(others.scalar_subquery(), on_goods.scalar_subquery())


@finds(STALE_RULES)
def stale_rules(user_id: int, _arguments: Mapping[str, Any]) -> Select[Any]:
    """Rules whose store, group or product is not in the catalogue, each to be taken off.

    A group that the cloud does not list still decides while goods or other groups name it. Without any store
    in the catalogue nothing is stale: it has not been loaded.
    """
    store_id, entity_id = _filters.c.store_evotor_id, _filters.c.entity_id
    on_goods = _rules(
        user_id,
        PRODUCT,
        (_products, and_(_products.c.store_evotor_id == store_id, _products.c.evotor_id == entity_id)),
    )
    # One statement for each kind, so that PostgreSQL can join instead of looking rule after rule.
    return select(union_all(*_on_stores_and_groups(user_id), on_goods).subquery())


def _on_stores_and_groups(user_id: UserId) -> list[Select[Any]]:
    store_id, entity_id = _filters.c.store_evotor_id, _filters.c.entity_id
    return [
        _rules(user_id, STORE, (_stores, _stores.c.evotor_id == entity_id)),
        _rules(
            user_id,
            GROUP,
            (_groups, and_(_groups.c.store_evotor_id == store_id, _groups.c.evotor_id == entity_id)),
            (_groups, and_(_groups.c.store_evotor_id == store_id, _groups.c.parent_evotor_id == entity_id)),
            (_sizes, and_(_sizes.c.store_evotor_id == store_id, _sizes.c.group_evotor_id == entity_id)),
        ),
    ]


def _rules(user_id: UserId, entity_type: str, *homes: tuple[Table, ColumnElement[bool]]) -> Select[Any]:
    """The rules of one kind that are found in none of these places."""
    absent = (
        ~select(home.c.user_id).where(home.c.user_id == user_id, is_there).correlate(_filters).exists()
        for home, is_there in homes
    )
    return select(
        _filters.c.entity_type,
        _filters.c.store_evotor_id,
        _filters.c.entity_id,
        _filters.c.entity_name,
        _filters.c.parent_entity_id,
        cast(null(), String).label("mode"),
    ).where(
        _filters.c.sync_config_id == config_key(user_id),
        _filters.c.entity_type == entity_type,
        _has_stores(user_id),
        *absent,
    )


def _has_stores(user_id: UserId) -> ColumnElement[bool]:
    return select(_stores.c.id).where(_stores.c.user_id == user_id).correlate().exists()
