"""How much room an owner's history takes: the rules of its oldest steps are let go, the steps stay."""

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import delete, func, select, update

from app.data.db import db
from app.data.parts import VALUES_A_STATEMENT, delete_some, in_parts
from app.mirror.big_shops import goods_of_shop
from app.rules.models import RuleChange, RuleChangeItem

# Rules of all its steps: some 270 MB with usual names, 660 MB with the longest. All goods of a bigger shop
# may be decided about ten times.
MOST_RULES, TIMES_ALL_GOODS = 1_000_000, 10
# So many go with any change.
_LEAST_AT_ONCE = 1_000

_items = RuleChangeItem.__table__


def let_oldest_go(change: RuleChange) -> None:
    """Delete the rules that the owner's history has no room for, of its oldest steps, after this new one.

    The owner's rules are held. Twice as many go as the change has added, at most: it takes about as long as
    that did, and where very many are too many, they get fewer with each change. Commits nothing.
    """
    kept = _kept(change.user_id)
    if kept <= MOST_RULES:
        return
    beyond = kept - max(MOST_RULES, TIMES_ALL_GOODS * goods_of_shop(change.user_id))
    left = min(beyond, max(_LEAST_AT_ONCE, 2 * change.rules))
    if left > 0:
        _let_go(_oldest(change, left), left)


def has_let_go(user_id: int) -> bool:
    """Tell whether there are steps all of whose rules are gone."""
    gone = select(RuleChange.id).filter_by(user_id=user_id, kept_rules=0)
    return db.session.scalar(gone.limit(1)) is not None


def _kept(user_id: int) -> int:
    return db.session.scalar(select(func.sum(RuleChange.kept_rules)).filter_by(user_id=user_id)) or 0


def _oldest(change: RuleChange, most: int) -> Iterator[tuple[int, int]]:
    """Steps that have rules, the oldest first, and how many: each has one at least."""
    steps = (
        select(RuleChange.id, RuleChange.kept_rules)
        .where(
            RuleChange.user_id == change.user_id,
            RuleChange.applied_at.is_not(None),
            RuleChange.kept_rules > 0,
            RuleChange.id != change.id,
        )
        .order_by(RuleChange.applied_at, RuleChange.id)
        .limit(most)
    )
    for step_id, rules in db.session.execute(steps).all():
        yield step_id, rules or 0


def _let_go(steps: Iterable[tuple[int, int]], most: int) -> None:
    """Delete rules of steps one after the other; of the last one perhaps a part."""
    whole = []
    for step_id, rules in steps:
        if rules > most:
            delete_some(db.session, _items, _items.c.change_id == step_id, most)
            _note([step_id], RuleChange.kept_rules - most)
            break
        whole.append(step_id)
        most -= rules
    for part in in_parts(whole, VALUES_A_STATEMENT):
        db.session.execute(delete(_items).where(_items.c.change_id.in_(part)))
        _note(part, 0)


def _note(step_ids: list[int], kept: Any) -> None:
    noted = update(RuleChange).where(RuleChange.id.in_(step_ids)).values(kept_rules=kept)
    db.session.execute(noted.execution_options(synchronize_session=False))
