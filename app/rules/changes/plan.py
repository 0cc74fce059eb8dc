"""Changes of the rules: planned, applied as one step, taken back as another.

Every change goes this way, a single click too, so that the history holds all of them. Nothing here commits.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    String,
    and_,
    cast,
    delete,
    func,
    insert,
    literal,
    null,
    select,
    update,
)

from app.data.db import db
from app.data.engine import insert_or_update, measure_table
from app.data.types import now
from app.rules.changes.effect import Effect, Scope, count_effect, list_effect, scope_of
from app.rules.models import RuleChange, RuleChangeItem, SyncConfig, SyncFilter
from app.rules.read import Target, config_of

CLICK = "click"
BULK = "bulk"
FILE = "file"
DEFAULT = "default"
SWITCH = "switch"
STALE = "stale"
REVERT = "revert"

ITEM_KEY = ("entity_type", "store_evotor_id", "entity_id")
_ITEM_COLUMNS = ("change_id", *ITEM_KEY, "entity_name", "parent_entity_id", "mode_after")
_LONGEST_TITLE = 300
# A change of so many rules is more than the database can guess the size of.
_MANY_RULES = 1000

_items = RuleChangeItem.__table__
_filters = SyncFilter.__table__


class Move(NamedTuple):
    """How many rules of a change go from one mode to another; None is no rule."""

    before: str | None
    after: str | None
    rules: int


class AlreadyApplied(Exception):
    """The plan was applied by another request."""


def plan(
    user_id: int,
    kind: str,
    title: str,
    *,
    targets: Iterable[tuple[Target, str | None]] = (),
    selected: tuple[Select[Any], str | None] | None = None,
    default_mode: str | None = None,
    is_enabled: bool | None = None,
) -> RuleChange:
    """Write down what is to change, without changing it.

    `targets` are single rules with their new modes; `selected` is a statement that gives entity_type,
    store_evotor_id, entity_id, entity_name and parent_entity_id, with one mode for all. Mode None takes the
    rule off. Rules that are so already are left out.
    """
    change, _ = _plan(
        user_id,
        kind,
        title,
        targets=targets,
        selected=selected,
        default_mode=default_mode,
        is_enabled=is_enabled,
    )
    return change


def plan_revert(change: RuleChange) -> RuleChange:
    """Plan to put every rule of an applied change back to what it was before."""
    items = select(_items).where(_items.c.change_id == change.id).subquery()
    keys = (items.c[name] for name in _ITEM_COLUMNS[1:-1])
    what_was = select(*keys, items.c.mode_before.label("mode"))
    title = change.title if change.kind == REVERT else f"Отмена: {change.title}"
    revert = plan(
        change.user_id,
        REVERT,
        title,
        default_mode=change.default_before,
        is_enabled=change.enabled_before,
    )
    _add_items(revert, what_was)
    _count_moves(revert)
    return revert


def apply(change: RuleChange) -> None:
    """Carry a plan out, as far as it still differs from the rules of this moment.

    Raises AlreadyApplied.
    """
    config = lock_config(change.user_id)
    taken = db.session.execute(
        update(RuleChange)
        .where(RuleChange.id == change.id, RuleChange.applied_at.is_(None))
        .values(applied_at=now())
    )
    if not taken.rowcount:  # type: ignore[attr-defined]
        raise AlreadyApplied
    _carry_out(change, _compare(change), config)


def change_at_once(user_id: int, kind: str, title: str, **what: Any) -> RuleChange | None:
    """Plan and apply in one go, with the arguments of `plan`; None when everything is so already."""
    config = lock_config(user_id)
    change, scope = _plan(user_id, kind, title, **what)
    if is_empty(change):
        discard(change)
        return None
    change.applied_at = now()
    _carry_out(change, scope, config)
    return change


def is_empty(change: RuleChange) -> bool:
    """Tell whether a change would leave everything as it is."""
    return not change.moves and change.default_after is None and change.enabled_after is None


def discard(change: RuleChange) -> None:
    """Forget a plan."""
    db.session.execute(delete(_items).where(_items.c.change_id == change.id))
    db.session.delete(change)


def lock_config(user_id: int) -> SyncConfig:
    """Hold the owner's configuration until the end of the transaction: changes come one after the other."""
    config = config_of(user_id)
    db.session.execute(
        update(SyncConfig)
        .where(SyncConfig.id == config.id)
        .values(updated_at=now())
        .execution_options(synchronize_session=False)
    )
    db.session.refresh(config)
    return config


def scope_now(change: RuleChange) -> Scope:
    """Find what a plan can reach."""
    rows = db.session.execute(
        select(_items.c.entity_type, _items.c.store_evotor_id)
        .where(_items.c.change_id == change.id)
        .distinct()
    )
    found = rows.all()
    config_id = _config_id(change.user_id)
    return scope_of(change, config_id, {store_id for _, store_id in found}, {kind for kind, _ in found})


def effects(scope: Scope) -> list[Effect]:
    """Count what a plan would publish and hide, store by store."""
    return [Effect(*map(_whole, row)) for row in db.session.execute(count_effect(scope))]


def affected_goods(scope: Scope, *, appearing: bool, limit: int) -> list[Any]:
    """Some of the goods that a plan would publish, or else hide, by name."""
    rows = db.session.execute(list_effect(scope, appearing=appearing, limit=limit)).all()
    return sorted(rows, key=lambda row: row.name.lower())


def own_change(user_id: int, change_id: int) -> RuleChange | None:
    """Find a change of this owner."""
    return db.session.scalar(select(RuleChange).filter_by(user_id=user_id, id=change_id))


