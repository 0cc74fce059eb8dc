"""The stores of an owner's catalogue, by name."""

from sqlalchemy import select

from app.data.db import db
from app.mirror.models import CachedStore


def store_names(user_id: int) -> dict[str, str]:
    """Give the names of the owner's stores by Evotor's ids."""
    rows = db.session.execute(select(CachedStore.evotor_id, CachedStore.name).filter_by(user_id=user_id))
    return {evotor_id: name for evotor_id, name in rows}
