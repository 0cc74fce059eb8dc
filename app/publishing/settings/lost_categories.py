"""Categories that an owner has chosen and VK knows no more: nothing can be added to them."""

from typing import Any

from sqlalchemy import Select, select, union

from app.publishing.settings.models import GroupSettings, MarketCategory, PublicationSettings


def select_lost(user_id: Any, community_id: Any) -> Select[Any]:
    """The chosen categories that the community has no more: category_id; none until VK's have been read.

    Both ids may be values, parameters or scalars of a statement.
    """
    known = MarketCategory.__table__.alias("known_categories").c
    others = MarketCategory.__table__.alias("other_categories").c
    chosen = union(
        select(PublicationSettings.default_category_id.label("category_id")).filter_by(user_id=user_id),
        select(GroupSettings.category_id).filter_by(user_id=user_id),
    ).subquery("chosen_categories")
    is_known = (
        select(known.place)
        .where(known.community_id == community_id, known.category_id == chosen.c.category_id)
        .exists()
    )
    are_read = select(others.place).where(others.community_id == community_id).exists()
    return select(chosen.c.category_id).where(chosen.c.category_id.is_not(None), are_read, ~is_known)
