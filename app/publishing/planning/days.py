"""New goods spread over days: when the next ones may go, and when the last will be in VK.

VK takes so many new goods in 24 hours. What was added in one go gets its room back in one go, a day later, so
that a run goes on once a day and not for every single good.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

DAY = timedelta(days=1)
# Goods added with no longer a pause between them were added in one go.
ONE_GO = timedelta(minutes=30)


class Portion(NamedTuple):
    """So many new goods, and when the first of them may go and the last will be there."""

    goods: int
    begins_at: datetime
    ends_at: datetime


def spread(
    goods: int, added: Iterable[datetime], daily: int, moment: datetime, seconds_a_good: float = 0.0
) -> list[Portion]:
    """Say how many of the new `goods` go at `moment` and when the others can.

    added: the moments of what was added in the 24 hours before, in their order; daily: how many VK takes in
    24 hours. Where it takes none at all there are no portions.
    """
    added = list(added)
    rooms = _goes(added)
    portions: list[Portion] = []
    left, room, begins_at = goods, max(0, daily - len(added)), moment
    while left > 0:
        if (taken := min(left, room)) > 0:
            ends_at = begins_at + timedelta(seconds=taken * seconds_a_good)
            portions.append(Portion(taken, begins_at, ends_at))
            rooms.append((ends_at, taken))
            left -= taken
        if not rooms:
            break
        freed_at, room = rooms.pop(0)
        begins_at = max(freed_at + DAY, begins_at)
    return portions


def spread_later(
    goods: int,
    added: Sequence[datetime],
    daily: int,
    moment: datetime,
    spent_at: datetime,
    seconds_a_good: float = 0.0,
) -> list[Portion]:
    """The same where VK takes none at `moment`: the rest of its day was used up by others at `spent_at`."""
    used_up = [*added, *[spent_at] * (daily - len(added))]
    return spread(goods, used_up, daily, moment, seconds_a_good)


def _goes(added: Sequence[datetime]) -> list[tuple[datetime, int]]:
    """When each go of adding ended, and how many goods it added."""
    goes: list[tuple[datetime, int]] = []
    for at in added:
        if goes and at - goes[-1][0] <= ONE_GO:
            goes[-1] = (at, goes[-1][1] + 1)
        else:
            goes.append((at, 1))
    return goes
