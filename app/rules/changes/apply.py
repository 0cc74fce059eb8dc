"""Changes of the rules, carried out: each one step of the history. Nothing here commits."""

from typing import Any

from sqlalchemy import ColumnElement, delete, literal, select, update

from app.data.db import db
from app.data.engine import insert_or_update, measure_table
from app.data.types import now
from app.rules.changes import plan as plans
from app.rules.changes.away import ask_again
from app.rules.changes.effect import effects
from app.rules.changes.items import ITEM_KEY, MANY_RULES, NAMED, compare, is_rule_of, write_down
from app.rules.changes.room import let_oldest_go
from app.rules.changes.scope import scope_now
from app.rules.models import RuleChange, RuleChangeItem, SyncConfig, SyncFilter
from app.rules.policy import Policy
from app.rules.read import config_of
from app.web.turns import in_line

_items = RuleChangeItem.__table__
_filters = SyncFilter.__table__


class AlreadyApplied(Exception):
    """The plan was applied by another request."""


class TooOld(Exception):
    """What is to be taken back is a step whose rules the history has let go, all of them or some."""


def apply(change: RuleChange) -> RuleChange | None:
    """Carry a plan out, as far as it still differs from the rules of this moment.

    None, and the plan is forgotten, when nothing does any more. Raises AlreadyApplied, TooOld.
    """
    config = lock_config(change.user_id)
    # Its rules may have gone since this was planned.
    undone = plans.own_change(change.user_id, change.undoes) if change.undoes else None
    if undone is not None and undone.is_too_old:
        raise TooOld
    taken = db.session.execute(
        update(RuleChange)
        .where(RuleChange.id == change.id, RuleChange.applied_at.is_(None))
        .values(applied_at=now())
    )
    if not taken.rowcount:  # type: ignore[attr-defined]
        raise AlreadyApplied
    return _carry_out(change, config)


def change_at_once(user_id: int, kind: str, title: str, **what: Any) -> RuleChange | None:
    """Plan and apply in one go, with the arguments of `plans.begin`; None when everything is so already."""
    # Held before it is planned: of two alike at the same moment the second one finds nothing to do.
    config = lock_config(user_id)
    change = plans.begin(user_id, kind, title, **what)
    change.applied_at = now()
    return _carry_out(change, config)


def undo(change: RuleChange) -> RuleChange | None:
    """Put the rules of an applied change back at once, unseen; None when there is nothing to put back.

    What was decided since stays, and what was taken back already: the page with the button may be an old one.
    Raises TooOld.
    """
    # Held before it is asked what still stands: of two alike at the same moment the second finds nothing.
    lock_config(change.user_id)
    db.session.refresh(change)
    if change.is_too_old:
        raise TooOld
    return change_at_once(change.user_id, **plans.way_back(change, as_left=True))


def lock_config(user_id: int) -> SyncConfig:
    """Hold the owner's configuration until the end of the transaction: changes come one after the other.

    Raises 429 when too many of them wait for it.
    """
    config = config_of(user_id)
    held = update(SyncConfig).where(SyncConfig.id == config.id).values(updated_at=now())
    with in_line(user_id):
        db.session.execute(held.execution_options(synchronize_session=False))
    db.session.refresh(config)
    return config


def _carry_out(change: RuleChange, config: SyncConfig) -> RuleChange | None:
    if change.condition is None:
        compare(change)
    else:
        write_down(change)
    plans.count_moves(change)
    if change.default_after == config.default_mode:
        change.default_after = None
    if change.enabled_after == config.is_enabled:
        change.enabled_after = None
    plans.compare_policy(change, Policy.of(config.policy))
    if plans.is_empty(change):
        plans.discard(change)
        return None
    change.kept_rules = change.rules or None
    change.appeared = change.hidden = 0
    if plans.touches_goods(change):
        for effect in effects(scope_now(change)):
            change.appeared += effect.appeared
            change.hidden += effect.hidden
    if change.moves:
        _write_rules(change, config.id)
        ask_again(change)
    if change.default_after is not None:
        change.default_before, config.default_mode = config.default_mode, change.default_after
    if change.enabled_after is not None:
        change.enabled_before, config.is_enabled = config.is_enabled, change.enabled_after
    if change.policy_after is not None:
        config.policy = change.policy_after
    # Of many rules this takes long, and a plan that was made meanwhile has seen none of them.
    change.applied_at = now()
    db.session.flush()
    if change.kept_rules:
        let_oldest_go(change)
    return change


def _write_rules(change: RuleChange, config_id: int) -> None:
    here = _items.c.change_id == change.id
    removed = (
        select(_filters.c.id)
        .join(_items, is_rule_of(config_id, _items))
        .where(here, _items.c.mode_after.is_(None))
    )
    if any(move["after"] is None for move in change.moves):
        db.session.execute(delete(_filters).where(_filters.c.id.in_(removed)))
    if any(move["after"] for move in change.moves):
        _make_rules(here, config_id)
    if change.rules >= MANY_RULES:
        measure_table(db.session, _filters)
    # The rules were written past the session's objects.
    for known in db.session:
        if isinstance(known, SyncFilter):
            db.session.expire(known)


def _make_rules(here: ColumnElement[bool], config_id: int) -> None:
    dialect = db.session.get_bind().dialect.name
    written = select(
        literal(config_id),
        *(_items.c[name] for name in (*NAMED, "mode_after")),
        literal(now()),
    ).where(here, _items.c.mode_after.is_not(None))
    names = ("sync_config_id", *NAMED, "filter_mode", "created_at")
    statement = insert_or_update(dialect, _filters).from_select(names, written)
    db.session.execute(
        statement.on_conflict_do_update(
            index_elements=["sync_config_id", *ITEM_KEY],
            set_={
                name: statement.excluded[name] for name in ("filter_mode", "entity_name", "parent_entity_id")
            },
        )
    )
