"""Goods without a picture, told to the rules: they know conditions, and nothing of pictures."""

from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select, tuple_

from app.publishing.photos.lending import lending_groups
from app.publishing.photos.models import GoodPhoto
from app.rules.criteria.as_sql import tells
from app.rules.criteria.criterion import NO_PHOTO


@tells(NO_PHOTO)
def has_no_photo(user_id: Any, goods: Any) -> ColumnElement[bool]:
    """Whether a good has no picture, neither its own nor one of its groups'; `goods` are columns of goods.

    Both sets are made once for all goods: nothing in them refers to a good.
    """
    own = select(GoodPhoto.store_evotor_id, GoodPhoto.evotor_id).where(
        GoodPhoto.user_id == user_id, GoodPhoto.evotor_id.is_not(None)
    )
    lent = lending_groups(user_id)
    lends = select(lent.c.store_id, lent.c.group_id)
    group = tuple_(goods.store_evotor_id, goods.group_evotor_id)
    nobody_lends = or_(goods.group_evotor_id.is_(None), group.not_in(lends))
    return and_(tuple_(goods.store_evotor_id, goods.evotor_id).not_in(own), nobody_lends)
