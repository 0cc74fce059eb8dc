"""One rule, changed at once: what a click on a row does."""

from typing import Any, NamedTuple

from sqlalchemy import insert, select, update

from app.data.db import db
from app.data.types import now
from app.rules.changes.apply import lock_config
from app.rules.changes.away import ask_again
from app.rules.changes.effect import effects
from app.rules.changes.items import ITEM_KEY, NAMED, Move, item_row, items_of
from app.rules.changes.plan import CLICK, titled
from app.rules.changes.scope import scope_of
from app.rules.decide import INCLUDE
from app.rules.models import RuleChange, RuleChangeItem, SyncConfig, SyncFilter
from app.rules.policy import EMPTY, Policy
from app.rules.read import Target
from app.rules.words import name_target
from app.web.turns import in_line


class Held(NamedTuple):
    """An owner whose rules nobody else changes until the end of the transaction."""

    user_id: int
    config_id: int
    policy: Policy


def hold_rules(user_id: int) -> Held:
    """Hold the owner's rules, in one statement: what is read after it stays so until it is changed.

    Raises 429 when too many changes wait for that.
    """
    locked = update(SyncConfig).filter_by(user_id=user_id).values(updated_at=now())
    locked = locked.returning(SyncConfig.id, SyncConfig.policy)
    with in_line(user_id):
        found = db.session.execute(locked.execution_options(synchronize_session=False)).first()
    if found is None:
        return Held(user_id, lock_config(user_id).id, EMPTY)
    return Held(user_id, found.id, Policy.of(found.policy))


def set_rule(
    held: Held, target: Target, mode: str | None, *, inherited: str | None = None
) -> RuleChange | None:
    """Make, change or (mode None) delete one rule at once; None when it is so already. Does not commit.

    A click has its own short way: with one rule there is nothing to compare set by set. `inherited` is, of a
    product that exists, its mode without a rule of its own: what happens to one good needs no counting.
    """
    key = dict(zip(ITEM_KEY, (target.entity_type, target.store_id, target.entity_id), strict=True))
    rule = db.session.scalar(select(SyncFilter).filter_by(sync_config_id=held.config_id, **key))
    before = rule.filter_mode if rule else None
    if before == mode:
        return None
    change = RuleChange(
        user_id=held.user_id,
        kind=CLICK,
        **titled(name_target(target)),
        moves=[Move(before, mode, 1)._asdict()],
        kept_rules=1,
        applied_at=now(),
    )
    if inherited is not None:
        was, becomes = before or inherited, mode or inherited
        change.appeared = int(was != becomes == INCLUDE)
        change.hidden = int(becomes != was == INCLUDE)
    db.session.add(change)
    db.session.flush()
    item = item_row(change.id, target, mode) | {"mode_before": before}
    db.session.execute(insert(RuleChangeItem).values(**item))
    if inherited is None:
        scope = scope_of(
            change, items_of(change), {target.store_id}, {target.entity_type}, present=held.policy
        )
        counted = effects(scope)
        change.appeared = sum(effect.appeared for effect in counted)
        change.hidden = sum(effect.hidden for effect in counted)
        ask_again(change)
    _put(rule, held, item)
    db.session.flush()
    return change


def _put(rule: SyncFilter | None, held: Held, item: dict[str, Any]) -> None:
    """Bring one rule to what the item says."""
    mode = item["mode_after"]
    if rule is None:
        values = {name: item[name] for name in NAMED}
        db.session.add(SyncFilter(sync_config_id=held.config_id, filter_mode=mode, **values))
    elif mode is None:
        db.session.delete(rule)
    else:
        rule.filter_mode = mode
        rule.entity_name, rule.parent_entity_id = item["entity_name"], item["parent_entity_id"]
