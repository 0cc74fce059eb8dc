"""The owner's groups as categories of a price list."""

from typing import NamedTuple

from sqlalchemy import select

from app.mirror.models import CachedGroup
from app.publishing.feed.offers import REST_CATEGORY
from app.publishing.goods import Source
from app.publishing.planning import texts
from app.rules.group_counts import counts_by_group
from app.rules.published import read_policy

REST_NAME = "Остальное"
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
    rows = source.execute(
        select(_groups.store_evotor_id, _groups.evotor_id, _groups.id, _groups.name, _groups.parent_evotor_id)
        .where(_groups.user_id == user_id)
        .order_by(_groups.store_evotor_id, _groups.sort_name, _groups.id)
    ).all()
    groups = {(row.store_evotor_id, row.evotor_id): row for row in rows}
    counts = counts_by_group(user_id, read_policy(source, user_id)).subquery()
    used = source.execute(select(counts.c.store_id, counts.c.group_id).where(counts.c.published > 0)).all()
    found: dict[GroupKey, Category] = {}
    for store_id, group_id in used:
        line: dict[tuple[str, str], None] = {}
        at: str | None = group_id
        while at is not None and (store_id, at) in groups and (store_id, at) not in found:
            if (store_id, at) in line:
                break
            line[store_id, at] = None
            at = groups[store_id, at].parent_evotor_id
        for key in reversed(line):
            group = groups[key]
            above = found.get((store_id, group.parent_evotor_id))
            # Numbers of rows begin with one, which stands for the rest.
            number, name = group.id + REST_CATEGORY, texts.one_line(group.name) or REST_NAME
            found[key] = Category(number, name, above.number if above else None)
    found["", None] = Category(REST_CATEGORY, REST_NAME, None)
    return found
