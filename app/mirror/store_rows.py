"""The rows of a store itself and of its groups, brought in line with what was fetched."""

from array import array
from typing import Any, NamedTuple

from sqlalchemy import Connection, insert, select, update

from app.clients.evotor.client import Group, Store
from app.data.types import now
from app.mirror.bulk_sql import KEYS_A_STATEMENT
from app.mirror.folding import fold
from app.mirror.held_groups import HeldGroups
from app.mirror.kept_fields import is_nameless
from app.mirror.models import CachedGroup, CachedStore, GroupSize
from app.mirror.staging import OWNER_ID, STORE_ID, Staging

_groups: Any = CachedGroup.__table__
_stores: Any = CachedStore.__table__
_IS_OWN_ROW = _stores.c.user_id == OWNER_ID, _stores.c.evotor_id == STORE_ID
_NAME = select(_stores.c.name).where(*_IS_OWN_ROW)
_ADDING = insert(_stores)
_CHANGING = update(_stores).where(*_IS_OWN_ROW)
_COLUMNS = (_groups.c.id, _groups.c.evotor_id, _groups.c.name, _groups.c.parent_evotor_id)
_IN_STORE = select(*_COLUMNS).where(_groups.c.user_id == OWNER_ID, _groups.c.store_evotor_id == STORE_ID)
_IN_PORTIONS = {"yield_per": KEYS_A_STATEMENT}


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
    name = connection.scalar(_NAME, staging.place)
    if name is None:
        connection.execute(_ADDING, {"user_id": staging.user_id, "evotor_id": store.id} | wanted)
    else:
        connection.execute(_CHANGING, staging.place | wanted)
    return name is None, name is not None and name != wanted["name"]


class GroupDifference(NamedTuple):
    """How the groups of an answer differ from the cache, by hashes of their ids.

    `wanted` are hashes of new and changed groups as they came, `changed` the keys of those that were there
    with hashes of the parents they had. `unlisted` are keys of those that did not come.
    """

    # As hashes: the groups of a store as objects, and those that were there, take dozens of megabytes.
    wanted: dict[int, int]
    changed: dict[int, tuple[int, int]]
    unlisted: "array[int]"

    @property
    def bytes(self) -> int:
        """How many bytes of memory it takes, about."""
        return 150 * len(self.wanted) + 250 * len(self.changed) + 8 * len(self.unlisted)


def compare_groups(connection: Connection, staging: Staging, groups: HeldGroups) -> GroupDifference:
    """Compare groups with the cache; of one that comes twice the last counts."""
    wanted = {hash(group.id): _hash_of(group) for portion in groups.portions() for group in portion}
    rows = connection.execute(_IN_STORE, staging.place, execution_options=_IN_PORTIONS)
    unlisted = array("q")
    changed = dict[int, tuple[int, int]]()
    for key, evotor_id, name, parent_id in rows:
        hashed = hash(evotor_id)
        if hashed not in wanted:
            unlisted.append(key)
        elif wanted[hashed] in (
            _hash_of(Group(evotor_id, called, parent_id)) for called in (name, evotor_id)
        ):
            del wanted[hashed]
        else:
            changed[hashed] = key, hash(parent_id)
    return GroupDifference(wanted, changed, unlisted)


def moved_groups(groups: HeldGroups, difference: GroupDifference) -> set[str]:
    """The ids of groups that were there, and came with another parent."""
    wanted, changed, _ = difference
    return {
        group.id
        for portion in (groups.portions() if changed else ())
        for group in portion
        if (hashed := hash(group.id)) in changed
        and wanted[hashed] == _hash_of(group)
        and changed[hashed][1] != hash(group.parent_id)
    }


def write_groups(
    connection: Connection, staging: Staging, groups: HeldGroups, difference: GroupDifference
) -> None:
    """Insert and change groups that differ."""
    wanted, changed, _ = difference
    in_store = {"user_id": staging.user_id, "store_evotor_id": staging.store_id}
    for portion in groups.portions() if wanted else ():
        new = []
        for group in portion:
            hashed = hash(group.id)
            if wanted.get(hashed) != _hash_of(group):
                continue
            del wanted[hashed]
            if hashed in changed:
                own_row = _groups.c.id == changed[hashed][0]
                values = _group_values(group)
                if is_nameless(group):
                    del values["name"], values["sort_name"]
                connection.execute(update(_groups).where(own_row).values(values))
            else:
                new.append(in_store | {"evotor_id": group.id} | _group_values(group))
        if new:
            connection.execute(insert(_groups), new)


def empty_groups(connection: Connection, staging: Staging, unlisted: "array[int]") -> list[int]:
    """Of groups that the cloud does not list, by their keys, give those without goods in them or within.

    The list may be cut or empty, while goods say by themselves where they lie: without the groups between
    them a rule on a group further up would not reach its goods any more, and what it excludes be published.
    """
    if not unlisted:
        return []
    in_store = {"user_id": staging.user_id, "store_evotor_id": staging.store_id}
    groups = select(CachedGroup.id, CachedGroup.evotor_id, CachedGroup.parent_evotor_id).filter_by(**in_store)
    rows = connection.execute(groups, execution_options=_IN_PORTIONS)
    parents = {evotor_id: parent_id for _, evotor_id, parent_id in rows}
    in_use = set[str]()
    for named in connection.scalars(select(GroupSize.group_evotor_id).filter_by(**in_store)):
        group_id: str | None = named
        while group_id and group_id not in in_use:
            in_use.add(group_id)
            group_id = parents.get(group_id)
    may_go = set(unlisted)
    rows = connection.execute(groups, execution_options=_IN_PORTIONS)
    return [key for key, evotor_id, _ in rows if key in may_go and evotor_id not in in_use]


def _hash_of(group: Group) -> int:
    return hash((None if is_nameless(group) else group.name[:255], group.parent_id))


def _group_values(group: Group) -> dict[str, Any]:
    return {
        "name": group.name[:255],
        "sort_name": fold(group.name)[:255],
        "parent_evotor_id": group.parent_id,
        "fetched_at": now(),
    }
