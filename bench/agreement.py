"""How well runs of the bench agree: `python -m bench.agreement PAGE PAGE …`, copies of `docs/benchmarks.md`.

Ratios agree when the greatest is at most a tenth above the least. Those that do not, and those which not
every page has, are printed.
"""

import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.report.page import BY_HAND, HEADERS

ALLOWED = 1.1
Name = tuple[str, str]


def main() -> None:
    """Compare the pages, and say what does not agree."""
    pages = [ratios(Path(path).read_text()) for path in sys.argv[1:]]
    if len(pages) < 2:
        sys.exit(__doc__)
    apart = spreads(pages)
    agreeing = sum(spread <= ALLOWED for spread in apart.values())
    print(f"{agreeing} of {len(apart)} ratios agree within {ALLOWED - 1:.0%}")
    for (what, database), spread in sorted(apart.items(), key=lambda each: -each[1]):
        if spread > ALLOWED:
            figures = ", ".join(f"{page[what, database]:g}" for page in pages)
            print(f"{spread - 1:6.0%}  {what}, {database}: {figures}")
    for what, database in sorted({name for page in pages for name in page} - set(apart)):
        print(f"not in all: {what}, {database}")


def ratios(page: str) -> dict[Name, float]:
    """Ratios that a page shows, by what is measured and the database."""
    found = {}
    for line in page.partition(BY_HAND)[0].splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == len(HEADERS) and (ratio := re.fullmatch(r"(?:× )?(\d[\d.]*)", cells[4])):
            found[cells[0], cells[1]] = float(ratio[1])
    return found


def spreads(pages: Sequence[Mapping[Name, float]]) -> dict[Name, float]:
    """How many times the least ratio the greatest is, for those that every page has."""
    return {
        name: max(values) / min(values) if min(values) else 1.0
        for name in pages[0]
        if all(name in page for page in pages) and (values := [page[name] for page in pages])
    }


if __name__ == "__main__":
    main()
