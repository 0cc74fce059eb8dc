"""What of several stores is one good in a price list, as it is in the plan."""

from collections.abc import Iterable, Iterator

from app.publishing.planning.good import Good
from app.publishing.planning.joins import Joins
from app.publishing.planning.merging import first_mark_of, merged
from app.publishing.planning.settings import Settings


def joined(goods: Iterable[Good], settings: Settings, joins: Joins) -> Iterator[tuple[Good, ...]]:
    """Yield what stands behind each offer, as a plan has it, last what may be known to be one with others.

    Only that is held in memory.
    """
    known, marks = joins.goods(), joins.marks()
    held = []
    for good in joins.as_known(goods):
        if good.key in known or (marks and first_mark_of(good, settings) in marks):
            held.append(good)
        else:
            yield (good,)
    yield from merged(held, settings, joins).shelves
