"""What the bench measures, in parts that fail alone; those of a group are measured at the same time."""

import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

from bench import cloud, growth, health, rules
from bench.databases import KINDS, Databases
from bench.load.measure import OWNERS
from bench.load.measure import measure as measure_load
from bench.report.catalogue import file_lines, growth_lines, page_lines, refresh_lines
from bench.report.line import Line
from bench.report.others import checks_lines, load_lines, plan_lines, publication_lines, rules_lines
from bench.run import run, run_all

Part = Callable[[], list[Line]]
# How often a first refresh, one that finds nothing new, and files stand beside their baselines: what is short
# wanders, so the fewer goods, the more often, until all have seen so many.
FIRSTS, SAMES, ROUNDS, SEEN = 7, 13, 8, 200_000


class Form(NamedTuple):
    """How much is measured.

    planned: goods, listings beside the goods to be counted, and those goods.
    """

    sizes: tuple[int, ...]
    new: int
    listed: int
    planned: tuple[int, int, int]
    ruled: int
    connections: int
    big_shop: int
    load_seconds: float
    load_kinds: tuple[str, ...]


# At VK's pace a thousand goods with pictures take six minutes. Connections: many enough that those which hang
# do not take longer than all others. Owners at once are left to the full form: they take a minute and a half.
QUICK = Form(
    sizes=(15_000,),
    new=30,
    listed=1_000,
    planned=(5_000, 5_000, 20_000),
    ruled=5_000,
    connections=200,
    big_shop=10_000,
    load_seconds=0.0,
    load_kinds=(),
)
FULL = Form(
    sizes=(10_000, 100_000, 1_000_000),
    new=1_000,
    listed=15_000,
    planned=(15_000, 15_000, 100_000),
    ruled=rules.GOODS,
    connections=1_000,
    big_shop=100_000,
    load_seconds=120.0,
    load_kinds=KINDS,
)


def groups(
    form: Form, databases: Databases, measured: Mapping[str, list[Line]], costs: list[growth.Cost]
) -> Iterator[dict[str, Part]]:
    """Yield the parts by name; `measured` are the lines of those done, `costs` gathers how costs grow."""
    # These wait nearly all the time: for VK's pace, and for a cloud that is slow.
    waiting: dict[str, Part] = {
        f"publication, {kind}": partial(_publication, form, databases, kind) for kind in KINDS
    }
    yield waiting | {"checks of connections": partial(_checks, form)}
    # Each on a processor of its own.
    for goods in form.sizes:
        yield {
            _catalogue_name(kind, goods): partial(_catalogue, form, databases, kind, goods, costs)
            for kind in KINDS
        }
    yield {f"plans, {kind}": partial(_plans, form, databases, kind) for kind in KINDS}
    for kind in KINDS:
        yield {f"changes of rules, {kind}": partial(_rules, form, databases, kind)}
    for kind in form.load_kinds:
        yield {f"{OWNERS} owners at once, {kind}": partial(_load, form, databases, kind)}
    if len(form.sizes) > 1:
        for kind in KINDS:
            yield {f"growth of a catalogue, {kind}": partial(_growth, form, measured, kind)}
        for kind in KINDS:
            yield {f"growth with owners, {kind}": partial(_costs, databases, kind, costs)}


def _publication(form: Form, databases: Databases, kind: str) -> list[Line]:
    with databases.fresh(kind) as url:
        return publication_lines(kind, run("publication", url, str(form.new), str(form.listed)))


def _checks(form: Form) -> list[Line]:
    return checks_lines(health.run(form.connections, form.connections // 10))


def _catalogue_name(kind: str, goods: int) -> str:
    return f"{goods:,} goods, {kind}"


def _catalogue(
    form: Form, databases: Databases, kind: str, goods: int, costs: list[growth.Cost]
) -> list[Line]:
    """One catalogue, which all measures of its size share."""
    with databases.fresh(kind) as url, cloud.running(goods) as cloud_url:
        first = run("refresh", url, cloud_url, cloud.TODAY)
        times = [str(min(most, max(1, SEEN // goods))) for most in (FIRSTS, SAMES, ROUNDS)]
        found: dict[str, Any] = run("refreshes", url, cloud_url, *times[:2], json.dumps(first))
        # Memory is told by processes that did nothing else.
        alone = dict(
            zip(("same", "later"), run_all("refresh", url, cloud_url, cloud.TODAY, cloud.LATER), strict=True)
        )
        for name, measure in (alone | {"first": first}).items():
            found[name] |= {key: measure[key] for key in ("peak_mb", "idle_mb")}
        lines = refresh_lines(kind, found)
        pages = run("pages", url)
        lines += page_lines(kind, pages)
        lines += file_lines(kind, run("files", url, times[2]))
    if len(form.sizes) > 1:
        costs += [
            growth.Cost(kind, page["name"], "goods", goods, page["busy_ms"], page["ratio"]) for page in pages
        ]
    # Promised for the biggest.
    return lines if goods == form.sizes[-1] else [line._replace(promises=()) for line in lines]


def _plans(form: Form, databases: Databases, kind: str) -> list[Line]:
    with databases.fresh(kind) as url:
        return plan_lines(kind, run_all("plans", url, *map(str, form.planned)))


def _rules(form: Form, databases: Databases, kind: str) -> list[Line]:
    with databases.fresh(kind) as url:
        return rules_lines(kind, form.ruled, rules.measure(url, form.ruled))


def _load(form: Form, databases: Databases, kind: str) -> list[Line]:
    with databases.fresh(kind) as url:
        return load_lines(kind, measure_load(url, OWNERS, form.big_shop, form.load_seconds))


def _growth(form: Form, measured: Mapping[str, list[Line]], kind: str) -> list[Line]:
    before, after = (measured[_catalogue_name(kind, goods)] for goods in form.sizes[-2:])
    return growth_lines(before, after, form.sizes[-2:])


def _costs(databases: Databases, kind: str, costs: list[growth.Cost]) -> list[Line]:
    with databases.fresh(kind) as url:
        costs += growth.measure(kind, url, "owners")
    return []
