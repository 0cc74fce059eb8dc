"""What of several stores is one good in a price list, as it is in the plan."""

from collections.abc import Callable, Iterable, Iterator

from app.connections.may_publish import may_publish
from app.publishing.ledger.entries import listed_of, listed_together
from app.publishing.planning.good import Good
from app.publishing.planning.merging import Joins, mark_of_good, merged
from app.publishing.planning.settings import Settings
from app.publishing.settings.same_goods import answers_of


def joins_of(user_id: int, settings: Settings) -> Joins:
    """Read the owner's answers, and which goods stand behind one listing; nothing where none are joined."""
    if settings.merge_by == "none":
        return Joins()
    community = may_publish(user_id).community
    entries = listed_of(user_id, community.id) if community else []
    return Joins(answers_of(user_id, settings.merge_by), listed_together(entries))


def joined(
    goods: Callable[[], Iterable[Good]], settings: Settings, joins: Joins
) -> Iterator[tuple[Good, ...]]:
    """Yield what stands behind each offer, as a plan has it, last what is of several stores.

    goods: gives all of them, twice where listings are known that have several. Only those that may be one are
    held in memory.
    """
    marks = {mark for mark, said in joins.answers.items() if said.is_one}
    if joins.listed:
        found = (mark_of_good(good, settings) for good in goods() if good.key in joins.listed)
        marks |= set(filter(None, found))
    held = []
    for good in goods():
        # What stands behind one listing may have lost its mark.
        if good.key in joins.listed or (marks and mark_of_good(good, settings) in marks):
            held.append(good)
        else:
            yield (good,)
    yield from merged(held, settings, joins).shelves
