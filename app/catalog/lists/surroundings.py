"""The store and the group of a list, and what a page shows around its rows."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    CompoundSelect,
    Select,
    String,
    and_,
    bindparam,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)

from app.catalog.lists.nesting import within
from app.connections.may_publish import chosen_community_id
from app.data.db import db
from app.mirror.folding import fold
from app.mirror.models import CachedGroup, CachedStore, CatalogRefresh, GroupSize
from app.mirror.refresh.view import freshness_of, last_run_id
from app.publishing.ledger.as_sql import listed_goods
from app.publishing.ledger.models import Listing, ListingGood
from app.rules import as_sql
from app.rules.decide import GROUP, INCLUDE, STORE, StoreRules
from app.rules.models import SyncConfig
from app.rules.policy import Policy
from app.rules.waiting import waiting_goods

# A statement with these in it is built once: building it anew costs more than running it.
USER_ID = bindparam("user_id", type_=CachedStore.user_id.type)

STORE_ID = bindparam("store_id", type_=CachedStore.evotor_id.type)

_GROUP_ID = bindparam("group_id", type_=CachedGroup.evotor_id.type)


class Place(NamedTuple):
    """The store and the group whose goods are listed, their sizes, and how fresh they are.

    A group's `nested_size` counts the goods of the groups within it too.
    """

    store: CachedStore
    group: CachedGroup | None
    store_size: int
    nested_size: int
    direct_size: int
    refresh: CatalogRefresh | None
    refreshed_at: datetime | None
    is_connected: bool
    policy: Policy


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
    read with the rules; `waiting` are the ids of new goods that wait for the owner's decision.
    """

    groups: Mapping[str, GroupName]
    rules: StoreRules
    listed: Sequence[ListedGood]
    community_id: int | None
    policy: Policy
    waiting: Collection[str] = ()

    def children(self, group_id: str) -> list[GroupName]:
        """The groups that lie directly in a group, by name."""
        inside = [group for group in self.groups.values() if group.parent_evotor_id == group_id]
        return sorted(inside, key=lambda group: fold(group.name))


def find_store(user_id: int, store_id: str) -> CachedStore | None:
    """Find a store of this owner by the cloud's id."""
    return db.session.scalar(select(CachedStore).filter_by(user_id=user_id, evotor_id=store_id))


def find_group(user_id: int, store_id: str, group_id: str) -> CachedGroup | None:
    """Find a group of this owner by the cloud's id."""
    return db.session.scalar(
        select(CachedGroup).filter_by(user_id=user_id, store_evotor_id=store_id, evotor_id=group_id)
    )


def find_group_by_number(user_id: int, number: int) -> CachedGroup | None:
    """Find a group of this owner by the table's key."""
    return db.session.scalar(select(CachedGroup).filter_by(user_id=user_id, id=number))


def find_place(user_id: int, store_id: str, group_id: str | None) -> Place | None:
    """Find a store of this owner, and a group in it when one is given, in one statement.

    `group` is None also for a group that does not exist.
    """
    found = db.session.execute(
        _place_statement(), {"user_id": user_id, "store_id": store_id, "group_id": group_id}
    ).first()
    return Place._make((*found[:-1], Policy.of(found[-1]))) if found else None


