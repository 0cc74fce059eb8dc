"""The way from goods, or from a group, up through the groups that they lie in.

Whoever asks about a few goods reads of an owner's groups, of which there may be hundreds of thousands, these.
"""

from collections.abc import Callable, Collection
from typing import Any

from sqlalchemy import CTE, ColumnElement, Select, String, and_, cast, null, select, true

from app.data.given import given_texts, is_one_of
from app.data.recursion import step
from app.mirror.models import CachedGroup, CachedProduct

_groups = CachedGroup.__table__
_goods = CachedProduct.__table__.c


def way_up(
    user_id: Any,
    start: Select[Any],
    goes_on: Callable[[CTE], ColumnElement[bool]] = lambda way: true(),
    *,
    name: str = "way_up",
) -> CTE:
    """The groups that `start` gives, as `above_goods` does, and all above them: store_id, below, group_id.

    A group, listed or not, has a row for each that lies `below` it on the way, where NULL stands for the
    start. `goes_on` tells, of the way, where it does not end.
    """
    way = start.cte(name, recursive=True)
    # UNION drops what was met before, which ends a loop of groups.
    return way.union(
        select(_groups.c.store_evotor_id, _groups.c.evotor_id, _groups.c.parent_evotor_id)
        .select_from(step(way, _groups, is_at(way, user_id, _groups.c, _groups.c.evotor_id)))
        .where(_groups.c.parent_evotor_id.is_not(None), goes_on(way))
    )


def is_at(way: CTE, user_id: Any, rows: Any, group_id: Any) -> ColumnElement[bool]:
    """Whether rows, about the groups that their column `group_id` names, are about the group on the way."""
    return and_(rows.user_id == user_id, rows.store_evotor_id == way.c.store_id, group_id == way.c.group_id)


def above_goods(user_id: Any, *which: ColumnElement[bool]) -> Select[Any]:
    """The groups that those goods of an owner lie in: where a `way_up` starts."""
    return _above(_goods, _goods.group_evotor_id, _goods.user_id == user_id, *which)


def above_good(user_id: Any, store_id: Any, product_id: Any) -> Select[Any]:
    """The same of one good."""
    is_it = _goods.store_evotor_id == store_id, _goods.evotor_id == product_id
    return above_goods(user_id, *is_it)


def above_group(user_id: Any, store_id: Any, group_id: Any) -> Select[Any]:
    """The same of a group: what that lies in."""
    groups = _groups.c
    is_it = groups.store_evotor_id == store_id, groups.evotor_id == group_id
    return _above(groups, groups.parent_evotor_id, groups.user_id == user_id, *is_it)


def _above(rows: Any, above: Any, *which: ColumnElement[bool]) -> Select[Any]:
    start = select(rows.store_evotor_id.label("store_id"), cast(null(), String).label("below"))
    return start.add_columns(above.label("group_id")).where(*which, above.is_not(None))


def are_given(rows: Any, dialect: str) -> tuple[ColumnElement[bool], ...]:
    """Whether columns of a table are of `given` goods, or of the same id in the store of another of them."""
    store_ids, ids = given_texts("store_ids", dialect), given_texts("ids", dialect)
    return is_one_of(rows.store_evotor_id, store_ids), is_one_of(rows.evotor_id, ids)


def given(goods: Collection[tuple[str, str]]) -> dict[str, list[str]]:
    """The parameters that name these goods, by store and id."""
    return {"store_ids": sorted({key[0] for key in goods}), "ids": sorted({key[1] for key in goods})}
