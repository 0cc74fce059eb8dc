"""The groups of a store as a tree beside its lists: opened branch by branch, with the goods of each group."""

from collections.abc import Collection
from typing import Any, NamedTuple

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import aliased

from app.catalog.lists.counts import group_counts, whole_and_ungrouped
from app.catalog.lists.family import find_family
from app.catalog.lists.lineage import ancestors
from app.data.db import db
from app.mirror.models import CachedGroup, CachedStore
from app.rules.policy import Policy
from app.web.addresses import url_for

# So many groups of a branch are shown: the page of groups has all of them.
BRANCH = 100
# And so many branches at once, beside those that lead to the group that is looked at.
MOST_OPEN = 20
# How far those lead from the root: deeper lists within lists are of no use to anybody.
DEEPEST = 20


class Count(NamedTuple):
    """Goods, and those of them that are published."""

    products: int
    published: int

    @property
    def state(self) -> str:
        """Whether all of the goods are published, some, none, or there are no goods: empty."""
        if not self.products:
            return "empty"
        if self.published == self.products:
            return "all"
        return "some" if self.published else "none"


class Branch(NamedTuple):
    """A group of the tree; `groups` are those within it once it is opened, `goods` takes theirs in."""

    number: int
    name: str
    url: str
    goods: Count
    is_current: bool
    has_groups: bool
    is_open: bool
    groups: list["Branch"]


class Tree(NamedTuple):
    """What stands beside a list: all goods, those in no group, groups; `is_cut` where some are left out."""

    everything: Count
    ungrouped: Count
    groups: list[Branch]
    is_cut: bool


def tree_of(
    user_id: int, policy: Policy, store: CachedStore, group_id: str | None, opened: Collection[int]
) -> Tree:
    """The tree of a store with the branches that are `opened`, by key, and those that lead to a group."""
    store_id = store.evotor_id
    family = find_family(user_id, store_id, [group_id] if group_id else [])
    way: list[str] = []
    if group_id is not None and group_id in family.groups:
        way = [*(group.evotor_id for group in ancestors(family.groups, group_id)), group_id]
    path = way[:DEEPEST]
    records = _groups(user_id, store_id, path, list(opened)[:MOST_OPEN])
    is_cut = len(way) > DEEPEST or any(record.place > BRANCH for record in records)
    records = [record for record in records if record.place <= BRANCH or record.evotor_id in path]
    counts = group_counts(user_id, policy, store_id, [record.evotor_id for record in records])
    inside: dict[str | None, list[Any]] = {}
    for record in records:
        inside.setdefault(record.parent_id, []).append(record)

    def branches(parent_id: str | None) -> list[Branch]:
        # A loop of groups has no root, so that it is never come to.
        return [
            Branch(
                record.id,
                record.name,
                url_for("catalog.products", store_id=store_id, group_id=record.evotor_id),
                Count(*counts.get(record.evotor_id, (0, 0))),
                record.evotor_id == group_id,
                record.has_groups,
                record.evotor_id in inside,
                branches(record.evotor_id),
            )
            for record in inside.get(parent_id, [])
        ]

    products, published, *ungrouped = whole_and_ungrouped(user_id, policy, store_id)
    return Tree(Count(products, published), Count(*ungrouped), branches(None), is_cut)


def _groups(user_id: int, store_id: str, path: Collection[str], opened: Collection[int]) -> list[Any]:
    """The groups at the root and in the branches: id, evotor_id, name, parent_id, has_groups, place."""
    group, parent, child = CachedGroup, aliased(CachedGroup), aliased(CachedGroup)
    here = and_(group.user_id == user_id, group.store_evotor_id == store_id)
    is_parent = and_(
        parent.user_id == user_id,
        parent.store_evotor_id == store_id,
        parent.evotor_id == group.parent_evotor_id,
    )
    has_groups = (
        select(child.id)
        .where(child.user_id == user_id, child.store_evotor_id == store_id)
        .where(child.parent_evotor_id == group.evotor_id)
        .exists()
    )
    # What lies in a group that the cloud does not list stands at the root.
    parent_id = parent.evotor_id.label("parent_id")
    order = (group.sort_name, group.id)
    place = func.row_number().over(partition_by=parent_id, order_by=order).label("place")
    is_open = or_(parent.id.is_(None), parent.evotor_id.in_(path), parent.id.in_(opened))
    shown = (
        select(group.id, group.evotor_id, group.name, group.sort_name, parent_id, place)
        .outerjoin(parent, is_parent)
        .where(here, is_open)
        .subquery()
    )
    statement = (
        select(shown, has_groups.label("has_groups"))
        .join(group, group.id == shown.c.id)
        # One more tells that there are more.
        .where(or_(shown.c.place <= BRANCH + 1, shown.c.evotor_id.in_(path)))
        .order_by(shown.c.sort_name, shown.c.id)
    )
    return list(db.session.execute(statement))
