"""The owner's rules in the database, as a page reads them; `app.rules.changes.plan` changes them."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from sqlalchemy import and_, or_, select
from sqlalchemy.exc import IntegrityError

from app.data.db import db
from app.rules.decide import GROUP, INCLUDE, PRODUCT, STORE, StoreRules
from app.rules.models import SyncConfig, SyncFilter
from app.rules.policy import Policy
from app.rules.published import read_policy


class Target(NamedTuple):
    """What a rule is put on; `parent_id` is the store of a group and the group of a product."""

    entity_type: str
    entity_id: str
    store_id: str
    name: str
    parent_id: str | None


def config_of(user_id: int) -> SyncConfig:
    """Find the owner's configuration, making it the first time. Does not commit."""
    config = db.session.scalar(select(SyncConfig).filter_by(user_id=user_id))
    if config is not None:
        return config
    try:
        with db.session.begin_nested():
            config = SyncConfig(user_id=user_id)
            db.session.add(config)
    except IntegrityError:
        # Two first rules at once: the other request has made it.
        return db.session.scalars(select(SyncConfig).filter_by(user_id=user_id)).one()
    return config


def present_config(user_id: int) -> SyncConfig:
    """Read the owner's configuration; an unsaved one with the defaults if there is none."""
    config = db.session.scalar(select(SyncConfig).filter_by(user_id=user_id))
    return config or SyncConfig(is_enabled=False, confirmed_at=None, default_mode=INCLUDE)


def policy_of(user_id: int) -> Policy:
    """Read what the owner has said about goods at large."""
    return read_policy(db.session, user_id)


def rules_within(
    user_id: int, store_id: str, parents: Mapping[str, str | None], product_ids: Collection[str] = ()
) -> StoreRules:
    """Read, in one query, the rules that decide about the given groups and products of a store.

    `parents` maps every group that may matter to its parent.
    """
    # A group may name a parent that the cloud does not list; a rule on that parent still counts.
    group_ids = set(parents) | {parent for parent in parents.values() if parent}
    wanted = and_(
        SyncFilter.store_evotor_id == store_id,
        or_(
            SyncFilter.entity_type == STORE,
            and_(SyncFilter.entity_type == GROUP, SyncFilter.entity_id.in_(group_ids)),
            and_(SyncFilter.entity_type == PRODUCT, SyncFilter.entity_id.in_(product_ids)),
        ),
    )
    default, rows = _read(user_id, wanted)
    modes: dict[str, dict[str, str]] = {STORE: {}, GROUP: {}, PRODUCT: {}}
    for entity_type, entity_id, mode in rows:
        modes[entity_type][entity_id] = mode
    return StoreRules(store_id, default, modes[STORE].get(store_id), modes[GROUP], modes[PRODUCT], parents)


def find_rule(user_id: int, entity_type: str, entity_id: str, store_id: str) -> SyncFilter | None:
    """Find the owner's rule on an entity."""
    return db.session.scalar(
        select(SyncFilter)
        .join(SyncConfig)
        .where(
            SyncConfig.user_id == user_id,
            SyncFilter.entity_type == entity_type,
            SyncFilter.entity_id == entity_id,
            SyncFilter.store_evotor_id == store_id,
        )
    )


def _read(user_id: int, wanted: object) -> tuple[str, list[tuple[str, str, str]]]:
    # One query for both: an owner without a single rule still yields the row with the default.
    rows = db.session.execute(
        select(SyncConfig.default_mode, SyncFilter.entity_type, SyncFilter.entity_id, SyncFilter.filter_mode)
        .select_from(SyncConfig)
        .outerjoin(SyncFilter, and_(SyncFilter.sync_config_id == SyncConfig.id, wanted))  # type: ignore[arg-type]
        .where(SyncConfig.user_id == user_id)
    ).all()
    default = rows[0][0] if rows else INCLUDE
    return default, [(kind, entity_id, mode) for _, kind, entity_id, mode in rows if kind]
