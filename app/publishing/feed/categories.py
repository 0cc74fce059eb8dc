"""The owner's groups as categories of a price list."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

from sqlalchemy import select

from app.data.compiled import Source
from app.mirror.models import CachedGroup
from app.publishing.feed.offers import REST_CATEGORY
from app.publishing.planning import texts
from app.rules.group_counts import counts_by_group
from app.rules.published import read_policy

REST_NAME = "Остальное"
_ROWS_AT_ONCE = 1000
_groups = CachedGroup.__table__.c

GroupKey = tuple[str, str | None]


class Category(NamedTuple):
    """A category; `parent` is the number of the one above, None at the top."""

    number: int
    name: str
    parent: int | None


def categories_of(user_id: int, source: Source) -> dict[GroupKey, Category]:
    """The groups that anything is published of, with those above them, parents first; then all the rest.

    By store and group. A line of parents that ends nowhere, or in itself, begins at the top.
    """
    counts = counts_by_group(user_id, read_policy(source, user_id)).subquery()
    used = defaultdict[str, list[str]](list)
    for store_id, group_id in source.execute(
        select(counts.c.store_id, counts.c.group_id).where(counts.c.published > 0)
    ):
        used[store_id].append(group_id)
    found: dict[GroupKey, Category] = {}
    for store_id, rows in groupby(_all_groups(user_id, source), attrgetter("store_evotor_id")):
        if store_id not in used:
            continue
        # Of one store at a time: all groups of many take more memory than all else here.
        of_store = _of_store({row.evotor_id: row for row in rows}, used[store_id])
        found |= {(store_id, group_id): category for group_id, category in of_store.items()}
    found["", None] = Category(REST_CATEGORY, REST_NAME, None)
    return found


def _of_store(groups: Mapping[str, Any], used: Iterable[str]) -> dict[str, Category]:
    """The used groups of a store and those above them, by id."""
    found: dict[str, Category] = {}
    for group_id in used:
        line: dict[str, None] = {}
        at: str | None = group_id
        while at is not None and at in groups and at not in found and at not in line:
            line[at] = None
            at = groups[at].parent_evotor_id
        for each in reversed(line):
            group = groups[each]
            above = found.get(group.parent_evotor_id)
            # Numbers of rows begin with one, which stands for the rest.
            number, name = group.id + REST_CATEGORY, texts.one_line(group.name) or REST_NAME
            found[each] = Category(number, name, above.number if above else None)
    return found


def _all_groups(user_id: int, source: Source) -> Iterable[Any]:
    """Store by store, in some order."""
    columns = (_groups.store_evotor_id, _groups.evotor_id, _groups.id, _groups.name, _groups.parent_evotor_id)
    statement = (
        select(*columns).where(_groups.user_id == user_id).order_by(_groups.store_evotor_id, _groups.id)
    )
    return source.execute(statement, execution_options={"yield_per": _ROWS_AT_ONCE})
