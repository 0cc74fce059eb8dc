"""The groups of an owner's catalogue, as a tree."""

from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.orm import scoped_session

from app.data.db import db
from app.mirror.models import CachedGroup


def parents_of(
    user_id: int, source: Connection | scoped_session[Any] = db.session
) -> dict[tuple[str, str], str | None]:
    """Tell in which group each group lies, by store and group; None: in none.

    As many as an owner has: `app.mirror.way_up` reads what lies above some goods.
    """
    groups = CachedGroup.__table__.c
    columns = (groups.store_evotor_id, groups.evotor_id, groups.parent_evotor_id)
    rows = source.execute(select(*columns).where(groups.user_id == user_id))
    # The id of a store comes with each of its groups: once in memory will do.
    same = dict[str, str]().setdefault
    return {(same(store_id, store_id), group_id): parent for store_id, group_id, parent in rows}