def _plan(
    user_id: int,
    kind: str,
    title: str,
    *,
    targets: Iterable[tuple[Target, str | None]] = (),
    selected: tuple[Select[Any], str | None] | None = None,
    default_mode: str | None = None,
    is_enabled: bool | None = None,
) -> tuple[RuleChange, Scope]:
    change = RuleChange(
        user_id=user_id,
        kind=kind,
        title=short_title(title),
        default_after=default_mode,
        enabled_after=is_enabled,
    )
    db.session.add(change)
    db.session.flush()
    rows = [item_row(change.id, target, mode) for target, mode in targets]
    if rows:
        db.session.execute(insert(_items), rows)
    if len(rows) >= _MANY_RULES:
        measure_table(db.session, _items)
    if selected is not None:
        statement, mode = selected
        found = statement.subquery()
        _add_items(change, select(found, _literal_mode(mode).label("mode")))
        return change, _count_moves(change)
    return change, _compare(change)


def _add_items(change: RuleChange, wanted: Select[Any]) -> None:
    """Add the rules that are not so already: the columns of `plan`'s `selected`, and their new mode."""
    found = wanted.subquery()
    present = _filters.c.filter_mode
    values = (
        select(literal(change.id), *(found.c[name] for name in _ITEM_COLUMNS[1:-1]), found.c.mode, present)
        .outerjoin(_filters, _is_same(_config_id(change.user_id), found))
        .where(present.is_distinct_from(found.c.mode))
    )
    statement = insert(_items).from_select((*_ITEM_COLUMNS, "mode_before"), values)
    added = db.session.execute(statement.execution_options(preserve_rowcount=True))
    if added.rowcount >= _MANY_RULES:  # type: ignore[attr-defined]
        measure_table(db.session, _items)


def _carry_out(change: RuleChange, scope: Scope, config: SyncConfig) -> None:
    change.appeared = change.hidden = 0
    if change.moves or change.default_after is not None:
        for effect in effects(scope):
            change.appeared += effect.appeared
            change.hidden += effect.hidden
    if change.moves:
        _write_rules(change, config.id)
    if change.default_after is not None:
        change.default_before, config.default_mode = config.default_mode, change.default_after
    if change.enabled_after is not None:
        change.enabled_before, config.is_enabled = config.is_enabled, change.enabled_after
    db.session.flush()


def _compare(change: RuleChange) -> Scope:
    """Note the present mode of each rule, drop what would not change, and count the rest as moves."""
    present = select(_filters.c.filter_mode).where(_is_same(_config_id(change.user_id))).scalar_subquery()
    here = _items.c.change_id == change.id
    db.session.execute(
        update(_items).where(here, _items.c.mode_before.is_distinct_from(present)).values(mode_before=present)
    )
    db.session.execute(
        delete(_items).where(here, _items.c.mode_before.is_not_distinct_from(_items.c.mode_after))
    )
    return _count_moves(change)


def _count_moves(change: RuleChange) -> Scope:
    columns = (_items.c.entity_type, _items.c.store_evotor_id, _items.c.mode_before, _items.c.mode_after)
    here = _items.c.change_id == change.id
    rows = db.session.execute(select(*columns, func.count()).where(here).group_by(*columns)).all()
    counted: dict[tuple[str | None, str | None], int] = {}
    for _, _, before, after, rules in rows:
        counted[before, after] = counted.get((before, after), 0) + rules
    change.moves = [Move(before, after, rules)._asdict() for (before, after), rules in counted.items()]
    config_id = _config_id(change.user_id)
    return scope_of(change, config_id, {row[1] for row in rows}, {row[0] for row in rows})


def _write_rules(change: RuleChange, config_id: int) -> None:
    here = _items.c.change_id == change.id
    removed = (
        select(_filters.c.id).join(_items, _is_same(config_id)).where(here, _items.c.mode_after.is_(None))
    )
    if any(move["after"] is None for move in change.moves):
        db.session.execute(delete(_filters).where(_filters.c.id.in_(removed)))
    if any(move["after"] for move in change.moves):
        _make_rules(here, config_id)
    if sum(move["rules"] for move in change.moves) >= _MANY_RULES:
        measure_table(db.session, _filters)
    # The rules were written past the session's objects.
    for known in db.session:
        if isinstance(known, SyncFilter):
            db.session.expire(known)


def _make_rules(here: ColumnElement[bool], config_id: int) -> None:
    dialect = db.session.get_bind().dialect.name
    written = select(
        literal(config_id),
        *(_items.c[name] for name in (*ITEM_KEY, "entity_name", "parent_entity_id", "mode_after")),
        literal(now()),
    ).where(here, _items.c.mode_after.is_not(None))
    names = ("sync_config_id", *ITEM_KEY, "entity_name", "parent_entity_id", "filter_mode", "created_at")
    statement = insert_or_update(dialect, _filters).from_select(names, written)
    db.session.execute(
        statement.on_conflict_do_update(
            index_elements=["sync_config_id", *ITEM_KEY],
            set_={
                name: statement.excluded[name] for name in ("filter_mode", "entity_name", "parent_entity_id")
            },
        )
    )


def _is_same(config_id: int, other: FromClause = _items) -> ColumnElement[bool]:
    keys = (_filters.c[name] == other.c[name] for name in ITEM_KEY)
    return and_(_filters.c.sync_config_id == config_id, *keys)


def _config_id(user_id: int) -> int:
    return db.session.scalar(select(SyncConfig.id).filter_by(user_id=user_id)) or 0


def short_title(title: str) -> str:
    """Cut a title to what the history keeps."""
    return title if len(title) <= _LONGEST_TITLE else title[: _LONGEST_TITLE - 1] + "…"


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


def _literal_mode(mode: str | None) -> Any:
    return cast(null(), String) if mode is None else literal(mode)


def _whole(value: Any) -> Any:
    return value if isinstance(value, str) else int(value)
