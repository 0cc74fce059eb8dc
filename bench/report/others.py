"""Lines of what does not hang on the size of a catalogue: publication, rules, checks, many owners at once."""

from collections.abc import Sequence
from typing import Any

from bench.health import Rounds
from bench.load.figures import ALLOWED_PAGES, CLICK, PAGE, Load
from bench.publication import CALLS_A_SECOND, least_calls
from bench.report.line import Line, at_most, ms, times
from bench.rules import Figure

Found = dict[str, Any]

_CALLS, _PACE = 1.1, 1.15
# Promised for 15 000 and for 100 000; fewer must take less.
_COMPARED, _COMPARE_SECONDS = 15_000, 10.0
_PLANNED, _PLAN_SECONDS = 15_000, 0.3
_COUNTED, _COUNT_SECONDS = 100_000, 1.0
_PLAN_MB = 20


def publication_lines(database: str, found: Found) -> list[Line]:
    """Lay out what `bench.publication` measured: calls beside the least possible, time beside VK's pace."""
    new, listed = f"{found['new']:,} new goods published", f"{found['listed']:,} listings compared"
    calls, pace = found["calls"] / found["least_calls"], found["seconds"] / found["least_seconds"]
    # The calls do not become fewer as listings do.
    waits, all_wait = (least_calls(listed) / CALLS_A_SECOND for listed in (found["listed"], _COMPARED))
    compare = (_COMPARE_SECONDS - all_wait) * found["listed"] / _COMPARED + waits
    took, writes = found["compare_seconds"], found["nothing_writes"] + found["compare_writes"]
    # Calls refused as too many in one second would be made again.
    too_many = found["busiest_second"] > CALLS_A_SECOND
    return [
        Line(
            *(f"{new}: calls", database, str(found["calls"]), str(found["least_calls"]), times(calls)),
            *(f"≤ × {_CALLS}", (at_most("calls", calls, 0 if too_many else _CALLS, times(calls)),)),
        ),
        Line(
            *(f"{new}: time", database, f"{found['seconds']:.1f} s", f"{found['least_seconds']:.1f} s"),
            *(times(pace), f"≤ × {_PACE}", (at_most("pace", pace, _PACE, times(pace)),)),
        ),
        Line(
            *(
                listed,
                database,
                f"{took:.2f} s, {found['compare_calls']} calls",
                "",
                "",
                f"≤ {compare:.2f} s",
            ),
            (at_most("compare", took, compare, f"{took:.2f} s for {found['listed']:,}"),),
        ),
        Line(
            *("nothing new: writing calls", database, str(writes), "", "", "none"),
            (at_most("compare writes", writes, 0, str(writes)),),
        ),
    ]


def plan_lines(database: str, cases: Sequence[Found]) -> list[Line]:
    """Lay out what `bench.plans` measured; each kind of plan is promised the same."""
    lines = []
    for case in cases:
        is_counted = case["case"] == "counted"
        key, promised, seconds = (
            ("count", _COUNTED, _COUNT_SECONDS) if is_counted else ("plan", _PLANNED, _PLAN_SECONDS)
        )
        allowed, took = seconds * case["goods"] / promised, case["processor_ms"] / 1000
        figure = f"{ms(took)} for {case['goods']:,}"
        lines.append(
            Line(
                *(f"plan of {case['goods']:,} goods, {case['case']}", database, ms(took), "", ""),
                *(f"≤ {ms(allowed)}", (at_most(key, took, allowed, figure),)),
            )
        )
    fewer, more = cases[-2], cases[-1]
    grew = max(0, more["peak_mb"] - fewer["peak_mb"])
    return [
        *lines,
        Line(
            *(f"plan of {more['goods']:,} goods, memory", database, f"{more['peak_mb']} MB"),
            *(f"{fewer['peak_mb']} MB for {fewer['goods']:,}", "", f"≤ {_PLAN_MB} MB more"),
            (at_most("plan memory", grew, _PLAN_MB, f"{grew} MB"),),
        ),
    ]


def rules_lines(database: str, goods: int, figures: list[Figure]) -> list[Line]:
    """Lay out what `bench.rules` measured."""
    return [
        Line(
            *(f"{figure.name}, {goods:,} goods", database, ms(figure.seconds), ms(figure.baseline)),
            *(times(figure.ratio), f"≤ {ms(figure.goal)}" if figure.goal else ""),
            (at_most("rules", figure.seconds, figure.goal, ms(figure.seconds)),) if figure.goal else (),
        )
        for figure in figures
    ]


def checks_lines(rounds: Rounds) -> list[Line]:
    """Lay out what `bench.health` measured."""
    what, database = f"checks of {rounds.connections:,} connections", "SQLite"
    plain, burdened = f"{rounds.plain:.1f} s", f"{rounds.burdened:.1f} s"
    slower = rounds.burdened / rounds.plain
    return [
        Line(
            *(what, database, plain, f"{rounds.alone:.0f} s", times(rounds.plain / rounds.alone)),
            f"≤ {rounds.allowed:.0f} s",
            (
                at_most("checks", rounds.plain, rounds.allowed, plain),
                at_most("checks", not rounds.all_online, 0, "some are not online"),
            ),
        ),
        Line(
            *(f"{what}, {rounds.hanging} more hang", database, burdened, plain, times(slower), "≤ × 2"),
            (at_most("checks", slower, 2, times(slower)),),
        ),
    ]


def load_lines(database: str, load: Load) -> list[Line]:
    """Lay out what `bench.load` measured, each time beside the same of an owner alone."""
    what = f"{load.owners} owners at once"
    wrong = len(load.errors) + load.lost_updates + load.unfinished
    told = f"{len(load.errors)} errors, {load.lost_updates} lost, {load.unfinished} not refreshed"
    page, click, alone = load.p(95, PAGE), load.p(95, CLICK), load.alone
    slower = page / alone
    return [
        Line(
            f"{what}: whole",
            database,
            told,
            target="none",
            promises=(at_most("load errors", wrong, 0, told),),
        ),
        Line(
            *(f"{what}: page, p95", database, f"{page:.0f} ms", f"{alone:.0f} ms, p50 alone", times(slower)),
            *(f"≤ × {ALLOWED_PAGES}", (at_most("load page", slower, ALLOWED_PAGES, times(slower)),)),
        ),
        Line(
            *(f"{what}: click, p95", database, f"{click:.0f} ms", f"{load.p(50, CLICK):.0f} ms, p50"),
            times(click / load.p(50, CLICK)),
        ),
        Line(
            *(f"{what}: small refreshes at a standstill beside the big one", database),
            *(f"{load.standstill:.1f} s", f"{load.big:.1f} s, the big one"),
            times(load.standstill / load.big),
        ),
    ]
