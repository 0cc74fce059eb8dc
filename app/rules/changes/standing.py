"""What of a step still stands, told by the steps after it: what was decided anew is not the step's any more.

A rule does not tell by itself: exclude, take that back, exclude again, and it is as the first step left it.
"""

from collections import defaultdict
from typing import Any

from sqlalchemy import ColumnElement, literal, or_, select, tuple_
from sqlalchemy.orm import aliased

from app.data.db import db
from app.rules.changes.items import ITEM_KEY
from app.rules.models import RuleChange, RuleChangeItem
from app.rules.policy import Decided, Policy, decides

_SETTINGS = (RuleChange.default_after, RuleChange.enabled_after)
_POLICY = (RuleChange.policy_before, RuleChange.policy_after)
# Each with the conditions before and after it, some 12 KB at most.
_STEPS_AT_ONCE = 100
_later, _again = aliased(RuleChange, name="later"), aliased(RuleChange, name="again")
_undone = aliased(RuleChange, name="undone")
_items = RuleChangeItem.__table__
_later_items, _again_items = _items.alias("later_items"), _items.alias("again_items")


def stands(change: RuleChange) -> ColumnElement[bool]:
    """Whether no later step has decided about a rule of the change: SQL about its rows of `RuleChangeItem`.

    A later step that was taken back, which its rule in that step tells, has decided nothing, nor has what
    took it back.
    """
    keys = [_later_items.c[name] for name in ITEM_KEY]
    is_undone = (
        select(_again.id)
        .join(_again_items, _again_items.c.change_id == _again.id)
        .where(_again.undoes == _later.id, _again.applied_at.is_not(None))
        .where(*(_again_items.c[name] == _later_items.c[name] for name in ITEM_KEY))
        .exists()
    )
    undoes_later = select(_undone.id).where(_undone.id == _later.undoes, *_is_later(change, _undone)).exists()
    decided = (
        select(*keys)
        .join_from(_later, _later_items, _later_items.c.change_id == _later.id)
        .where(*_is_later(change, _later), ~is_undone, ~undoes_later)
    )
    # Read once, however many rules the change has.
    return tuple_(*(_items.c[name] for name in ITEM_KEY)).not_in(decided)


def decided_since(change: RuleChange) -> set[Decided]:
    """What later steps have decided about conditions, and `default_after` and `enabled_after`; one query.

    Of steps that were taken back, and of what took them back, nothing.
    """
    decides_any = or_(*(column.is_not(None) for column in (*_SETTINGS, *_POLICY)))
    later = (
        select(RuleChange.id, RuleChange.undoes, *_SETTINGS, *_POLICY)
        .where(*_is_later(change, RuleChange), decides_any)
        .order_by(RuleChange.applied_at.desc(), RuleChange.id.desc())
    )
    since: set[Decided] = set()
    back: defaultdict[int, set[Decided]] = defaultdict(set)
    for step in db.session.execute(later, execution_options={"yield_per": _STEPS_AT_ONCE}):
        decided = decides(Policy.of(step.policy_before), Policy.of(step.policy_after))
        decided |= {column.key for column in _SETTINGS if getattr(step, column.key) is not None}
        # The latest comes first. Whoever took more back than the step had decided has decided the rest.
        decided ^= back.pop(step.id, set())
        if step.undoes is None:
            since |= decided
        else:
            back[step.undoes] |= decided
    return since.union(*back.values())


def _is_later(change: RuleChange, step: Any) -> tuple[ColumnElement[bool], ...]:
    here = tuple_(literal(change.applied_at, RuleChange.applied_at.type), change.id)
    return step.user_id == change.user_id, tuple_(step.applied_at, step.id) > here
