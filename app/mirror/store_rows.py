"""The rows of a store itself and of its groups, brought in line with what was fetched."""

from typing import Any

from sqlalchemy import Connection, insert, select, update

from app.clients.evotor.client import Group, Store
from app.data.types import now
from app.mirror.folding import fold
from app.mirror.models import CachedGroup, CachedStore, GroupSize
from app.mirror.staging import Staging


def apply_store_row(connection: Connection, staging: Staging, store: Store) -> tuple[bool, bool]:
    """Write the store's own row; tell whether it is new, and whether it bore another name before."""
    wanted = {
        "name": store.name[:255],
        "sort_name": fold(store.name)[:255],
        "address": store.address[:500] if store.address else None,
        "search_text": fold(f"{store.name} {store.address or ''}"),
        # When the store was last brought in line, whether or not anything differed.
        "fetched_at": now(),
        "refreshed_by": staging.refresh_id,
    }
    own_row = {"user_id": staging.user_id, "evotor_id": store.id}
    name = connection.scalar(select(CachedStore.name).filter_by(**own_row))
    if name is None:
        connection.execute(insert(CachedStore).values(own_row | wanted))
    else:
        connection.execute(update(CachedStore).filter_by(**own_row).values(wanted))
    return name is None, name is not None and name != wanted["name"]


def apply_groups(connection: Connection, staging: Staging, groups: list[Group]) -> tuple[list[int], bool]:
    """Insert and change groups; tell whether any differed.

    Gives also the keys of those that the cloud does not list, whose names the change log still needs.
    """
    wanted = {group.id: (group.name[:255], group.parent_id) for group in groups}
    in_store = {"user_id": staging.user_id, "store_evotor_id": staging.store_id}
    table: Any = CachedGroup.__table__
    columns = (table.c.evotor_id, table.c.id, table.c.name, table.c.parent_evotor_id)
    rows = connection.execute(select(*columns).filter_by(**in_store))
    existing = {evotor_id: (key, (name, parent_id)) for evotor_id, key, name, parent_id in rows}
    new = []
    is_changed = False
    for evotor_id, values in wanted.items():
        if evotor_id not in existing:
            new.append(in_store | {"evotor_id": evotor_id} | _group_values(*values))
        elif existing[evotor_id][1] != values:
            own_row = table.c.id == existing[evotor_id][0]
            connection.execute(update(table).where(own_row).values(_group_values(*values)))
            is_changed = True
    if new:
        connection.execute(insert(table), new)
    unlisted = [key for evotor_id, (key, _) in existing.items() if evotor_id not in wanted]
    return unlisted, bool(new or is_changed)


def empty_groups(connection: Connection, staging: Staging, unlisted: list[int]) -> list[int]:
    """Of groups that the cloud does not list, by their keys, give those without goods in them or within.

    The list may be cut or empty, while goods say by themselves where they lie: without the groups between
    them a rule on a group further up would not reach its goods any more, and what it excludes be published.
    """
    if not unlisted:
        return []
    in_store = {"user_id": staging.user_id, "store_evotor_id": staging.store_id}
    rows = connection.execute(
        select(CachedGroup.evotor_id, CachedGroup.parent_evotor_id, CachedGroup.id).filter_by(**in_store)
    ).all()
    parents = {evotor_id: parent_id for evotor_id, parent_id, _ in rows}
    in_use = set[str]()
    for named in connection.scalars(select(GroupSize.group_evotor_id).filter_by(**in_store)):
        group_id: str | None = named
        while group_id and group_id not in in_use:
            in_use.add(group_id)
            group_id = parents.get(group_id)
    return list({key for evotor_id, _, key in rows if evotor_id not in in_use}.intersection(unlisted))


def _group_values(name: str, parent_id: str | None) -> dict[str, Any]:
    return {
        "name": name,
        "sort_name": fold(name)[:255],
        "parent_evotor_id": parent_id,
        "fetched_at": now(),
    }
