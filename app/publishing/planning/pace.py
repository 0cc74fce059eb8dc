"""How long a run will take: the calls that are left, each kind at the pace that was measured."""

from collections.abc import Iterable
from enum import Enum
from typing import NamedTuple

from app.publishing.planning.existing import PHOTOS
from app.publishing.planning.steps import Phase, Step

# VK takes so many writing calls in one.
TOGETHER = 25
# So many calls are needed before their own pace outweighs what was supposed of it.
_SURE_FROM = 3.0


class Kind(Enum):
    """Kinds of calls that take their own time each."""

    PICTURE = "picture"
    WRITING = "writing"


class Cost(NamedTuple):
    """How many calls of each kind; parts of a call are those of one that is shared."""

    pictures: float
    writing: float


def cost_of(steps: Iterable[Step]) -> Cost:
    """The calls that these steps take: one for each picture, one for each 25 listings; albums take many."""
    pictures, count = 0, 0.0
    for step in steps:
        pictures += len(step.fields.get(PHOTOS, ()))
        count += 1 / TOGETHER if step.phase == Phase.ALBUMS else 1
    return Cost(pictures, count / TOGETHER)


class Pace:
    """Measures a run and tells how long the rest takes; `per_second` is how many calls VK takes at most."""

    def __init__(self, per_second: float) -> None:
        self._least = 1.0 / per_second
        self._calls = dict.fromkeys(Kind, 0.0)
        self._seconds = dict.fromkeys(Kind, 0.0)
        self._beside = 0.0

    def note(self, kind: Kind, calls: float, seconds: float) -> None:
        """Note how long some calls took, with all that belongs to them."""
        self._calls[kind] += calls
        self._seconds[kind] += seconds

    def note_beside(self, seconds: float) -> None:
        """Note time that passed beside the calls: planning, looking at the ledger."""
        self._beside += seconds

    def seconds_for(self, cost: Cost) -> float:
        """Tell how long these calls take, with as much beside them as there was until now."""
        seconds = cost.pictures * self._each(Kind.PICTURE) + cost.writing * self._each(Kind.WRITING)
        measured = sum(self._seconds.values())
        return seconds * (1 + self._beside / measured) if measured else seconds

    def _each(self, kind: Kind) -> float:
        """Seconds for one call: as supposed at first, as measured soon."""
        known = sum(self._calls.values())
        supposed = max(self._least, sum(self._seconds.values()) / known) if known else self._least
        calls, seconds = self._calls[kind], self._seconds[kind]
        return (seconds + _SURE_FROM * supposed) / (calls + _SURE_FROM)
