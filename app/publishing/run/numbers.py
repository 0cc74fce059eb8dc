"""Numbers that VK gives to what it has just added: believed unless they stand for something else already."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import NamedTuple

from app.clients.errors import CloudError
from app.publishing.planning.texts import same


class Given(NamedTuple):
    """What was added, by the `mark` that VK keeps for us (a sku, the title of an album), and its number."""

    mark: str
    number: int


def misgiven(
    given: Iterable[Given],
    known: Callable[[Collection[int]], set[int]],
    shown: Callable[[Collection[int]], Mapping[int, str]],
) -> set[str]:
    """Give the marks of those whose number is something else's: nobody knows what became of these.

    known: tells which numbers the ledger had before, as ours or as others'. shown: asks VK what they stand
    for now; it is asked of no others. What VK does not tell is not believed.
    """
    given = list(given)
    if not given:
        return set()
    times = Counter(each.number for each in given)
    doubtful = known(times.keys()) | {number for number, count in times.items() if count > 1}
    if not doubtful:
        return set()
    try:
        marks = shown(doubtful)
    except CloudError:
        marks = {}
    return {
        each.mark
        for each in given
        if each.number in doubtful and not same(marks.get(each.number, ""), each.mark)
    }
