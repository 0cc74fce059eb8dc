"""Lines of what was measured of a catalogue: refreshes, pages and files."""

from collections.abc import Sequence
from typing import Any

from bench.pages import LISTS, SEARCHES, TOGGLE
from bench.report.line import Line, Promise, at_least, at_most, share, times

Found = dict[str, Any]

_KEPT_MB, _PEAK_MB, _FIRST_BYTE_MS = 20, 200, 50
_BARE_ANSWERS, _STATEMENTS, _PAGES = 4, 5, 2
_PAGE_BYTES, _FRAGMENT_BYTES = 60 * 1024, 1536
_LEAST_REFRESH = 0.6
# Of the database's own dump.
_LEAST_CSV = {"SQLite": 0.5, "PostgreSQL": 0.8}
_LEAST_FEED, _LEAST_BOOK = 0.5, 2


def refresh_lines(database: str, found: Found) -> list[Line]:
    """Lay out what `bench.refresh` and `bench.refreshes` measured."""
    lines = []
    for key, what, beside in (
        ("first", "refresh: first, all goods new", "copied"),
        ("same", "refresh: nothing new", "fetched"),
        ("later", "refresh: every tenth price changed", "fetched"),
    ):
        one, rate, base = found[key], _rate(found[key]), _rate(found[beside])
        figure, is_promised = share(one["ratio"]), key != "later"
        lines.append(
            Line(
                *(what, database, f"{rate:,.0f} goods/s", f"{base:,.0f} goods/s {beside}", figure),
                f"≥ {_LEAST_REFRESH}" if is_promised else "",
                (at_least(key, one["ratio"], _LEAST_REFRESH, figure),) if is_promised else (),
                1 / rate,
            )
        )
        peak = f"{one['peak_mb']:.0f} MB"
        lines.append(
            Line(
                *(f"{what}, peak of memory", database, peak, f"{one['idle_mb']:.0f} MB idle"),
                *(times(one["peak_mb"] / one["idle_mb"]), f"≤ {_PEAK_MB} MB"),
                (at_most("first memory", one["peak_mb"], _PEAK_MB, peak),),
                one["peak_mb"],
            )
        )
    written = found["same"]["written"]
    kept = at_most("same writes", written, 0, str(written))
    return [
        *lines,
        Line("refresh: nothing new, rows written", database, str(written), target="none", promises=(kept,)),
    ]


def page_lines(database: str, pages: list[Found]) -> list[Line]:
    """Lay out what `bench.pages` measured."""
    lines = []
    for page in pages:
        name, ratio, size = page["name"], float(page["ratio"]), page["bytes"]
        kilobytes = f"{size / 1024:.1f} KB"
        bare = at_most("page", ratio, _BARE_ANSWERS, times(ratio))
        baseline, figure = f"{page['bare_busy_ms']:.2f} ms", times(ratio)
        promises: tuple[Promise, ...]
        if name in SEARCHES or name in LISTS:
            baseline, figure = f"{page['page_busy_ms']:.1f} ms, a page", times(page["of_page"])
            promises = (at_most(LISTS.get(name, "search"), page["of_page"], _PAGES, figure),)
            target = f"≤ × {_PAGES}"
        elif name == TOGGLE:
            promises = (
                bare._replace(key="toggle"),
                at_most("toggle bytes", size, _FRAGMENT_BYTES, kilobytes),
            )
            target = f"≤ × {_BARE_ANSWERS}, ≤ 1.5 KB"
        else:
            statements = at_most("page statements", page["statements"], _STATEMENTS, str(page["statements"]))
            promises = (bare, statements, at_most("page bytes", size, _PAGE_BYTES, kilobytes))
            target = f"≤ × {_BARE_ANSWERS}, ≤ {_STATEMENTS} SQL, ≤ 60 KB"
        measured = f"{page['busy_ms']:.1f} ms, {page['statements']} SQL, {kilobytes}"
        lines.append(
            Line(
                *(name, database, measured, baseline, figure, target),
                promises,
                ratio,
            )
        )
    return lines


def file_lines(database: str, found: Found) -> list[Line]:
    """Lay out what `bench.files` measured."""
    feed, book, least = found["feed"], found["workbook"], _LEAST_CSV[database]
    rate, offers = found["rows"] / found["seconds"], feed["rows"] / feed["seconds"]
    dump = found["rows"] / found["dump_seconds"]
    openpyxl = book["rows"] / book["openpyxl_seconds"]
    csv_figure, feed_figure, book_figure = (share(each["ratio"]) for each in (found, feed, book))
    return [
        Line(
            *("CSV", database, f"{rate:,.0f} rows/s", f"{dump:,.0f} rows/s ({found['dumped_by']})"),
            *(csv_figure, f"≥ {least}", (at_least("csv", found["ratio"], least, csv_figure),), 1 / rate),
        ),
        *_stream_lines("CSV", "csv", database, found),
        Line(
            *("price list", database, f"{offers:,.0f} offers/s", f"{rate:,.0f} rows/s of the CSV"),
            *(feed_figure, f"≥ {_LEAST_FEED}", (at_least("feed", feed["ratio"], _LEAST_FEED, feed_figure),)),
            1 / offers,
        ),
        *_stream_lines("price list", "feed", database, feed),
        Line(
            *("workbook", database, f"{book['rows'] / book['seconds']:,.0f} rows/s"),
            *(f"{openpyxl:,.0f} rows/s (openpyxl, write-only)", book_figure, f"≥ {_LEAST_BOOK}"),
            (at_least("workbook", book["ratio"], _LEAST_BOOK, book_figure),),
            book["seconds"] / book["rows"],
        ),
    ]


def growth_lines(before: list[Line], after: list[Line], sizes: Sequence[int]) -> list[Line]:
    """How many times each cost of the bigger catalogue is that of the smaller one."""
    costs = {(line.what, line.database): line.cost for line in before if line.cost}
    lines = []
    for line in after:
        cost = costs.get((line.what, line.database))
        if not line.cost or not cost:
            continue
        grew, is_page = line.cost / cost, any(promise.key == "page" for promise in line.promises)
        promises = (at_most("page growth", grew, 1.1, times(grew)),) if is_page else ()
        what = f"growth from {sizes[0]:,} to {sizes[1]:,} goods: {line.what}"
        lines.append(
            Line(what, line.database, times(grew), target="≤ × 1.1" if is_page else "", promises=promises)
        )
    return lines


def _stream_lines(what: str, key: str, database: str, found: Found) -> list[Line]:
    first, growth = f"{found['first_byte_ms']:.0f} ms", f"{found['growth_mb']:.1f} MB"
    return [
        Line(
            *(f"{what}, first byte", database, first, "", "", f"≤ {_FIRST_BYTE_MS} ms"),
            (at_most(f"{key} first", found["first_byte_ms"], _FIRST_BYTE_MS, first),),
        ),
        Line(
            *(f"{what}, growth of memory", database, growth, "", "", f"≤ {_KEPT_MB} MB"),
            (at_most(f"{key} memory", max(0, found["growth_mb"]), _KEPT_MB, growth),),
        ),
    ]


def _rate(measure: Found) -> float:
    return float(measure["goods"] / measure["busy_seconds"])
