"""The settings as the plan takes them."""

from collections.abc import Collection, Iterable
from dataclasses import fields
from functools import cache
from typing import Any

from sqlalchemy import CompoundSelect, bindparam, null, select, union_all

from app.connections.may_publish import chosen_community_id, counts_stock
from app.data.compiled import read_rows
from app.data.db import db
from app.data.recursion import step
from app.mirror.groups import parents_of
from app.mirror.models import CachedProduct
from app.mirror.way_up import above_goods, are_given, given, is_at, way_up
from app.publishing.planning.choosing import GroupChoice, GroupTree
from app.publishing.planning.good import Key
from app.publishing.planning.settings import Settings
from app.publishing.settings.lost_categories import select_lost
from app.publishing.settings.models import GroupSettings, PublicationSettings

# What of the settings is kept in the owner's row; the rest is known from elsewhere.
KEPT = tuple(field.name for field in fields(Settings) if field.name in PublicationSettings.__table__.c)
# Built once: to build it takes longer than to read by it.
_USER_ID = bindparam("user_id", type_=PublicationSettings.user_id.type)
_ROW = select(*(getattr(PublicationSettings, name) for name in KEPT)).filter_by(user_id=_USER_ID)
_LOST = select_lost(_USER_ID, chosen_community_id(_USER_ID))
# The group, and what is chosen for it.
_CHOICE = (
    GroupSettings.store_evotor_id,
    GroupSettings.group_evotor_id,
    *(getattr(GroupSettings, name) for name in GroupChoice._fields),
)
_CHOICES = select(*_CHOICE).where(GroupSettings.user_id == _USER_ID)


def settings_row(user_id: int) -> PublicationSettings | None:
    """Find the owner's row; None while nothing has been chosen."""
    return db.session.get(PublicationSettings, user_id)


def settings_of(user_id: int) -> Settings:
    """Read what the owner has chosen; the defaults where nothing has been chosen yet.

    Not the owner's choice: whether the community's shop counts stock, and which categories VK knows no more.
    """
    has_stock = counts_stock(user_id)
    rows = read_rows(_ROW, {"user_id": user_id})
    if not rows:
        return Settings(has_stock=has_stock)
    values = dict(zip(KEPT, rows[0], strict=True))
    values |= {"store_order": tuple(values["store_order"]), "has_stock": has_stock}
    lost = read_rows(_LOST, {"user_id": user_id})
    return Settings(**values, lost_categories=tuple(sorted(category_id for (category_id,) in lost)))


def group_tree_of(user_id: int) -> GroupTree:
    """Read the choices for groups, and the tree that they are inherited in; no tree without a choice."""
    choices = group_choices_of(user_id)
    return GroupTree(choices, parents_of(user_id)) if choices else GroupTree()


def group_tree_above(user_id: int, goods: Collection[Key]) -> GroupTree:
    """Read the part of it that some goods lie in, by their keys: one statement, and no other groups."""
    rows = read_rows(_above(db.session.connection().dialect.name), {"user_id": user_id, **given(goods)})
    choices = _choices(row[1:] for row in rows if row[0] is None)
    parents = {(store_id, below): group_id for below, store_id, group_id, *_ in rows if below is not None}
    return GroupTree(choices, parents) if choices else GroupTree()


@cache
def _above(dialect: str) -> CompoundSelect[Any]:
    """Choices for groups that given goods lie in, after NULL, and each such group after the one below it."""
    way = way_up(_USER_ID, above_goods(_USER_ID, *are_given(CachedProduct, dialect)))
    is_its = is_at(way, _USER_ID, GroupSettings, GroupSettings.group_evotor_id)
    chosen = select(null(), *_CHOICE).select_from(step(way, GroupSettings.__table__, is_its))
    steps = select(way.c.below, way.c.store_id, way.c.group_id, *(null() for _ in GroupChoice._fields))
    # Choices come first: they tell of which types the columns are.
    return union_all(chosen, steps.where(way.c.below.is_not(None)))


def group_choices_of(user_id: int) -> dict[Key, GroupChoice]:
    """Read what is chosen for groups, without what they inherit."""
    return _choices(read_rows(_CHOICES, {"user_id": user_id}))


def _choices(rows: Iterable[Any]) -> dict[Key, GroupChoice]:
    return {(store_id, group_id): GroupChoice(*chosen) for store_id, group_id, *chosen in rows}
