"""The statement that reads a family: see `app.catalog.lists.family`."""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    CTE,
    ColumnElement,
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
from app.data.recursion import step
from app.mirror.models import CachedGroup
from app.publishing.ledger.as_sql import listed_goods
from app.publishing.ledger.models import Listing, ListingGood
from app.publishing.settings.lost_categories import select_lost
from app.publishing.settings.models import GroupSettings, PublicationSettings
from app.rules import as_sql
from app.rules.decide import GROUP, STORE
from app.rules.models import SyncConfig
from app.rules.waiting import waiting_goods

# Nothing equals NULL, so that a list of a whole store takes no children in.
_GROUP_ID = bindparam("group_id", type_=CachedGroup.evotor_id.type)


class _Asked(NamedTuple):
    """What a family is read of: groups and goods as `key` names them, in parameters or statements.

    `store` is None for several stores. `here` and `seeds` are conditions on groups: of those stores, and one
    that is asked for itself. `of_listed` is the one on goods behind listings, which `product_ids` look up.
    """

    store: Any
    groups: Any
    products: Any
    product_ids: Any
    here: ColumnElement[bool]
    seeds: ColumnElement[bool]
    of_listed: ColumnElement[bool]


@cache
def family_statement(of_all_stores: bool, dialect: str) -> CompoundSelect[Any]:
    """Of one store, or of several that are given; `dialect` is the name of the database's."""
    asked = _in_all_stores() if of_all_stores else _in_one_store(dialect)
    lineage = _lineage(asked)
    # Goods may lie in a group, and a group in a parent, that is not listed: its rule and choice count.
    of_lineage = [
        select(*key(asked.store, lineage.c.store_evotor_id, lineage.c[column]))
        for column in ("evotor_id", "parent_evotor_id")
    ]
    groups = (asked.groups, *of_lineage)
    return union_all(
        select(literal("group"), *lineage.c),
        *_rules(asked.store, groups),
        *_settings(asked.store, groups),
        *select_photos(asked.store, asked.products, asked.product_ids, groups),
        *_in_vk(asked),
        *(select_twins() if of_all_stores else ()),
    )


def _in_all_stores() -> _Asked:
    groups: Any
    products: Any
    groups, products = (bindparam(name, expanding=True) for name in ("groups", "products"))
    here = CachedGroup.user_id == USER_ID
    named = key(None, CachedGroup.store_evotor_id, CachedGroup.evotor_id)
    return _Asked(
        None,
        groups,
        products,
        bindparam("product_ids", expanding=True, type_=ListingGood.evotor_id.type),
        here,
        or_(is_among(named, groups), CachedGroup.parent_evotor_id == _GROUP_ID),
        ListingGood.user_id == USER_ID,
    )


def _in_one_store(dialect: str) -> _Asked:
    groups, products, product_ids = (
        given_texts(name, dialect) for name in ("groups", "products", "product_ids")
    )
    here = and_(CachedGroup.user_id == USER_ID, CachedGroup.store_evotor_id == STORE_ID)
    if isinstance(groups, Select):
        # Beside OR SQLite would look at all groups of the store.
        child = aliased(CachedGroup)
        children = select(child.evotor_id).where(
            child.user_id == USER_ID, child.store_evotor_id == STORE_ID, child.parent_evotor_id == _GROUP_ID
        )
        seeds = is_among((CachedGroup.evotor_id,), groups.union_all(children))
    else:
        seeds = or_(is_among((CachedGroup.evotor_id,), groups), CachedGroup.parent_evotor_id == _GROUP_ID)
    of_listed = ListingGood.store_evotor_id == STORE_ID
    return _Asked(STORE_ID, groups, products, product_ids, here, seeds, of_listed)


def _lineage(asked: _Asked) -> CTE:
    """The groups that are asked for, and all above them."""
    columns: Any = (CachedGroup.store_evotor_id, CachedGroup.id, CachedGroup.evotor_id)
    columns += (CachedGroup.parent_evotor_id, CachedGroup.name)
    lineage = select(*columns).where(asked.here, asked.seeds).cte("lineage", recursive=True)
    above = and_(
        asked.here,
        CachedGroup.store_evotor_id == lineage.c.store_evotor_id,
        CachedGroup.evotor_id == lineage.c.parent_evotor_id,
    )
    return lineage.union(select(*columns).select_from(step(lineage, CachedGroup.__table__, above)))


def _rules(store: Any, groups: Iterable[Any]) -> Iterator[Any]:
    on_store = as_sql.rules_on(USER_ID, STORE, store).subquery("store_rules")
    on_group = as_sql.rules_on(USER_ID, GROUP, store).subquery("group_rules")
    ruled = key(store, on_group.c.store_evotor_id, on_group.c.entity_id)
    yield select(
        *(literal("default"), null(), null(), SyncConfig.default_mode),
        *(cast(SyncConfig.policy, String), null()),
    ).where(SyncConfig.user_id == USER_ID)
    yield select(
        *(literal("store rule"), on_store.c.entity_id, null(), on_store.c.entity_id),
        *(on_store.c.filter_mode, null()),
    )
    yield select(
        *(literal("group rule"), on_group.c.store_evotor_id, null(), on_group.c.entity_id),
        *(on_group.c.filter_mode, null()),
    ).where(or_(*(is_among(ruled, found) for found in groups)))


def _settings(store: Any, groups: Iterable[Any]) -> Iterator[Any]:
    chosen = key(store, GroupSettings.store_evotor_id, GroupSettings.group_evotor_id)
    lost = select_lost(USER_ID, chosen_community_id(USER_ID)).subquery("lost_categories")
    yield select(literal("settings"), null(), null(), null(), SETTINGS_AS_TEXT, null()).where(
        PublicationSettings.user_id == USER_ID
    )
    yield select(
        *(literal("group choice"), GroupSettings.store_evotor_id, null()),
        *(GroupSettings.group_evotor_id, CHOICE_AS_TEXT, null()),
    ).where(GroupSettings.user_id == USER_ID, or_(*(is_among(chosen, found) for found in groups)))
    yield select(literal("lost category"), null(), lost.c.category_id, null(), null(), null())


def _in_vk(asked: _Asked) -> Iterator[Any]:
    waiting = waiting_goods(USER_ID, asked.store, among=asked.product_ids)
    named = key(asked.store, ListingGood.store_evotor_id, ListingGood.evotor_id)
    yield select(literal("waits"), waiting.c.store_id, null(), waiting.c.evotor_id, null(), null())
    yield select(literal("community"), null(), chosen_community_id(USER_ID), null(), null(), null())
    yield listed_goods(
        USER_ID,
        literal("listing"),
        ListingGood.store_evotor_id,
        Listing.item_id,
        ListingGood.evotor_id,
        Listing.state,
        Listing.problem,
    ).where(asked.of_listed, is_among(named, asked.products))
