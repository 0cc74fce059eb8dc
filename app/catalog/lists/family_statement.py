"""The statement that reads a family: see `app.catalog.lists.family`."""

from functools import cache
from typing import Any

from sqlalchemy import (
    CompoundSelect,
    Select,
    String,
    and_,
    bindparam,
    cast,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import aliased

from app.catalog.lists.elsewhere import select_twins
from app.catalog.lists.everywhere import is_among, key
from app.catalog.lists.pictured import select_photos
from app.catalog.lists.readiness import CHOICE_AS_TEXT, SETTINGS_AS_TEXT
from app.catalog.lists.surroundings import STORE_ID, USER_ID
from app.connections.may_publish import chosen_community_id
from app.data.given import given_texts
from app.mirror.models import CachedGroup
from app.publishing.ledger.as_sql import listed_goods
from app.publishing.ledger.models import Listing, ListingGood
from app.publishing.settings.lost_categories import select_lost
from app.publishing.settings.models import GroupSettings, PublicationSettings
from app.rules import as_sql
from app.rules.decide import GROUP, STORE
from app.rules.models import SyncConfig
from app.rules.waiting import waiting_goods


@cache
def family_statement(of_all_stores: bool, dialect: str) -> CompoundSelect[Any]:
    """Of one store, or of several that are given; `dialect` is the name of the database's."""
    store: Any = None if of_all_stores else STORE_ID
    # In a list of all stores groups and goods are named by store and id.
    groups: Any
    products: Any
    product_ids: Any
    group_id = bindparam("group_id", type_=CachedGroup.evotor_id.type)
    here = CachedGroup.user_id == USER_ID
    if of_all_stores:
        groups, products = (bindparam(name, expanding=True) for name in ("groups", "products"))
        product_ids = bindparam("product_ids", expanding=True, type_=ListingGood.evotor_id.type)
        of_listed = ListingGood.user_id == USER_ID
    else:
        groups, products, product_ids = (
            given_texts(name, dialect) for name in ("groups", "products", "product_ids")
        )
        here = and_(here, CachedGroup.store_evotor_id == STORE_ID)
        of_listed = ListingGood.store_evotor_id == STORE_ID
    # Nothing equals NULL, so that a list of a whole store takes no children in.
    named = key(store, CachedGroup.store_evotor_id, CachedGroup.evotor_id)
    if isinstance(groups, Select):
        # Beside OR SQLite would look at all groups of the store.
        child = aliased(CachedGroup)
        children = select(child.evotor_id).where(
            child.user_id == USER_ID, child.store_evotor_id == STORE_ID, child.parent_evotor_id == group_id
        )
        seeds = is_among(named, groups.union_all(children))
    else:
        seeds = or_(is_among(named, groups), CachedGroup.parent_evotor_id == group_id)
    columns: Any = (CachedGroup.store_evotor_id, CachedGroup.id, CachedGroup.evotor_id)
    columns += (CachedGroup.parent_evotor_id, CachedGroup.name)
    lineage = select(*columns).where(here, seeds).cte("lineage", recursive=True)
    above = and_(
        here,
        CachedGroup.store_evotor_id == lineage.c.store_evotor_id,
        CachedGroup.evotor_id == lineage.c.parent_evotor_id,
    )
    lineage = lineage.union(select(*columns).join(lineage, above))
    lost = select_lost(USER_ID, chosen_community_id(USER_ID)).subquery("lost_categories")
    waiting = waiting_goods(USER_ID, store, among=product_ids)
    on_store = as_sql.rules_on(USER_ID, STORE, store).subquery("store_rules")
    on_group = as_sql.rules_on(USER_ID, GROUP, store).subquery("group_rules")
    ruled = key(store, on_group.c.store_evotor_id, on_group.c.entity_id)
    chosen = key(store, GroupSettings.store_evotor_id, GroupSettings.group_evotor_id)
    of_lineage = [
        select(*key(store, lineage.c.store_evotor_id, lineage.c[column]))
        for column in ("evotor_id", "parent_evotor_id")
    ]
    return union_all(
        select(literal("group"), *lineage.c),
        select(
            *(literal("default"), null(), null(), SyncConfig.default_mode),
            *(cast(SyncConfig.policy, String), null()),
        ).where(SyncConfig.user_id == USER_ID),
        select(
            *(literal("store rule"), on_store.c.entity_id, null(), on_store.c.entity_id),
            *(on_store.c.filter_mode, null()),
        ),
        # Goods may lie in a group, and a group in a parent, that is not listed: its rule counts.
        select(
            *(literal("group rule"), on_group.c.store_evotor_id, null(), on_group.c.entity_id),
            *(on_group.c.filter_mode, null()),
        ).where(or_(is_among(ruled, groups), *(is_among(ruled, found) for found in of_lineage))),
        select(
            *(literal("settings"), null(), null(), null(), SETTINGS_AS_TEXT, null()),
        ).where(PublicationSettings.user_id == USER_ID),
        select(
            *(literal("group choice"), GroupSettings.store_evotor_id, null()),
            *(GroupSettings.group_evotor_id, CHOICE_AS_TEXT, null()),
        ).where(
            GroupSettings.user_id == USER_ID,
            or_(is_among(chosen, groups), *(is_among(chosen, found) for found in of_lineage)),
        ),
        select(literal("lost category"), null(), lost.c.category_id, null(), null(), null()),
        *select_photos(store, products, product_ids, (groups, *of_lineage)),
        select(literal("waits"), waiting.c.store_id, null(), waiting.c.evotor_id, null(), null()),
        select(literal("community"), null(), chosen_community_id(USER_ID), null(), null(), null()),
        listed_goods(
            USER_ID,
            literal("listing"),
            ListingGood.store_evotor_id,
            Listing.item_id,
            ListingGood.evotor_id,
            Listing.state,
            Listing.problem,
        ).where(
            of_listed, is_among(key(store, ListingGood.store_evotor_id, ListingGood.evotor_id), products)
        ),
        *(select_twins() if of_all_stores else ()),
    )
