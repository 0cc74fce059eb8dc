"""What is promised about speed, line by line, and what became of it on each database."""

from collections.abc import Sequence
from typing import NamedTuple

from bench.report.line import Line, Promise

DATABASES = ("SQLite", "PostgreSQL")


class Said(NamedTuple):
    """One line of the contract."""

    key: str
    what: str
    target: str


CONTRACT = (
    Said("page", "page of goods, any sort, first and deep, beside a bare answer", "≤ × 4"),
    Said("page statements", "its SQL statements", "≤ 5"),
    Said("page bytes", "its HTML for 50 goods", "≤ 60 KB"),
    Said("page growth", "its ratio to a bare answer, from 100,000 to 1,000,000 goods", "≤ × 1.1"),
    Said("search", "search for any words, beside the page without a search", "≤ × 2"),
    Said("toggle", "click on a rule, beside a bare answer", "≤ × 4"),
    Said("toggle bytes", "the fragment it gets", "≤ 1.5 KB"),
    Said("csv", "CSV, rows a second beside the database's own dump", "≥ 0.8; SQLite ≥ 0.5"),
    Said("csv first", "CSV, first byte", "≤ 50 ms"),
    Said("csv memory", "CSV, growth of memory", "≤ 20 MB"),
    Said("first", "first refresh, goods a second beside one `INSERT … SELECT`", "≥ 0.6"),
    Said("first memory", "first refresh, peak of memory", "≤ 200 MB"),
    Said("same", "refresh that finds nothing new, beside the client alone", "≥ 0.6"),
    Said("same writes", "rows of goods that it writes", "none"),
    Said("groups", "groups page, a rule on every 20th good, beside the page of goods", "≤ × 2"),
    Said("stores", "stores page, the same", "≤ × 2"),
    Said("sync", "`/sync`, the same", "≤ × 2"),
    Said("load errors", "200 owners at once on one web and one worker process: errors, losses", "none"),
    Said("load page", "the slowest twentieth of their pages, beside a page alone", "≤ × 5"),
    Said("calls", "publication: calls beside the least possible", "≤ × 1.1"),
    Said("pace", "new goods with photos: time beside the least calls at three a second", "≤ × 1.15"),
    Said("compare", "15,000 listings read and compared, nothing to do", "≤ 10 s"),
    Said("compare writes", "writing calls of that, and of a run that finds nothing new", "none"),
    Said("plan", "plan of 15,000 goods", "≤ 300 ms"),
    Said("count", "plan of 100,000 goods, counted", "≤ 1 s"),
    Said("plan memory", "memory of that plan beyond the one of fewer goods", "≤ 20 MB"),
    Said("feed", "price list (YML), offers a second beside the rows of the CSV", "≥ 0.5"),
    Said("feed first", "price list, first byte", "≤ 50 ms"),
    Said("feed memory", "price list, growth of memory", "≤ 20 MB"),
)


def judged(lines: Sequence[Line]) -> list[tuple[str, ...]]:
    """Rows of the contract: what is promised, the target, and the worst figure of each database."""
    worst: dict[tuple[str, str], Promise] = {}
    for line in lines:
        for promise in line.promises:
            place = promise.key, line.database
            if place not in worst or worst[place].share < promise.share:
                worst[place] = promise
    return [
        (
            *(said.what, said.target),
            *(
                worst[said.key, database].verdict if (said.key, database) in worst else "not measured"
                for database in DATABASES
            ),
        )
        for said in CONTRACT
    ]
