"""A file of rules as a plan: what is new, changed and removed, and which lines cannot be used."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from flask_babel import gettext
from sqlalchemy import select, union

from app.data.db import db
from app.data.parts import in_parts
from app.mirror.models import CachedGroup, CachedProduct, CachedStore
from app.mirror.stores import store_names
from app.rules.changes.drafts import make_room
from app.rules.changes.items import add_items, add_unnamed, measure_many
from app.rules.changes.plan import FILE, begin, discard, settle
from app.rules.decide import GROUP, PRODUCT, STORE
from app.rules.files.criteria import policy_of_lines, too_many
from app.rules.files.layouts import StoresByName
from app.rules.files.read_file import BadFile, ConditionLine, Key, Line, Refused
from app.rules.models import RuleChange, SyncConfig, SyncFilter
from app.rules.policy import Policy
from app.rules.read import Target, policy_of
from app.web.formatting import in_quotes, quoted
from app.web.formatting import number as grouped
from app.words import Sentence, gettext_noop

# Such a plan names every rule: it may take some 30 MB.
FILES_KEPT = 3
KEPT_NOTES = 100
_LINES_AT_ONCE = 500
_MOST_CONDITIONS = 200
_NOTHING_REMOVED = gettext_noop(
    "Правила и условия, которых нет в файле, остаются: может быть, эти строки как раз о них. "
    "Исправьте строки и загрузите файл ещё раз."
)

AnyLine = Line | ConditionLine | Refused


def plan_import(
    user_id: int, lines: Iterable[AnyLine], file_name: str, *, remove_missing: bool
) -> RuleChange:
    """Plan to bring the rules and the conditions in line with a file.

    `remove_missing` takes off those that it does not name, unless a line cannot be used: it may be about any
    of them.

    The lines are written down some at a time, so that a file of any size takes little memory. Each time they
    are committed, as lines of a plan that nobody can have seen: others write in between. Passes the BadFile
    on that reading a line raises; the plan is forgotten then.
    """
    store_ids = _stores(user_id)
    make_room(user_id, FILES_KEPT, RuleChange.kind == FILE)
    change = begin(user_id, FILE, Sentence("Файл «%(name)s»", name=quoted(file_name)))
    db.session.commit()
    try:
        _write_down(change, store_ids, lines, remove_missing=remove_missing)
    except BadFile:
        db.session.rollback()
        discard(change)
        db.session.commit()
        raise
    return change


def _write_down(
    change: RuleChange, store_ids: set[str], lines: Iterable[AnyLine], *, remove_missing: bool
) -> None:
    user_id = change.user_id
    kept: list[Refused] = []
    conditions: list[ConditionLine] = []
    refused = written = 0
    for some in in_parts(lines, _LINES_AT_ONCE):
        wanted = [line for line in some if isinstance(line, Line)]
        known = _known(user_id, store_ids, [line.key for line in wanted])
        # A list of the whole catalogue differs in a few lines. What names all rules is compared later.
        differing = (
            line
            for line in wanted
            if line.key in known and (remove_missing or known[line.key].mode != line.mode)
        )
        written += add_items(change, ((known[line.key].target, line.mode) for line in differing))
        unusable = [line for line in some if isinstance(line, Refused)]
        unusable += [
            Refused(
                line.number,
                gettext("этого нет ни в каталоге, ни среди правил: %(line)s", line=_shown(line)),
            )
            for line in wanted
            if line.key not in known and line.mode is not None
        ]
        refused += len(unusable)
        kept += sorted(unusable)[: KEPT_NOTES - len(kept)]
        conditions += [line for line in some if isinstance(line, ConditionLine)]
        db.session.commit()
    policies, unusable = _policies(user_id, conditions, remove_missing=remove_missing and not refused)
    refused += len(unusable)
    kept = sorted(kept + unusable)[:KEPT_NOTES]
    if remove_missing and unusable:
        policies, _ = _policies(user_id, conditions, remove_missing=False)
    if policies:
        change.policy_before, change.policy_after = (policy.stored for policy in policies)
    if remove_missing and not refused:
        written += add_unnamed(change)
    measure_many(written)
    settle(change)
    notes = [
        gettext("Строка %(number)s: %(reason)s", number=number, reason=reason) for number, reason in kept
    ]
    if refused > len(kept):
        notes.append(gettext("И ещё строк с ошибками: %(count)s", count=grouped(refused - len(kept))))
    change.notes = [*notes, gettext(_NOTHING_REMOVED)] if remove_missing and refused else notes


def _policies(
    user_id: int, lines: list[ConditionLine], *, remove_missing: bool
) -> tuple[tuple[Policy, Policy] | None, list[Refused]]:
    """The owner's conditions as they are and as the lines make them; and the lines that cannot be used."""
    if not lines and not remove_missing:
        return None, []
    present = policy_of(user_id)
    becomes, refused = policy_of_lines(lines[:_MOST_CONDITIONS], present, remove_missing=remove_missing)
    return (present, becomes), refused + [
        Refused(line.number, too_many()) for line in lines[_MOST_CONDITIONS:]
    ]


