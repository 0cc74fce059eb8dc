"""What of several stores is one good in a price list, as it is in the plan."""

from collections.abc import Iterable, Iterator

from app.connections.may_publish import may_publish
from app.publishing.ledger.entries import listed_of, listed_together
from app.publishing.planning.good import Good
from app.publishing.planning.joins import Joins
from app.publishing.planning.merging import first_mark_of, merged
from app.publishing.planning.settings import NOT_MERGED, Settings
from app.publishing.settings.same_goods import answers_of


def joins_of(user_id: int, settings: Settings) -> Joins:
    """Read the owner's answers, and which goods stand behind one listing; nothing where none are joined."""
    if settings.merge_by == NOT_MERGED:
        return Joins()
    community = may_publish(user_id).community
    entries = listed_of(user_id, community.id) if community else []
    return Joins(answers_of(user_id, settings.merge_by), listed_together(entries))


def joined(goods: Iterable[Good], settings: Settings, joins: Joins) -> Iterator[tuple[Good, ...]]:
    """Yield what stands behind each offer, as a plan has it, last what may be known to be one with others.

    Only that is held in memory.
    """
    known, marks = joins.goods(), joins.marks()
    held = []
    for good in goods:
        if good.key in known or (marks and first_mark_of(good, settings) in marks):
            held.append(good)
        else:
            yield (good,)
    yield from merged(held, settings, joins).shelves
