"""One rule, changed at once: what a click on a row does."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import insert, select, update

from app.data.db import db
from app.data.types import now
from app.rules.changes.effect import scope_of
from app.rules.changes.plan import CLICK, ITEM_KEY, Move, effects, item_row, lock_config, short_title
from app.rules.decide import INCLUDE
from app.rules.models import RuleChange, RuleChangeItem, SyncConfig, SyncFilter
from app.rules.read import Target
from app.rules.words import name_target


def set_rule(
    user_id: int, target: Target, mode: str | None, *, inherited: Callable[[], str] | None = None
) -> RuleChange | None:
    """Make, change or (mode None) delete one rule at once; None when it is so already. Does not commit.

    A click has its own short way: with one rule there is nothing to compare set by set. `inherited` tells, of
    a product that exists, its mode without a rule of its own: what happens to one good needs no counting.
    """
    config_id = _lock_config_id(user_id)
    key = {
        "entity_type": target.entity_type,
        "store_evotor_id": target.store_id,
        "entity_id": target.entity_id,
    }
    rule = db.session.scalar(select(SyncFilter).filter_by(sync_config_id=config_id, **key))
    before = rule.filter_mode if rule else None
    if before == mode:
        return None
    change = RuleChange(
        user_id=user_id,
        kind=CLICK,
        title=short_title(name_target(target)),
        moves=[Move(before, mode, 1)._asdict()],
        applied_at=now(),
    )
    if inherited is not None:
        was, becomes = before or inherited(), mode or inherited()
        change.appeared = int(was != becomes == INCLUDE)
        change.hidden = int(becomes != was == INCLUDE)
    db.session.add(change)
    db.session.flush()
    item = item_row(change.id, target, mode) | {"mode_before": before}
    db.session.execute(insert(RuleChangeItem).values(**item))
    if inherited is None:
        counted = effects(scope_of(change, config_id, {target.store_id}, {target.entity_type}))
        change.appeared = sum(effect.appeared for effect in counted)
        change.hidden = sum(effect.hidden for effect in counted)
    _put(rule, config_id, item)
    db.session.flush()
    return change


def _put(rule: SyncFilter | None, config_id: int, item: dict[str, Any]) -> None:
    """Bring one rule to what the item says."""
    mode = item["mode_after"]
    if rule is None:
        values = {name: item[name] for name in (*ITEM_KEY, "entity_name", "parent_entity_id")}
        db.session.add(SyncFilter(sync_config_id=config_id, filter_mode=mode, **values))
    elif mode is None:
        db.session.delete(rule)
    else:
        rule.filter_mode = mode
        rule.entity_name, rule.parent_entity_id = item["entity_name"], item["parent_entity_id"]


def _lock_config_id(user_id: int) -> int:
    """Hold the configuration as `lock_config` does, in one statement; give its key."""
    locked = update(SyncConfig).filter_by(user_id=user_id).values(updated_at=now()).returning(SyncConfig.id)
    config_id = db.session.scalar(locked.execution_options(synchronize_session=False))
    return config_id or lock_config(user_id).id