def stores_by_name(user_id: int) -> StoresByName:
    """The ids of the owner's stores by their names, which two may share."""
    stores: dict[str, list[str]] = defaultdict(list)
    for store_id, name in store_names(user_id).items():
        stores[name.strip()].append(store_id)
    return stores


def _stores(user_id: int) -> set[str]:
    """The stores that the owner has or has rules in: in no other one has a line to be looked for."""
    cached = select(CachedStore.evotor_id).filter_by(user_id=user_id)
    ruled = select(SyncFilter.store_evotor_id).join(SyncConfig).where(SyncConfig.user_id == user_id)
    return set(db.session.scalars(union(cached, ruled)))


class _Known(NamedTuple):
    """What a line names, and the mode of the rule on it."""

    target: Target
    mode: str | None


def _known(user_id: int, store_ids: set[str], keys: Iterable[Key]) -> dict[Key, _Known]:
    """What the keys name in the catalogue, else what the owner's rules are on."""
    wanted: dict[tuple[str, str], list[str]] = defaultdict(list)
    for entity_type, store_id, entity_id in keys:
        if store_id in store_ids:
            wanted[entity_type, store_id].append(entity_id)
    found: dict[Key, _Known] = {}
    for (entity_type, store_id), ids in wanted.items():
        ruled = {_key(each.target): each for each in _ruled(user_id, entity_type, store_id, ids)}
        here = {_key(target): target for target in _look_up(user_id, entity_type, store_id, ids)}
        found |= ruled
        found |= {
            key: _Known(target, ruled[key].mode if key in ruled else None) for key, target in here.items()
        }
    return found


def _ruled(user_id: int, entity_type: str, store_id: str, ids: list[str]) -> Iterator[_Known]:
    rows = db.session.execute(
        select(
            SyncFilter.entity_id, SyncFilter.entity_name, SyncFilter.parent_entity_id, SyncFilter.filter_mode
        )
        .join(SyncConfig)
        .where(
            SyncConfig.user_id == user_id,
            SyncFilter.entity_type == entity_type,
            SyncFilter.store_evotor_id == store_id,
            SyncFilter.entity_id.in_(ids),
        )
    )
    for entity_id, name, parent_id, mode in rows:
        yield _Known(Target(entity_type, entity_id, store_id, name, parent_id), mode)


def _look_up(user_id: int, entity_type: str, store_id: str, ids: list[str]) -> Iterator[Target]:
    if entity_type == STORE:
        named = select(CachedStore.evotor_id, CachedStore.name).where(
            CachedStore.user_id == user_id, CachedStore.evotor_id.in_(ids)
        )
        for entity_id, name in db.session.execute(named):
            yield Target(STORE, entity_id, entity_id, name, None)
        return
    source: Any = CachedGroup if entity_type == GROUP else CachedProduct
    here = select(source.evotor_id, source.name).where(
        source.user_id == user_id, source.store_evotor_id == store_id, source.evotor_id.in_(ids)
    )
    if entity_type == PRODUCT:
        for entity_id, name, group_id in db.session.execute(here.add_columns(CachedProduct.group_evotor_id)):
            yield Target(PRODUCT, entity_id, store_id, name, group_id)
        return
    for entity_id, name in db.session.execute(here):
        yield Target(GROUP, entity_id, store_id, name, store_id)


def _key(target: Target) -> Key:
    return target.entity_type, target.store_id, target.entity_id


def _shown(line: Line) -> str:
    return in_quotes(quoted(line.name[:60])) if line.name else line.key[2][:60]
