"""The store and the group of a list, and what a page shows around its rows."""

from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import aliased

from app.catalog.lists.nesting import within
from app.catalog.views.kept import View, views_of
from app.catalog.views.models import select_views
from app.data.db import db
from app.mirror.models import CachedGroup, CachedStore, CatalogRefresh, GroupSize
from app.mirror.refresh.view import freshness_of, last_run_id
from app.rules import as_sql
from app.rules.policy import Policy

# A statement with these in it is built once: building it anew costs more than running it.
USER_ID = bindparam("user_id", type_=CachedStore.user_id.type)

STORE_ID = bindparam("store_id", type_=CachedStore.evotor_id.type)

_GROUP_ID = bindparam("group_id", type_=CachedGroup.evotor_id.type)


class Everywhere(NamedTuple):
    """All of the owner's stores, by name, how many goods they have, and how fresh these are."""

    stores: list[CachedStore]
    size: int
    refresh: CatalogRefresh | None
    refreshed_at: datetime | None
    is_connected: bool
    policy: Policy
    views: list[View]


class Place(NamedTuple):
    """The store and the group whose goods are listed, their sizes, and how fresh they are.

    A group's `nested_size` counts the goods of the groups within it too; `store_count` those of the owner.
    """

    store: CachedStore
    group: CachedGroup | None
    store_size: int
    nested_size: int
    direct_size: int
    store_count: int
    refresh: CatalogRefresh | None
    refreshed_at: datetime | None
    is_connected: bool
    policy: Policy
    views: list[View]


def find_store(user_id: int, store_id: str) -> CachedStore | None:
    """Find a store of this owner by the cloud's id."""
    return db.session.scalar(select(CachedStore).filter_by(user_id=user_id, evotor_id=store_id))


def find_store_by_number(user_id: int, number: int) -> tuple[CachedStore, int] | None:
    """Find a store of this owner by the table's key, and how many stores there are."""
    count = select(func.count()).select_from(CachedStore).filter_by(user_id=user_id)
    store = select(CachedStore, count.scalar_subquery()).filter_by(user_id=user_id, id=number)
    found = db.session.execute(store).first()
    return (found[0], found[1]) if found else None


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
    return Place._make((*found[:-2], Policy.of(found[-2]), views_of(found[-1]))) if found else None


def find_everywhere(user_id: int) -> Everywhere | None:
    """Find all stores of this owner, in one statement; None when there are none."""
    rows = db.session.execute(_everywhere_statement(), {"user_id": user_id}).all()
    if not rows:
        return None
    _, size, refresh, refreshed_at, is_connected, policy, views = rows[0]
    stores = [row[0] for row in rows]
    return Everywhere(stores, size, refresh, refreshed_at, is_connected, Policy.of(policy), views_of(views))


@cache
def _everywhere_statement() -> Select[Any]:
    size = select(func.coalesce(func.sum(GroupSize.products), 0)).filter_by(user_id=USER_ID)
    other = aliased(CachedStore)
    first = select(other.id).filter_by(user_id=USER_ID).order_by(other.sort_name, other.id).limit(1)
    # The run tells of every store: with each of them it would be read as often as there are stores.
    is_last_run = and_(CatalogRefresh.id == last_run_id(USER_ID), CachedStore.id == first.scalar_subquery())
    return (
        select(
            CachedStore,
            size.scalar_subquery(),
            CatalogRefresh,
            *freshness_of(USER_ID),
            as_sql.select_policy(USER_ID).scalar_subquery(),
            select_views(USER_ID).scalar_subquery(),
        )
        .outerjoin(CatalogRefresh, is_last_run)
        .where(CachedStore.user_id == USER_ID)
        .order_by(CachedStore.sort_name, CachedStore.id)
    )


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
            select(func.count()).select_from(CachedStore).filter_by(user_id=USER_ID).scalar_subquery(),
            CatalogRefresh,
            *freshness_of(USER_ID),
            as_sql.select_policy(USER_ID).scalar_subquery(),
            select_views(USER_ID).scalar_subquery(),
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


def has_relatives(user_id: int, store_id: str, group_id: str) -> bool:
    """Tell whether groups lie in a group, or it lies in another: they count the same goods."""
    is_inside = and_(CachedGroup.evotor_id == group_id, CachedGroup.parent_evotor_id.is_not(None))
    relatives = (
        select(CachedGroup.id)
        .filter_by(user_id=user_id, store_evotor_id=store_id)
        .where(or_(CachedGroup.parent_evotor_id == group_id, is_inside))
    )
    return db.session.scalar(relatives.limit(1)) is not None
