"""After a tenth of a run the time that is left is known within a fifth, whatever the run is made of."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from app.publishing.planning.pace import Cost, Kind, Pace

BATCH = 25
FEW = settings(max_examples=25)


def run(
    edits: int, new: int, latency: dict[Kind, float], planning: float, seed: int
) -> list[tuple[float, float]]:
    """Simulate a run at three calls a second: (the clock, what was expected to be left) after each batch."""
    chance = random.Random(seed)
    pace, clock, looked_at = Pace(3), 0.0, 0.0
    left = Cost(new, (edits + new) / BATCH)
    seen: list[tuple[float, float]] = []

    def call(kind: Kind, calls: int) -> None:
        nonlocal clock
        took = sum(max(1 / 3, latency[kind] * chance.uniform(0.7, 1.3)) for _ in range(calls))
        clock += took
        pace.note(kind, calls, took)

    for phase, goods in ((Kind.WRITING, edits), (Kind.PICTURE, new)):
        for first in range(0, goods, BATCH):
            size = min(BATCH, goods - first)
            if phase is Kind.PICTURE:
                call(Kind.PICTURE, size)
                left = left._replace(pictures=left.pictures - size)
            call(Kind.WRITING, 1)
            left = left._replace(writing=left.writing - size / BATCH)
            if clock - looked_at > 20:
                clock += planning
                pace.note_beside(planning)
                looked_at = clock
            seen.append((clock, pace.seconds_for(left)))
    return seen


latencies = st.fixed_dictionaries({Kind.PICTURE: st.floats(0.05, 1.0), Kind.WRITING: st.floats(0.05, 1.0)})


@FEW
@given(st.integers(250, 7_000), latencies, st.floats(0, 3), st.integers(0, 99))
def test_new_goods(goods: int, latency: dict[Kind, float], planning: float, seed: int):
    seen = run(0, goods, latency, planning, seed)
    check(seen)


@FEW
@given(st.integers(5_000, 30_000), latencies, st.floats(0, 2), st.integers(0, 99))
def test_changes_alone(goods: int, latency: dict[Kind, float], planning: float, seed: int):
    check(run(goods, 0, latency, planning, seed))


@FEW
@given(st.integers(1_000, 7_000), st.floats(0.05, 1.0), st.floats(0, 2), st.integers(0, 99))
def test_prices_of_everything_and_then_new_goods(goods: int, each: float, planning: float, seed: int):
    check(run(15_000, goods, dict.fromkeys(Kind, each), planning, seed))


def check(seen: list[tuple[float, float]]) -> None:
    end = seen[-1][0]
    for clock, expected in seen:
        # The very end is told in seconds, where a fifth is nothing.
        if clock > end / 10 and end - clock > 10:
            assert abs(expected - (end - clock)) <= 0.2 * (end - clock) + 3, (clock, expected, end)
