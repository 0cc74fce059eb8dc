"""Goods that change their groups in bulk: they keep those they had until the owner's word.

What groups hold is excluded by rules on them: without groups, or in others, it would be published.
"""

from collections.abc import Sequence
from itertools import chain
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, delete, func, or_, select, update

from app.mirror.bulk_sql import KEYS_A_STATEMENT
from app.mirror.held_groups import HeldGroups
from app.mirror.models import CachedGroup, CachedProduct, GroupSize, StagedProduct
from app.mirror.product_row import DIGEST_HALF, GOODS_COLUMNS
from app.mirror.staging import IS_STAGED, OWNER_ID, STORE_ID, Staging
from app.mirror.store_rows import GroupDifference, compare_groups, moved_groups

_cached: Any = CachedProduct.__table__
_staged: Any = StagedProduct.__table__
_IS_REGROUPED = and_(
    _staged.c.cached_id == _cached.c.id,
    _staged.c.group_evotor_id.is_distinct_from(_cached.c.group_evotor_id),
)
_COUNT_REGROUPED = select(func.count(), func.count(_cached.c.group_evotor_id)).where(IS_STAGED, _IS_REGROUPED)
_is_where_it_was = select(_cached.c.id).where(
    _cached.c.id == _staged.c.cached_id, _cached.c.group_evotor_id == _staged.c.group_evotor_id
)
_named = (
    select(_staged.c.group_evotor_id)
    .distinct()
    .where(IS_STAGED, _staged.c.group_evotor_id.is_not(None))
    .where(or_(_staged.c.cached_id.is_(None), ~_is_where_it_was.exists()))
    .subquery("named")
)
_is_known = select(CachedGroup.id).where(
    CachedGroup.user_id == OWNER_ID,
    CachedGroup.store_evotor_id == STORE_ID,
    CachedGroup.evotor_id == _named.c.group_evotor_id,
)
_NAMED_UNKNOWN = select(_named.c.group_evotor_id).where(~_is_known.exists())
# No digest of anything sent: the next answer is compared anew, be it the same or the truth.
_marked = [func.substr(_staged.c.digest, start + 2, DIGEST_HALF - 1) for start in (0, DIGEST_HALF)]
_UNSENT_DIGEST: Any = "~" + _marked[0] + "~" + _marked[1]


# Pairs of so many goods of how many, each to be judged: what comes in another group, of all that comes; what
# leaves its group, and that with what lies in groups that come elsewhere, of all that had one.
Shares = Sequence[Sequence[int]]


class Regrouped(NamedTuple):
    """How many goods would stand elsewhere, and how the groups of the answer differ."""

    goods: int
    shares: Shares
    groups: GroupDifference


def lie_in_unknown(connection: Connection, staging: Staging, groups: HeldGroups) -> bool:
    """Tell whether goods that come, or move, lie in groups that neither the answer nor the cache has."""
    options = {"yield_per": KEYS_A_STATEMENT}
    with connection.execute(_NAMED_UNKNOWN, staging.place, execution_options=options) as rows:
        named = iter(rows.scalars())
        first = next(named, None)
        if first is None:
            return False
        # As hashes: the groups of a store as objects take dozens of megabytes.
        listed = {hash(group.id) for portion in groups.portions() for group in portion}
        return any(hash(group_id) not in listed for group_id in chain((first,), named))


def unmoved(goods: int, grouped: int) -> Shares:
    """The shares where so many goods, `grouped` of them in groups, stay where they are."""
    return (0, goods), (0, grouped), (0, grouped)


def count_regrouped(connection: Connection, staging: Staging, groups: HeldGroups) -> Regrouped:
    """Count the goods that come in another group or in none, and those within groups that come elsewhere.

    groups: those of the answer. To be asked once the store has come, before anything of it is written.
    """
    compared = compare_groups(connection, staging, groups)
    if not staging.existing:
        return Regrouped(0, unmoved(0, 0), compared)
    moved = _COUNT_REGROUPED
    if staging.pages.are_untrue:
        # Of goods that were staged twice what came last counts.
        last = select(func.max(_staged.c.id)).where(IS_STAGED).group_by(_staged.c.evotor_id)
        moved = moved.where(_staged.c.id.in_(last))
    anywhere, out = connection.execute(moved, staging.place).one()
    in_store = {"user_id": staging.user_id, "store_evotor_id": staging.store_id}
    lying = select(GroupSize.group_evotor_id, GroupSize.products).filter_by(**in_store)
    sizes: dict[str, int] = {
        group_id: goods
        for group_id, goods in connection.execute(lying.where(GroupSize.group_evotor_id != ""))
    }
    grouped, seen = sum(sizes.values()), len(staging.seen)
    elsewhere = moved_groups(groups, compared)
    within = _within(connection, in_store, elsewhere, sizes) if elsewhere else 0
    out_in_all = min(out + within, grouped)
    shares = ((anywhere, seen), (out, min(grouped, seen)), (out_in_all, grouped))
    return Regrouped(max(out_in_all, min(anywhere + within, staging.existing)), shares, compared)


def keep_groups(connection: Connection, staging: Staging) -> None:
    """Leave the goods that the cache holds in their groups, whatever was staged of them besides."""
    keep_known(connection, staging, _IS_REGROUPED, "group_evotor_id")


def keep_known(connection: Connection, staging: Staging, which: ColumnElement[bool], column: str) -> None:
    """Leave goods a column as the cache has it; what comes besides is taken, and nothing else is no change.

    which: of the staged goods of a store and those of the cache, brought together.
    """
    same = and_(
        *(
            _staged.c[name].is_not_distinct_from(_cached.c[name])
            for name in GOODS_COLUMNS
            if name not in (column, "digest")
        )
    )
    nothing_else = select(_staged.c.id).where(IS_STAGED, which, same)
    connection.execute(delete(_staged).where(_staged.c.id.in_(nothing_else)), staging.place)
    kept = {column: _cached.c[column], "digest": _UNSENT_DIGEST}
    connection.execute(update(_staged).where(IS_STAGED, which).values(kept), staging.place)
    staging.pages.are_untrue = True


def _within(connection: Connection, in_store: dict[str, Any], moved: set[str], sizes: dict[str, int]) -> int:
    """How many goods lie in these groups, or in groups within those."""
    known = select(CachedGroup.evotor_id, CachedGroup.parent_evotor_id).filter_by(**in_store)
    rows = connection.execute(known, execution_options={"yield_per": KEYS_A_STATEMENT})
    parents: dict[str, str | None] = {group_id: parent_id for group_id, parent_id in rows}
    lies_in = dict.fromkeys(moved, True)
    goods = 0
    for named, products in sizes.items():
        path = list[str]()
        group_id: str | None = named
        while group_id and group_id not in lies_in:
            # Until it is known better: the cloud may send a ring.
            lies_in[group_id] = False
            path.append(group_id)
            group_id = parents.get(group_id)
        is_within = bool(group_id) and lies_in[str(group_id)]
        lies_in.update(dict.fromkeys(path, is_within))
        goods += products if is_within else 0
    return goods
