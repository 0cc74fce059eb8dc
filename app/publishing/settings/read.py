"""The settings as the plan takes them."""

from dataclasses import fields

from sqlalchemy import bindparam, select

from app.connections.may_publish import chosen_community_id, counts_stock
from app.data.db import db
from app.mirror.groups import parents_of
from app.publishing.planning.choosing import GroupChoice, GroupTree
from app.publishing.planning.good import Key
from app.publishing.planning.settings import Settings
from app.publishing.settings.lost_categories import select_lost
from app.publishing.settings.models import GroupSettings, PublicationSettings

# What of the settings is kept in the owner's row; the rest is known from elsewhere.
KEPT = tuple(field.name for field in fields(Settings) if field.name in PublicationSettings.__table__.c)
# Built once: to build it takes longer than to read by it.
_USER_ID = bindparam("user_id", type_=PublicationSettings.user_id.type)
_LOST = select_lost(_USER_ID, chosen_community_id(_USER_ID))


def settings_row(user_id: int) -> PublicationSettings | None:
    """Find the owner's row; None while nothing has been chosen."""
    return db.session.get(PublicationSettings, user_id)


def settings_of(user_id: int) -> Settings:
    """Read what the owner has chosen; the defaults where nothing has been chosen yet.

    Not the owner's choice: whether the community's shop counts stock, and which categories VK knows no more.
    """
    row = settings_row(user_id)
    has_stock = counts_stock(user_id)
    if row is None:
        return Settings(has_stock=has_stock)
    values = {name: getattr(row, name) for name in KEPT}
    values |= {"store_order": tuple(row.store_order), "has_stock": has_stock}
    lost = db.session.scalars(_LOST, {"user_id": user_id})
    return Settings(**values, lost_categories=tuple(sorted(lost)))


def group_tree_of(user_id: int) -> GroupTree:
    """Read the choices for groups, and the tree that they are inherited in; no tree without a choice."""
    choices = group_choices_of(user_id)
    return GroupTree(choices, parents_of(user_id)) if choices else GroupTree()


def group_choices_of(user_id: int) -> dict[Key, GroupChoice]:
    """Read what is chosen for groups, without what they inherit."""
    rows = db.session.scalars(select(GroupSettings).filter_by(user_id=user_id))
    return {
        (row.store_evotor_id, row.group_evotor_id): GroupChoice(
            row.category_id, row.markup_percent, row.out_of_stock, row.album, row.per_100g, row.new_goods
        )
        for row in rows
    }
