"""What lies within a group: the group itself, and the groups nested in it to any depth."""

from typing import Any

from sqlalchemy import CTE, ColumnElement, Select, Subquery, and_, literal_column, select

from app.data.db import db
from app.data.given import is_one_of
from app.data.recursion import step
from app.mirror.models import CachedGroup


def within(user_id: Any, store_id: Any, group_id: Any) -> Select[Any]:
    """The ids of a group and of all groups nested in it; any of the three may be a parameter."""
    inside = _roots(user_id, store_id, CachedGroup.evotor_id == group_id)
    # UNION drops what was met before, which ends a loop of groups.
    return select(inside.union(_step(user_id, store_id, inside)).c.evotor_id)


# Beyond so many the database finds them itself.
_LISTED = 500
# A walk down from each row of a page meets, where groups lie thousands deep, nearly all of them for each. No
# shop nests them deeper than ten.
COUNTED_DEEP = 100
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


def within_each(user_id: Any, store_id: Any, group_ids: Any) -> Subquery:
    """Each of some groups, `root_id`, with what lies within it, `evotor_id`; see `app.data.given`.

    What lies more than `COUNTED_DEEP` groups down is left out.
    """
    is_root = is_one_of(CachedGroup.evotor_id, group_ids)
    inside = _roots(user_id, store_id, is_root, literal_column("0").label("depth"))
    deeper = _step(user_id, store_id, inside, inside.c.depth + 1).where(inside.c.depth < COUNTED_DEEP)
    walk = inside.union(deeper)
    return select(walk.c.root_id, walk.c.evotor_id).distinct().subquery()


def _roots(user_id: Any, store_id: Any, is_root: ColumnElement[bool], *more: Any) -> CTE:
    roots = select(CachedGroup.evotor_id.label("root_id"), CachedGroup.evotor_id, *more)
    return roots.where(*_here(user_id, store_id), is_root).cte("inside", recursive=True)


def _step(user_id: Any, store_id: Any, inside: CTE, *more: Any) -> Select[Any]:
    is_within = and_(*_here(user_id, store_id), CachedGroup.parent_evotor_id == inside.c.evotor_id)
    return select(inside.c.root_id, CachedGroup.evotor_id, *more).select_from(
        step(inside, CachedGroup.__table__, is_within)
    )


def _here(user_id: Any, store_id: Any) -> tuple[ColumnElement[bool], ...]:
    return CachedGroup.user_id == user_id, CachedGroup.store_evotor_id == store_id
