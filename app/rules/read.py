"""The owner's rules in the database, as a page reads them; `app.rules.changes.plan` changes them."""

from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.data.compiled import read_value
from app.data.db import db
from app.rules.decide import INCLUDE
from app.rules.models import SyncConfig, SyncFilter
from app.rules.policy import Policy
from app.rules.published import POLICY


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
    return Policy.of(read_value(POLICY, {"user_id": user_id}))


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
