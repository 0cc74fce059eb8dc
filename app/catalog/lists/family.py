"""Groups with all above them, the rules that decide about their goods, and what of the goods is in VK."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from app.catalog.lists.elsewhere import SAME, Twin
from app.catalog.lists.family_statement import family_statement
from app.catalog.lists.pictured import OF_GOOD, OF_GROUP
from app.catalog.lists.readiness import Readiness
from app.data.compiled import read_rows
from app.data.db import db
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
    of: dict[tuple[str, str | None], list[Any]] = defaultdict(list)
    for kind, store_id, *values in rows:
        of[kind, store_id].append(values)
    [(_, default, policy, _)] = of["default", None] or [(None, INCLUDE, None, None)]
    [(community_id, *_)] = of["community", None]
    [(*_, settings, _)] = of["settings", None] or [(None, None, None, None)]
    lost = tuple(number for number, *_ in of["lost category", None])
    choices = [
        ((store, named), value) for store in store_ids for _, named, value, _ in of["group choice", store]
    ]
    twins = [
        Twin(number, str(store), value, name)
        for (kind, store), found in of.items()
        if kind == SAME
        for number, _, value, name in found
    ]
    families = {}
    for store_id in store_ids:
        groups = {
            named: GroupName(number, named, above, name)
            for number, named, above, name in of["group", store_id]
        }
        parents: dict[str, str | None] = {group_id: None for store, group_id in asked if store == store_id}
        parents |= {group.evotor_id: group.parent_evotor_id for group in groups.values()}
        tree = {(store_id, group_id): parent for group_id, parent in parents.items()}
        of_goods, of_groups = (
            first_of(
                ((store_id, named), number, int(value)) for number, named, value, _ in of[kind, store_id]
            )
            for kind in (OF_GOOD, OF_GROUP)
        )
        photos = FirstPhotos(of_goods, of_groups, tree)
        own = next((mode for _, _, mode, _ in of["store rule", store_id]), None)
        modes = {named: mode for _, named, mode, _ in of["group rule", store_id]}
        families[store_id] = Family(
            groups,
            StoreRules(store_id, default, own, modes, {}, parents),
            [
                ListedGood(named, state, item_id, problem)
                for item_id, named, state, problem in of["listing", store_id]
            ],
            community_id,
            Policy.read(policy),
            {named for _, named, *_ in of["waits", store_id]},
            Readiness(settings, choices, tree, photos, lost, community_id is not None),
            photos,
            twins,
        )
    return families
