"""The rules of a change: found by its condition, written down, and compared with those that hold."""

from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    FromClause,
    Select,
    and_,
    delete,
    func,
    insert,
    literal,
    select,
    tuple_,
    update,
)

from app.data.db import db
from app.data.engine import measure_table
from app.rules.changes.conditions import Condition, select_rules
from app.rules.models import RuleChange, RuleChangeItem, SyncConfig, SyncFilter
from app.rules.read import Target

ITEM_KEY = ("entity_type", "store_evotor_id", "entity_id")
NAMED = (*ITEM_KEY, "entity_name", "parent_entity_id")
_COLUMNS = (*NAMED, "mode_before", "mode_after")
# A change of so many rules is more than the database can guess the size of.
MANY_RULES = 1000

_items = RuleChangeItem.__table__
_filters = SyncFilter.__table__


class Move(NamedTuple):
    """How many rules of a change go from one mode to another; None is no rule."""

    before: str | None
    after: str | None
    rules: int


class Counted(NamedTuple):
    """The moves of a change, and the stores and kinds of what they are on.

    `taken_off` and `turned` are the rules, by kind, that are there and go, or become others.
    """

    moves: list[Move]
    store_ids: set[str]
    entity_types: set[str]
    taken_off: Counter[str]
    turned: Counter[str]


def items_of(change: RuleChange) -> Select[Any]:
    """The rules that a change changes: ITEM_KEY, entity_name, parent_entity_id, mode_before, mode_after.

    What its condition finds, but for rules that were decided about since it was planned: whoever looked at
    it did not see that.
    """
    if change.condition is None:
        return written_items(change.id)
    wanted = select_rules(change.user_id, Condition(**change.condition)).subquery("wanted")
    present = _filters.c.filter_mode
    differing = (
        select(
            *(wanted.c[name] for name in NAMED),
            present.label("mode_before"),
            wanted.c.mode.label("mode_after"),
        )
        .outerjoin(_filters, is_rule_of(config_id_of(change.user_id), wanted))
        .where(present.is_distinct_from(wanted.c.mode), _is_as_planned(change, wanted))
        .cte("differing")
    )
    return select(differing)


def _is_as_planned(change: RuleChange, wanted: FromClause) -> ColumnElement[bool]:
    decided = (
        select(*(_items.c[name] for name in ITEM_KEY))
        .join_from(_items, RuleChange.__table__, RuleChange.id == _items.c.change_id)
        .where(RuleChange.user_id == change.user_id, RuleChange.applied_at > change.planned_at)
    )
    return tuple_(*(wanted.c[name] for name in ITEM_KEY)).not_in(decided)


def written_items(change_id: int | BindParameter[int]) -> Select[Any]:
    """The same of a change whose rules are written down."""
    return select(*(_items.c[name] for name in _COLUMNS)).where(_items.c.change_id == change_id)


def count_items(items: Select[Any]) -> Counted:
    """Count the rules of `items_of` by what becomes of them."""
    item = items.subquery("items").c
    by = (item.entity_type, item.store_evotor_id, item.mode_before, item.mode_after)
    rows = db.session.execute(select(*by, func.count()).group_by(*by)).all()
    counted: Counter[tuple[str | None, str | None]] = Counter()
    taken_off: Counter[str] = Counter()
    turned: Counter[str] = Counter()
    for entity_type, _, before, after, rules in rows:
        counted[before, after] += rules
        if before is not None:
            (taken_off if after is None else turned)[entity_type] += rules
    moves = [Move(before, after, rules) for (before, after), rules in counted.items()]
    return Counted(moves, {row[1] for row in rows}, {row[0] for row in rows}, taken_off, turned)


def write_down(change: RuleChange) -> None:
    """Turn the condition of a change into the rules that it means now."""
    if change.condition is None:
        return
    values = items_of(change).add_columns(literal(change.id))
    statement = insert(_items).from_select((*_COLUMNS, "change_id"), values)
    added = db.session.execute(statement.execution_options(preserve_rowcount=True))
    change.condition = None
    measure_many(added.rowcount)  # type: ignore[attr-defined]


def add_items(change: RuleChange, targets: Iterable[tuple[Target, str | None]]) -> int:
    """Write single rules with their new modes down, before `compare`; give how many."""
    rows = [item_row(change.id, target, mode) for target, mode in targets]
    if rows:
        db.session.execute(insert(_items), rows)
    return len(rows)


def add_unnamed(change: RuleChange) -> int:
    """Write down that every rule of the owner which the change does not name comes off; give how many."""
    named = select(_items.c.entity_id).where(
        _items.c.change_id == change.id, *(_items.c[name] == _filters.c[name] for name in ITEM_KEY)
    )
    values = select(*(_filters.c[name] for name in NAMED), _filters.c.filter_mode, literal(change.id)).where(
        _filters.c.sync_config_id == config_id_of(change.user_id), ~named.correlate(_filters).exists()
    )
    statement = insert(_items).from_select((*NAMED, "mode_before", "change_id"), values)
    added = db.session.execute(statement.execution_options(preserve_rowcount=True))
    return added.rowcount  # type: ignore[attr-defined]


def measure_many(count: int) -> None:
    """Let PostgreSQL know of so many new items."""
    if count >= MANY_RULES:
        measure_table(db.session, _items)


def compare(change: RuleChange) -> None:
    """Note the present mode of each rule that is written down, and drop what would not change."""
    present = (
        select(_filters.c.filter_mode)
        .where(is_rule_of(config_id_of(change.user_id), _items))
        .scalar_subquery()
    )
    here = _items.c.change_id == change.id
    db.session.execute(
        update(_items).where(here, _items.c.mode_before.is_distinct_from(present)).values(mode_before=present)
    )
    db.session.execute(
        delete(_items).where(here, _items.c.mode_before.is_not_distinct_from(_items.c.mode_after))
    )


def item_row(change_id: int, target: Target, mode: str | None) -> dict[str, Any]:
    """A rule of a change as the history keeps it, before its present mode is known."""
    return {
        "change_id": change_id,
        "entity_type": target.entity_type,
        "store_evotor_id": target.store_id,
        "entity_id": target.entity_id,
        "entity_name": target.name[:255],
        "parent_entity_id": target.parent_id,
        "mode_after": mode,
    }


def is_rule_of(config_id: int, other: FromClause) -> ColumnElement[bool]:
    """The condition that a rule is on what a row of `other` names by ITEM_KEY."""
    keys = (_filters.c[name] == other.c[name] for name in ITEM_KEY)
    return and_(_filters.c.sync_config_id == config_id, *keys)


def config_id_of(user_id: int) -> int:
    """The key of the owner's configuration, 0 for an owner who has decided nothing yet."""
    return db.session.scalar(select(SyncConfig.id).filter_by(user_id=user_id)) or 0
