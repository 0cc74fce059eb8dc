"""The one picture that stands for a good in a list: its own first, else the first of the nearest group."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import (
    CTE,
    ColumnElement,
    CompoundSelect,
    and_,
    cast,
    literal,
    null,
    select,
    tuple_,
    union_all,
)

from app.data.db import db
from app.data.recursion import step
from app.mirror.models import CachedGroup, CachedProduct
from app.publishing.photos.models import GoodPhoto
from app.publishing.planning.good import Key


class FirstPhotos(NamedTuple):
    """Keys of pictures: of goods, and of groups with the groups above them; all by store and id."""

    of_goods: Mapping[Key, int]
    of_groups: Mapping[Key, int]
    parents: Mapping[Key, str | None]

    def of(self, store_id: str, product_id: str, group_id: str | None) -> int | None:
        """The picture of a good that lies in a group, as publication would show it first."""
        found = self.of_goods.get((store_id, product_id))
        if found is not None or not self.of_groups:
            return found
        visited: set[str] = set()
        while group_id is not None and group_id not in visited:
            found = self.of_groups.get((store_id, group_id))
            if found is not None:
                return found
            visited.add(group_id)
            group_id = self.parents.get((store_id, group_id))
        return None


def first_of(rows: Iterable[tuple[Key, int, int]]) -> dict[Key, int]:
    """Keep of each good's or group's pictures the first: rows are its key, a picture's key and its place."""
    found: dict[Key, tuple[int, int]] = {}
    for key, photo_id, place in rows:
        if key not in found or place < found[key][0]:
            found[key] = place, photo_id
    return {key: photo_id for key, (_, photo_id) in found.items()}


def are_of_groups() -> ColumnElement[bool]:
    """Whether rows of `good_photos` are of groups, which are few among those of goods."""
    # Not `is_not(None)`: SQLite searches no index by that.
    return GoodPhoto.group_evotor_id >= ""


def first_photos(user_id: int, goods: Collection[Key]) -> dict[Key, int]:
    """Find the pictures of goods by store and id, one statement; none of what the catalogue does not hold."""
    if not goods:
        return {}
    rows: dict[str, list[Any]] = {"good": [], "group": [], "photo": [], "group photo": []}
    for kind, *row in db.session.execute(_goods_and_groups(user_id, goods)):
        rows[kind].append(row)
    of_goods, of_groups = (
        first_of(((store_id, id), photo_id, place) for store_id, id, _, photo_id, place in rows[kind])
        for kind in ("photo", "group photo")
    )
    first = FirstPhotos(
        of_goods, of_groups, {(store_id, id): above for store_id, id, above, *_ in rows["group"]}
    )
    found = {(store_id, id): first.of(store_id, id, above) for store_id, id, above, *_ in rows["good"]}
    return {key: photo_id for key, photo_id in found.items() if photo_id is not None}


def _goods_and_groups(user_id: int, keys: Collection[Key]) -> CompoundSelect[Any]:
    """The goods with their groups, the groups with those above them, and the pictures of both."""
    store_ids, ids = {store_id for store_id, _ in keys}, {id for _, id in keys}
    goods = (
        select(CachedProduct.store_evotor_id, CachedProduct.evotor_id, CachedProduct.group_evotor_id)
        .where(
            CachedProduct.user_id == user_id,
            CachedProduct.store_evotor_id.in_(store_ids),
            CachedProduct.evotor_id.in_(ids),
        )
        .cte("goods")
    )
    columns = CachedGroup.store_evotor_id, CachedGroup.evotor_id, CachedGroup.parent_evotor_id

    def is_above(below: CTE, above: str) -> ColumnElement[bool]:
        return and_(
            CachedGroup.user_id == user_id,
            CachedGroup.store_evotor_id == below.c.store_evotor_id,
            CachedGroup.evotor_id == below.c[above],
        )

    lineage = select(*columns).join(goods, is_above(goods, "group_evotor_id")).cte("lineage", recursive=True)
    # UNION drops what was met before, which ends a loop of groups.
    lineage = lineage.union(
        select(*columns).select_from(
            step(lineage, CachedGroup.__table__, is_above(lineage, "parent_evotor_id"))
        )
    )
    is_here = GoodPhoto.user_id == user_id, GoodPhoto.store_evotor_id.in_(store_ids)
    lenders = tuple_(GoodPhoto.store_evotor_id, GoodPhoto.group_evotor_id)
    lend = and_(are_of_groups(), lenders.in_(select(lineage.c.store_evotor_id, lineage.c.evotor_id)))
    nothing = cast(null(), GoodPhoto.photo_id.type), cast(null(), GoodPhoto.place.type)
    picture = null(), GoodPhoto.photo_id, GoodPhoto.place
    return union_all(
        select(literal("good"), *goods.c, *nothing),
        select(literal("group"), *lineage.c, *nothing),
        select(literal("photo"), GoodPhoto.store_evotor_id, GoodPhoto.evotor_id, *picture).where(
            *is_here, GoodPhoto.evotor_id.in_(ids)
        ),
        select(literal("group photo"), GoodPhoto.store_evotor_id, GoodPhoto.group_evotor_id, *picture).where(
            *is_here, lend
        ),
    )
