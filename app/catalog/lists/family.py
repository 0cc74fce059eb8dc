"""Groups with all above them, the rules that decide about their goods, and what of the goods is in VK."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from app.catalog.lists.elsewhere import SAME, Twin
from app.catalog.lists.family_statement import family_statement
from app.catalog.lists.pictured import OF_GOOD, OF_GROUP
from app.catalog.lists.readiness import Readiness
from app.data.db import db
from app.data.written import read_rows
from app.mirror.folding import fold
from app.publishing.photos.first import FirstPhotos, first_of
from app.rules.decide import INCLUDE, StoreRules
from app.rules.policy import Policy

# The ids of a store and of a group or a good in it.
Key = tuple[str, str]


class GroupName(NamedTuple):
    """A group as rows and paths name it; `number` is the table's key."""

    number: int
    evotor_id: str
    parent_evotor_id: str | None
    name: str


class ListedGood(NamedTuple):
    """A good behind a listing in VK; `item_id` and `problem` are those of `Listing`."""

    product_id: str
    state: str
    item_id: int | None
    problem: str | None


class Family(NamedTuple):
    """Groups with all their ancestors, by id, the rules that decide about them, and goods that are in VK.

    `community_id` is the one that the owner has chosen, None while there is none; `policy` is
    read with the rules; `waiting` are the ids of new goods that wait for the owner's decision; `readiness`
    tells what keeps goods out of VK; `photos` has the first of the goods and of the groups. `twins` are those
    of all goods of a page, read for a list of all stores only.
    """

    groups: Mapping[str, GroupName]
    rules: StoreRules
    listed: Sequence[ListedGood]
    community_id: int | None
    policy: Policy
    waiting: Collection[str] = ()
    readiness: Readiness = Readiness(None, (), {})
    photos: FirstPhotos = FirstPhotos({}, {}, {})
    twins: Sequence[Twin] = ()

    def children(self, group_id: str) -> list[GroupName]:
        """The groups that lie directly in a group, by name."""
        inside = [group for group in self.groups.values() if group.parent_evotor_id == group_id]
        return sorted(inside, key=lambda group: fold(group.name))


def find_family(
    user_id: int,
    store_id: str,
    group_ids: Collection[str],
    product_ids: Collection[str] = (),
    *,
    parent_id: str | None = None,
) -> Family:
    """Read the given groups, those that lie in `parent_id`, all their ancestors and their rules, at once.

    Of the given products it is read with them what is in VK. UNION ends a loop of groups, a missing parent
    ends a line.
    """
    ids = {"groups": list(group_ids), "products": list(product_ids), "product_ids": list(product_ids)}
    parameters = {"user_id": user_id, "store_id": store_id, "group_id": parent_id} | ids
    rows = read_rows(family_statement(False, db.engine.dialect.name), parameters)
    return _families([store_id], [(store_id, group_id) for group_id in group_ids], rows)[store_id]


def find_families(
    user_id: int, store_ids: Collection[str], groups: Collection[Key], products: Mapping[Key, str]
) -> dict[str, Family]:
    """The same of groups and products (with their folded names) in several stores, by store."""
    product_ids = [product_id for _, product_id in products]
    ids = {"groups": list(groups), "products": list(products), "product_ids": product_ids}
    stores = {"user_id": user_id, "store_ids": list(store_ids), "group_id": None}
    stores["sort_names"] = list(set(products.values()))
    statement = family_statement(True, db.engine.dialect.name)
    # Not through the session: there is nothing but columns to be had.
    rows = db.session.connection().execute(statement, stores | ids).all()
    return _families(store_ids, groups, rows)


def _families(store_ids: Collection[str], asked: Collection[Key], rows: Any) -> dict[str, Family]:
    default, policy, community_id, settings = INCLUDE, None, None, None
    choices: list[tuple[Key, str]] = []
    lost: list[int] = []
    photos: dict[str, list[tuple[Key, int, int]]] = {OF_GOOD: [], OF_GROUP: []}
    groups: dict[str, dict[str, GroupName]] = {store_id: {} for store_id in store_ids}
    modes: dict[str, dict[str, str]] = {store_id: {} for store_id in store_ids}
    listed: dict[str, list[ListedGood]] = {store_id: [] for store_id in store_ids}
    waiting: dict[str, set[str]] = {store_id: set() for store_id in store_ids}
    twins: list[Twin] = []
    store_modes: dict[str, str] = {}
    for kind, store_id, number, named, value, name in rows:
        if kind == "default":
            default, policy = named, value
        elif kind == "community":
            community_id = number
        elif kind == "lost category":
            lost.append(number)
        elif kind == "settings":
            settings = value
        elif kind == "store rule":
            store_modes[store_id] = value
        elif kind == SAME:
            twins.append(Twin(number, store_id, value, name))
        elif store_id not in groups:
            continue
        elif kind == "group":
            groups[store_id][named] = GroupName(number, named, value, name)
        elif kind == "group choice":
            choices.append(((store_id, named), value))
        elif kind in photos:
            photos[kind].append(((store_id, named), number, int(value)))
        elif kind == "group rule":
            modes[store_id][named] = value
        elif kind == "waits":
            waiting[store_id].add(named)
        else:
            listed[store_id].append(ListedGood(named, value, number, name))
    found = {}
    for store_id in store_ids:
        here = [group_id for store, group_id in asked if store == store_id]
        above = {group.evotor_id: group.parent_evotor_id for group in groups[store_id].values()}
        parents: dict[str, str | None] = dict.fromkeys(here) | above
        rules = StoreRules(store_id, default, store_modes.get(store_id), modes[store_id], {}, parents)
        tree = {(store_id, group_id): parent for group_id, parent in parents.items()}
        pictures = FirstPhotos(first_of(photos[OF_GOOD]), first_of(photos[OF_GROUP]), tree)
        found[store_id] = Family(
            groups[store_id],
            rules,
            listed[store_id],
            community_id,
            Policy.read(policy),
            waiting[store_id],
            Readiness(settings, choices, tree, pictures, tuple(lost)),
            pictures,
            twins,
        )
    return found
