"""Goods that a refresh has brought news of, as SQL: new ones without a decision, and another price."""

from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, select

from app.catalog.lists.everywhere import is_among, key
from app.data.types import now
from app.mirror.models import FormerPrice
from app.rules.new_goods import select_new

REPRICED_DAYS = 7


def is_new(user_id: int, goods: Any) -> ColumnElement[bool]:
    """Whether a good waits among the owner's new ones."""
    return goods.id.in_(select(select_new(user_id).subquery("news").c.product_id))


def is_repriced(user_id: int, store_id: str | None, goods: Any) -> ColumnElement[bool]:
    """Whether the price of a good has changed in the last `REPRICED_DAYS` days."""
    former = FormerPrice.__table__.c
    changed = select(*key(store_id, former.store_evotor_id, former.evotor_id)).where(
        former.user_id == user_id, former.changed_at > now() - timedelta(days=REPRICED_DAYS)
    )
    if store_id is not None:
        changed = changed.where(former.store_evotor_id == store_id)
    return is_among(key(store_id, goods.store_evotor_id, goods.evotor_id), changed)
