"""How many goods of each group have a rule of their own, kept so that no page has to look them up.

Where rules change the database counts by itself, in triggers, so that a click takes no statement more. Where
goods move their store is counted anew, here.
"""

from functools import cache
from typing import Any

from sqlalchemy import Connection, Delete, Insert, Select, and_, bindparam, delete, func, insert, select

from app.accounts.models import User
from app.data.engine import insert_or_update
from app.mirror.models import CachedProduct
from app.rules.as_sql import UserId, config_key
from app.rules.decide import INCLUDE, PRODUCT
from app.rules.models import RuleTally, SyncConfig, SyncFilter

_configs = SyncConfig.__table__
_filters = SyncFilter.__table__.c
_goods = CachedProduct.__table__.c
_tallies: Any = RuleTally.__table__
_PLACE = ("store_evotor_id", "is_present", "group_evotor_id")
_OWNER = bindparam("owner", type_=_configs.c.user_id.type)
_STORE = bindparam("store", type_=_tallies.c.store_evotor_id.type)
_CONFIG = bindparam("config", type_=_tallies.c.sync_config_id.type)


def tallies_of(user_id: UserId) -> Select[Any]:
    """Goods with a rule of their own by group: store_id, group_id ("" for none), goods, included."""
    tally = _tallies.c
    return select(
        tally.store_evotor_id.label("store_id"),
        tally.group_evotor_id.label("group_id"),
        tally.rules.label("goods"),
        tally.including.label("included"),
    ).where(tally.sync_config_id == config_key(user_id), tally.is_present)


def count_rules_on_goods(
    _sender: object, *, connection: Connection, user_id: int, store_id: str | None
) -> None:
    """Count them anew where goods have moved, in one store or (None) in all; see `app.mirror.signals`.

    Whoever changes rules holds the configuration until the end of the transaction. So does this, from here
    on: rules made before are counted here, those made afterwards meet the goods where they lie now.
    """
    config_id = _hold(connection, user_id)
    if config_id is None:
        return
    forget, count = _anew(store_id is not None)
    in_store = {} if store_id is None else {"store": store_id}
    connection.execute(forget, {"config": config_id} | in_store)
    connection.execute(count, {"owner": user_id} | in_store)


@cache
def _anew(is_in_store: bool) -> tuple[Delete, Insert]:
    """What forgets the tallies and counts them; built once, which takes longer than to count few rules."""
    forget, counted = delete(_tallies).where(_tallies.c.sync_config_id == _CONFIG), counted_rules(_OWNER)
    if is_in_store:
        forget = forget.where(_tallies.c.store_evotor_id == _STORE)
        counted = counted.where(_filters.store_evotor_id == _STORE)
    columns = ("sync_config_id", *_PLACE, "rules", "including")
    return forget, insert(_tallies).from_select(columns, counted)


def counted_rules(user_id: UserId) -> Select[Any]:
    """The owner's tallies, counted from the rules and the goods: all columns of `RuleTally`."""
    is_its_good = and_(
        _goods.user_id == user_id,
        _goods.store_evotor_id == _filters.store_evotor_id,
        _goods.evotor_id == _filters.entity_id,
    )
    place = (
        _filters.sync_config_id,
        _filters.store_evotor_id,
        _goods.id.is_not(None).label("is_present"),
        func.coalesce(_goods.group_evotor_id, "").label("group_evotor_id"),
    )
    included = func.count().filter(_filters.filter_mode == INCLUDE)
    return (
        select(*place, func.count().label("rules"), included.label("including"))
        .select_from(SyncFilter.__table__.outerjoin(CachedProduct.__table__, is_its_good))
        .where(_filters.sync_config_id == config_key(user_id), _filters.entity_type == PRODUCT)
        .group_by(*place)
    )


def _hold(connection: Connection, user_id: int) -> int | None:
    """Hold the owner's configuration and give its key; None for an owner who is gone."""
    held = select(_configs.c.id).where(_configs.c.user_id == user_id).with_for_update(key_share=True)
    config_id = connection.scalar(held)
    if config_id is None:
        # Somebody may be making it at this moment, with the first rule.
        owner = select(User.id).where(User.id == user_id)
        made = insert_or_update(connection.dialect.name, _configs).from_select(["user_id"], owner)
        connection.execute(made.on_conflict_do_nothing())
        config_id = connection.scalar(held)
    return config_id
