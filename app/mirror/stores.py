"""The stores of an owner's catalogue, by name."""

from typing import Any, NamedTuple

from sqlalchemy import ScalarSelect, case, func, select

from app.data.db import db
from app.mirror.models import CachedStore


def store_names(user_id: int) -> dict[str, str]:
    """Give the names of the owner's stores by Evotor's ids."""
    rows = db.session.execute(select(CachedStore.evotor_id, CachedStore.name).filter_by(user_id=user_id))
    return {evotor_id: name for evotor_id, name in rows}


class NamedStore(NamedTuple):
    """A store as rows name it; `id` is the table's key."""

    id: int
    name: str


def named_stores(user_id: int) -> dict[str, NamedStore]:
    """Give the owner's stores by Evotor's ids."""
    columns = CachedStore.evotor_id, CachedStore.id, CachedStore.name
    rows = db.session.execute(select(*columns).filter_by(user_id=user_id))
    return {evotor_id: NamedStore(number, name) for evotor_id, number, name in rows}


def only_store_id(user_id: Any) -> ScalarSelect[Any]:
    """Evotor's id of the only store of an owner, NULL with none or several; the owner may be a parameter."""
    only = case((func.count() == 1, func.min(CachedStore.evotor_id)))
    return select(only).where(CachedStore.user_id == user_id).scalar_subquery()
