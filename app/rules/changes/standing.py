"""What of a step still stands, told by the steps after it: what was taken back must not go twice.

A rule does not tell by itself: exclude, take that back, exclude again, and it is as the first step left it.
"""

from typing import Any

from sqlalchemy import ColumnElement, func, literal, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, aliased

from app.data.db import db
from app.rules.changes.items import ITEM_KEY
from app.rules.models import RuleChange, RuleChangeItem

_later, _again = aliased(RuleChange, name="later"), aliased(RuleChange, name="again")
_items = RuleChangeItem.__table__
_later_items, _again_items = _items.alias("later_items"), _items.alias("again_items")


def stands(change: RuleChange) -> ColumnElement[bool]:
    """Whether no later step has put a rule of the change back, as SQL about its rows of `RuleChangeItem`.

    A later step that was taken back itself, which its rule in that step tells, has put nothing back.
    """
    keys = [_later_items.c[name] for name in ITEM_KEY]
    is_undone = (
        select(_again.id)
        .join(_again_items, _again_items.c.change_id == _again.id)
        .where(_again.undoes == _later.id, _again.applied_at.is_not(None))
        .where(*(_again_items.c[name] == _later_items.c[name] for name in ITEM_KEY))
        .exists()
    )
    put_back = (
        select(*keys, func.coalesce(_later_items.c.mode_after, ""))
        .join_from(_later, _later_items, _later_items.c.change_id == _later.id)
        .where(*_is_later(change), ~is_undone)
    )
    # Read once, however many rules the change has.
    own = tuple_(*(_items.c[name] for name in ITEM_KEY), func.coalesce(_items.c.mode_before, ""))
    return own.not_in(put_back)


def setting_stands(change: RuleChange, after: InstrumentedAttribute[Any], before: Any) -> bool:
    """Whether no later step has given a setting the value that it had before the change; one query."""
    is_undone = select(_again.id).where(_again.undoes == _later.id, _again.applied_at.is_not(None)).exists()
    became = getattr(_later, after.key)
    put_back = select(_later.id).where(*_is_later(change), became == before, ~is_undone)
    return not db.session.scalar(select(put_back.exists()))


def policy_stands(change: RuleChange) -> bool:
    """Whether no later step, which was not taken back in turn, has taken the change back; one query."""
    is_undone = select(_again.id).where(_again.undoes == _later.id, _again.applied_at.is_not(None)).exists()
    put_back = select(_later.id).where(*_is_later(change), _later.undoes == change.id, ~is_undone)
    return not db.session.scalar(select(put_back.exists()))


def _is_later(change: RuleChange) -> tuple[ColumnElement[bool], ...]:
    here = tuple_(literal(change.applied_at, RuleChange.applied_at.type), change.id)
    return _later.user_id == change.user_id, tuple_(_later.applied_at, _later.id) > here
