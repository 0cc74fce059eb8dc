"""A file of rules as a plan: what is new, changed and removed, and which lines cannot be used."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import select

from app.data.db import db
from app.mirror.models import CachedGroup, CachedProduct, CachedStore
from app.rules.changes.plan import FILE, plan
from app.rules.decide import GROUP, PRODUCT, STORE
from app.rules.files.csv_file import Key, Line, Parsed
from app.rules.models import RuleChange, SyncConfig, SyncFilter
from app.rules.read import Target
from app.web.formatting import number

KEPT_NOTES = 100
_IDS_A_QUERY = 500
_NOWHERE = "этого нет ни в каталоге, ни среди правил"


def plan_import(user_id: int, parsed: Parsed, file_name: str, *, remove_missing: bool) -> RuleChange:
    """Plan to bring the rules in line with a file; `remove_missing` takes off those that it does not name."""
    ruled = _rules(user_id)
    known = _in_catalogue(user_id, [line.key for line in parsed.lines if line.mode])
    targets: list[tuple[Target, str | None]] = []
    errors = list(parsed.errors)
    for line in parsed.lines:
        target = known.get(line.key) or ruled.get(line.key)
        if target is not None:
            targets.append((target, line.mode))
        elif line.mode is not None:
            errors.append(f"Строка {line.number}: {_NOWHERE}: {_shown(line)}")
    if remove_missing:
        named = {line.key for line in parsed.lines}
        targets += [(target, None) for key, target in ruled.items() if key not in named]
    change = plan(user_id, FILE, f"Файл «{file_name}»", targets=targets)
    change.notes = sorted(errors, key=_line_number)[:KEPT_NOTES]
    if len(errors) > KEPT_NOTES:
        change.notes = [*change.notes, f"И ещё строк с ошибками: {number(len(errors) - KEPT_NOTES)}"]
    return change


def _rules(user_id: int) -> dict[Key, Target]:
    rows = db.session.execute(
        select(
            SyncFilter.entity_type,
            SyncFilter.entity_id,
            SyncFilter.store_evotor_id,
            SyncFilter.entity_name,
            SyncFilter.parent_entity_id,
        )
        .join(SyncConfig, SyncConfig.id == SyncFilter.sync_config_id)
        .where(SyncConfig.user_id == user_id)
    )
    return {_key(target): target for target in (Target(*row) for row in rows)}


def _in_catalogue(user_id: int, keys: Iterable[Key]) -> dict[Key, Target]:
    wanted: dict[tuple[str, str], list[str]] = defaultdict(list)
    for entity_type, store_id, entity_id in keys:
        wanted[entity_type, store_id].append(entity_id)
    found: dict[Key, Target] = {}
    for (entity_type, store_id), ids in wanted.items():
        for start in range(0, len(ids), _IDS_A_QUERY):
            for target in _look_up(user_id, entity_type, store_id, ids[start : start + _IDS_A_QUERY]):
                found[_key(target)] = target
    return found


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
    return f"«{line.name[:60]}»" if line.name else line.key[2][:60]


def _line_number(sentence: str) -> int:
    return int(sentence.partition(":")[0].removeprefix("Строка "))
