"""What many owners at once met with."""

import statistics
from typing import NamedTuple

PAGE, CLICK, POLL = "pages", "clicks", "progress"
# The slowest twentieth of pages, in pages of an owner who is alone.
ALLOWED_PAGES = 5


class Load(NamedTuple):
    """What happened: milliseconds of answers by kind, what went wrong, and seconds from click to refreshed.

    alone: the median milliseconds of a page while only its owner is there.
    standstill: the longest time in which no small refresh was finished while the big one was under way.
    """

    owners: int
    alone: float
    milliseconds: dict[str, list[float]]
    errors: list[str]
    decisions: int
    lost_updates: int
    unfinished: int
    small: list[float]
    big: float
    standstill: float

    def p(self, percent: int, kind: str) -> float:
        return statistics.quantiles(self.milliseconds[kind], n=100)[percent - 1]

    @property
    def is_whole(self) -> bool:
        return not (self.errors or self.lost_updates or self.unfinished)

    @property
    def is_reached(self) -> bool:
        return self.is_whole and self.p(95, PAGE) <= ALLOWED_PAGES * self.alone


def report(load: Load) -> None:
    """Print the figures beside their goals."""
    print(f"  a page of an owner alone: p50 {load.alone:.0f} ms")
    for kind, milliseconds in load.milliseconds.items():
        goal = f"  (goal: p95 ≤ {ALLOWED_PAGES * load.alone:.0f} ms)" if kind == PAGE else ""
        p50, p95, worst = load.p(50, kind), load.p(95, kind), max(milliseconds)
        print(
            f"  {kind:9} {len(milliseconds):6}  p50 {p50:.0f} ms  p95 {p95:.0f} ms  max {worst:.0f} ms{goal}"
        )
    print(f"  errors {len(load.errors)} {sorted(set(load.errors))[:5]}, refreshes not done {load.unfinished}")
    print(f"  decisions {load.decisions}, lost {load.lost_updates}")
    print(f"  small refreshes: p50 {statistics.median(load.small):.1f} s, slowest {max(load.small):.1f} s")
    print(f"  the big one: {load.big:.1f} s; no small one was done for {load.standstill:.1f} s at most")
