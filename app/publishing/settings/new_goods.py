"""What owners want of new goods, told to the rules: they know nothing of settings."""

from typing import Any

from sqlalchemy import ColumnElement, Select, select

from app.publishing.settings.models import GroupSettings, PublicationSettings
from app.rules.as_sql import StoreId, UserId
from app.rules.waiting import Wishes, told_by


def _of_groups(user_id: UserId, store_id: StoreId | None) -> Select[Any]:
    """What is chosen for groups: store_evotor_id, entity_id, filter_mode."""
    chosen: Any = select(
        GroupSettings.store_evotor_id,
        GroupSettings.group_evotor_id.label("entity_id"),
        GroupSettings.new_goods.label("filter_mode"),
    ).where(GroupSettings.user_id == user_id, GroupSettings.new_goods.is_not(None))
    return chosen if store_id is None else chosen.where(GroupSettings.store_evotor_id == store_id)


def _of_owner(user_id: UserId) -> ColumnElement[Any]:
    """What is chosen for all goods, as a scalar."""
    return (
        select(PublicationSettings.new_goods).where(PublicationSettings.user_id == user_id).scalar_subquery()
    )


told_by(Wishes(_of_groups, _of_owner))
