"""What lies within a group: the group itself, and the groups nested in it to any depth."""

from typing import Any

from sqlalchemy import CTE, ColumnElement, Select, and_, select

from app.data.db import db
from app.data.given import is_one_of
from app.mirror.models import CachedGroup


def within(user_id: Any, store_id: Any, group_id: Any) -> Select[Any]:
    """The ids of a group and of all groups nested in it; any of the three may be a parameter."""
    inside = _walk(user_id, store_id, CachedGroup.evotor_id == group_id)
    return select(inside.c.evotor_id)


# Beyond so many the database finds them itself.
_LISTED = 500
# The ids of groups, or the statement that finds them.
Groups = tuple[str, ...] | Select[Any]


def groups_of(user_id: int, store_id: str, group_id: str, *, is_nested: bool) -> Groups:
    """The groups whose goods a list of a group holds.

    Their ids rather than a statement: PostgreSQL takes a walk down a tree to end at half of all groups, and
    reads all the goods.
    """
    if not is_nested:
        return (group_id,)
    inside = within(user_id, store_id, group_id)
    ids = tuple(db.session.scalars(inside.limit(_LISTED + 1)))
    return ids if len(ids) <= _LISTED else inside


def within_each(user_id: Any, store_id: Any, group_ids: Any) -> CTE:
    """Each of some groups, `root_id`, with what lies within it, `evotor_id`; see `app.data.given`."""
    return _walk(user_id, store_id, is_one_of(CachedGroup.evotor_id, group_ids))


def _walk(user_id: Any, store_id: Any, is_root: ColumnElement[bool]) -> CTE:
    here = and_(CachedGroup.user_id == user_id, CachedGroup.store_evotor_id == store_id)
    roots = select(CachedGroup.evotor_id.label("root_id"), CachedGroup.evotor_id).where(here, is_root)
    inside = roots.cte("inside", recursive=True)
    step = select(inside.c.root_id, CachedGroup.evotor_id).join(
        inside, and_(here, CachedGroup.parent_evotor_id == inside.c.evotor_id)
    )
    # UNION drops what was met before, which ends a loop of groups.
    return inside.union(step)