@cache
def _place_statement() -> Select[Any]:
    sizes = select(func.coalesce(func.sum(GroupSize.products), 0)).filter_by(
        user_id=USER_ID, store_evotor_id=STORE_ID
    )
    return (
        select(
            CachedStore,
            CachedGroup,
            sizes.scalar_subquery(),
            sizes.where(
                GroupSize.group_evotor_id.in_(within(USER_ID, STORE_ID, _GROUP_ID))
            ).scalar_subquery(),
            sizes.filter_by(group_evotor_id=_GROUP_ID).scalar_subquery(),
            CatalogRefresh,
            *freshness_of(USER_ID),
            as_sql.select_policy(USER_ID).scalar_subquery(),
        )
        .outerjoin(
            CachedGroup,
            and_(
                CachedGroup.user_id == CachedStore.user_id,
                CachedGroup.store_evotor_id == CachedStore.evotor_id,
                CachedGroup.evotor_id == _GROUP_ID,
            ),
        )
        .outerjoin(CatalogRefresh, CatalogRefresh.id == last_run_id(USER_ID))
        .where(CachedStore.user_id == USER_ID, CachedStore.evotor_id == STORE_ID)
    )


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
    parameters = {"user_id": user_id, "store_id": store_id, "group_id": parent_id}
    ids = {"group_ids": list(group_ids), "product_ids": list(product_ids)}
    found: dict[str, dict[str, Any]] = {"group": {}, "default": {}, "store rule": {}, "group rule": {}}
    listed, waiting = [], set()
    community_id = None
    # Not through the session, nor one by one: there is nothing but columns to be had.
    read = db.session.connection().execute(_family_statement(), parameters | ids).all()
    for kind, number, key, value, name in read:
        if kind == "listing":
            listed.append(ListedGood(key, value, number, name))
        elif kind == "waits":
            waiting.add(key)
        elif kind == "community":
            community_id = number
        else:
            found[kind][key] = GroupName(number, key, value, name) if kind == "group" else value
    groups = found["group"]
    parents = dict.fromkeys(group_ids) | {key: group.parent_evotor_id for key, group in groups.items()}
    default, policy = next(iter(found["default"].items()), (INCLUDE, None))
    rules = StoreRules(store_id, default, found["store rule"].get(store_id), found["group rule"], {}, parents)
    return Family(groups, rules, listed, community_id, Policy.read(policy), waiting)


@cache
def _family_statement() -> CompoundSelect[Any]:
    group_ids = bindparam("group_ids", expanding=True, type_=CachedGroup.evotor_id.type)
    product_ids = bindparam("product_ids", expanding=True, type_=ListingGood.evotor_id.type)
    here = and_(CachedGroup.user_id == USER_ID, CachedGroup.store_evotor_id == STORE_ID)
    # Nothing equals NULL, so that a list of the whole store takes no children in.
    seeds = or_(CachedGroup.evotor_id.in_(group_ids), CachedGroup.parent_evotor_id == _GROUP_ID)
    columns = (CachedGroup.id, CachedGroup.evotor_id, CachedGroup.parent_evotor_id, CachedGroup.name)
    lineage = select(*columns).where(here, seeds).cte("lineage", recursive=True)
    above = and_(here, CachedGroup.evotor_id == lineage.c.parent_evotor_id)
    lineage = lineage.union(select(*columns).join(lineage, above))
    waiting = waiting_goods(USER_ID, STORE_ID, among=product_ids)
    on_store = as_sql.rules_on(USER_ID, STORE, STORE_ID).subquery("store_rules")
    on_group = as_sql.rules_on(USER_ID, GROUP, STORE_ID).subquery("group_rules")
    return union_all(
        select(literal("group"), *lineage.c),
        select(
            literal("default"), null(), SyncConfig.default_mode, cast(SyncConfig.policy, String), null()
        ).where(SyncConfig.user_id == USER_ID),
        select(literal("store rule"), null(), on_store.c.entity_id, on_store.c.filter_mode, null()),
        # Goods may lie in a group, and a group in a parent, that is not listed: its rule counts.
        select(literal("group rule"), null(), on_group.c.entity_id, on_group.c.filter_mode, null()).where(
            or_(
                on_group.c.entity_id.in_(group_ids),
                on_group.c.entity_id.in_(select(lineage.c.evotor_id)),
                on_group.c.entity_id.in_(select(lineage.c.parent_evotor_id)),
            )
        ),
        select(literal("waits"), null(), waiting.c.evotor_id, null(), null()),
        select(literal("community"), chosen_community_id(USER_ID), null(), null(), null()),
        listed_goods(
            USER_ID,
            literal("listing"),
            Listing.item_id,
            ListingGood.evotor_id,
            Listing.state,
            Listing.problem,
        ).where(ListingGood.store_evotor_id == STORE_ID, ListingGood.evotor_id.in_(product_ids)),
    )


def has_relatives(user_id: int, store_id: str, group_id: str) -> bool:
    """Tell whether groups lie in a group, or it lies in another: they count the same goods."""
    is_inside = and_(CachedGroup.evotor_id == group_id, CachedGroup.parent_evotor_id.is_not(None))
    relatives = (
        select(CachedGroup.id)
        .filter_by(user_id=user_id, store_evotor_id=store_id)
        .where(or_(CachedGroup.parent_evotor_id == group_id, is_inside))
    )
    return db.session.scalar(relatives.limit(1)) is not None
