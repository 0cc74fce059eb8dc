"""The automatic part of `docs/benchmarks.md`: the contract first, then every figure."""

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from bench.growth import Cost
from bench.growth import table as growth_table
from bench.report.contract import DATABASES, judged
from bench.report.line import Line

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "benchmarks.md"
# What people write stands from here on, and stays.
BY_HAND = "\n## What is missed, and why"
HEADERS = ("what", "database", "measured", "baseline", "ratio", "target", "reached")
_INTRODUCTION = """# Benchmarks

What is promised about speed, and what became of it: {verdict}. Down to "{by_hand}" written by
`make bench{full}` on {date}: {sizes} goods of one owner, {seconds:.0f} s in all, on {cores} cores,
whose load was {before} before and {after} after (1, 5 and 15 minutes).

Machines differ by a factor of two, and one machine within a minute. So a figure is compared with a baseline
of the same run, both in turn, by the time of the processor in server and database; a ratio is the mean of the
middle half of what the turns give.

## The contract

Promised for a million goods of one owner, measured here with {biggest:,}{scaled}. The worst figure of each
kind; "off by" is how many times the figure is what is allowed. Why, and what was tried: below.

"""
_SCALED = "; plans and listings with fewer, whose limits are as many times smaller, the wait for calls apart"
_EXPLAINED = """
## How it is measured

- A **page** is asked of gunicorn through HTTP, all pages in turn, until the server rests again. Its baseline
  is an empty Flask application in the same server that answers with as many bytes. Searches, and the pages of
  groups, stores and `/sync`, are each compared with the first page of goods, asked right before. Every 20th
  good has a rule of its own.
- A **refresh** reads a sandbox cloud over HTTP in a process of its own. The baseline of a first one is one
  `INSERT … SELECT` of the same rows into the same tables with the same indexes, that of one that finds
  nothing new is the client alone, which fetches and decodes; goods a second of the processor.
- The **CSV** is compared with the database's own dump of the same query (`sqlite3 -csv`, `COPY`), the price
  list with the CSV, the workbook with openpyxl's write-only mode.
- **Publication** goes to a sandbox at VK's limits, which counts calls. New goods are timed by the clock,
  since they wait for VK; comparing is the time of the processor and what the calls wait. A **plan** is of the
  processor alone.
- A **change of rules** goes through its plan, and is taken back, several times. Its baseline writes one rule
  after another through the ORM. A **round of checks** asks a cloud that takes 1 s to answer; its baseline is
  one check after another.
- **Owners at once** look, decide and refresh with the pauses that people make; by the clock, beside an owner
  alone.
"""


class Run(NamedTuple):
    """One run of the bench: what it measured until now, and the parts that failed with why."""

    sizes: tuple[int, ...]
    is_full: bool
    load: tuple[float, float, float]
    parts: dict[str, list[Line]]
    costs: list[Cost]
    failed: dict[str, str]

    @property
    def lines(self) -> list[Line]:
        return [line for lines in self.parts.values() for line in lines]


def terminal(lines: Sequence[Line]) -> str:
    """Lay lines out for a terminal."""
    return _aligned([HEADERS, *map(_cells, lines)])


def contract(run: Run) -> str:
    """Lay the contract out for a terminal."""
    return _aligned([_contract_headers(), *judged(run.lines)]).replace("**", "")


def write(run: Run, seconds: float) -> None:
    """Write the page anew; what people wrote stays."""
    kept = "".join(PAGE.read_text().partition(BY_HAND)[1:])
    PAGE.write_text(markdown(run, seconds) + kept)


def markdown(run: Run, seconds: float) -> str:
    """Write down what a run has measured."""
    rows = judged(run.lines)
    missed = sum("off by" in cell or cell.startswith("**") for row in rows for cell in row)
    asked = sum(cell != "not measured" for row in rows for cell in row[2:])
    page = _INTRODUCTION.format(
        by_hand=BY_HAND.strip("\n# "),
        full=" FULL=1" if run.is_full else "",
        date=datetime.now(UTC).date().isoformat(),
        sizes=", ".join(f"{size:,}" for size in run.sizes),
        biggest=run.sizes[-1],
        scaled="" if run.is_full else _SCALED,
        seconds=seconds,
        cores=os.cpu_count(),
        before=_load(run.load),
        after=_load(os.getloadavg()),
        verdict=f"of {asked} figures {asked - missed} are reached",
    )
    page += _grid([_contract_headers(), *rows])
    if run.failed:
        page += "\n## Not measured: these parts failed\n\n"
        page += "".join(f"- {name}: `{why}`\n" for name, why in run.failed.items())
    page += _EXPLAINED
    for name, lines in run.parts.items():
        page += f"\n## Figures: {name}\n\n" + _grid([HEADERS, *map(_cells, lines)])
    return page + growth_table(run.costs)


def _contract_headers() -> tuple[str, ...]:
    return ("what", "promised", *DATABASES)


def _cells(line: Line) -> tuple[str, ...]:
    return (line.what, line.database, line.measured, line.baseline, line.ratio, line.target, line.reached)


def _load(averages: tuple[float, ...]) -> str:
    return ", ".join(f"{each:.1f}" for each in averages)


def _aligned(rows: Sequence[tuple[str, ...]]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def _grid(rows: Sequence[tuple[str, ...]]) -> str:
    head, *body = rows
    lines = [head, tuple("---" for _ in head), *body]
    return "".join("| " + " | ".join(cells) + " |\n" for cells in lines)
