"""The groups of an owner's catalogue, as a tree."""

from sqlalchemy import bindparam, select

from app.data.compiled import Source, read_rows
from app.data.db import db
from app.mirror.models import CachedGroup

_groups = CachedGroup.__table__.c
_PARENTS = select(_groups.store_evotor_id, _groups.evotor_id, _groups.parent_evotor_id).where(
    _groups.user_id == bindparam("user_id")
)


def parents_of(user_id: int, source: Source = db.session) -> dict[tuple[str, str], str | None]:
    """Tell in which group each group lies, by store and group; None: in none.

    As many as an owner has: `app.mirror.way_up` reads what lies above some goods.
    """
    rows = read_rows(_PARENTS, {"user_id": user_id}, source)
    # The id of a store comes with each of its groups: once in memory will do.
    same = dict[str, str]().setdefault
    return {(same(store_id, store_id), group_id): parent for store_id, group_id, parent in rows}
