"""How cost grows: `python -m bench.growth [GOODS …] [--owners N …]`, on both databases.

First one owner with more and more goods; then an owner of few goods among more and more such owners in one
database. Each figure is milliseconds of the processor in server and database beside those of a bare answer of
as many bytes, asked in turn; a twentieth of the goods have rules of their own. The last line is JSON.
"""

import argparse
import json
import logging
import time
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple
from urllib.parse import quote

from flask import Flask
from flask_migrate import upgrade

from app.data.db import db
from bench.databases import databases
from bench.filling import STORE, add_goods, add_owners, session_key
from bench.over_http import Asked, cookie_of, serving
from bench.pages import TOGGLE, click, counted
from bench.pages import measure as timed
from bench.product import application
from bench.rules import settle

SIZES = {"goods": (10_000, 100_000, 1_000_000), "owners": (1, 100, 10_000)}
OF_A_SMALL_OWNER = 100
REPEATS = 15
_LIST = f"/catalog/products?store_id={STORE}"
PAGES = {
    "page of goods": _LIST,
    "search, rare": f"{_LIST}&q={quote('№ 43')}",
    "search, common": f"{_LIST}&q={quote('чай')}",
    "search, within words": f"{_LIST}&q={quote('амовар')}",
    "groups": f"/catalog/groups?store_id={STORE}",
    "stores": "/catalog",
    "/sync": "/sync",
}
HEADINGS = {
    "goods": "Growth with the goods of one owner",
    "owners": f"Growth with the owners of one database, {OF_A_SMALL_OWNER} goods each",
}


class Cost(NamedTuple):
    """One figure: what was asked among how many goods or owners; in milliseconds, and in bare answers."""

    database: str
    what: str
    grows: str
    size: int
    ms: float
    ratio: float


def main() -> None:
    """Measure both series on both databases, print them, and their lines as JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("goods", type=int, nargs="*", default=SIZES["goods"])
    parser.add_argument("--owners", type=int, nargs="*", default=SIZES["owners"])
    options = parser.parse_args()
    logging.disable(logging.INFO)
    costs: list[Cost] = []
    for grows, sizes in (("goods", options.goods), ("owners", options.owners)):
        for database, url in databases():
            costs += measure(database, url, grows, sizes)
    print(table(costs))
    print(json.dumps(costs))


def measure(database: str, url: str, grows: str, sizes: Sequence[int] = ()) -> list[Cost]:
    """Fill, ask, fill more, ask again; print each size as it ends."""
    costs: list[Cost] = []
    app = application(url)
    with app.app_context():
        upgrade()
    user_id = 0
    for before, size in pairwise((0, *(sizes or SIZES[grows]))):
        started = time.monotonic()
        user_id = _filled(app, user_id, grows, before, size)
        filled = time.monotonic() - started
        measured = [Cost(database, name, grows, size, *ms) for name, *ms in _asked(app, user_id)]
        costs += measured
        figures = ", ".join(f"{cost.what} {cost.ms:.1f} (× {cost.ratio:.1f})" for cost in measured)
        print(f"{database}, {size:,} {grows}, filled in {filled:.0f} s: {figures}", flush=True)
    return costs


def _filled(app: Flask, user_id: int, grows: str, before: int, size: int) -> int:
    """Add what is missing to so many goods or owners; give the owner who is to be asked."""
    with app.app_context():
        with db.engine.begin() as connection:
            if grows == "owners":
                added = add_owners(connection, size - before, OF_A_SMALL_OWNER)
                user_id = user_id or added[0]
            elif user_id:
                add_goods(connection, [user_id], before, size)
            else:
                (user_id,) = add_owners(connection, 1, size)
        settle()
    return user_id


def _asked(app: Flask, user_id: int) -> Iterator[tuple[str, float, float]]:
    """Ask for every page, and for a change of a rule; give milliseconds, and in bare answers."""
    with app.app_context():
        key = session_key(user_id)
    cookie = cookie_of(app, key, _LIST)
    asked = {name: Asked(address, {"Cookie": cookie}) for name, address in PAGES.items()}
    asked[TOGGLE] = click(app, _LIST, cookie)
    sizes = {name: counted(app, each) for name, each in asked.items()}
    with serving(app) as served:
        for found in timed(served, asked, sizes, REPEATS):
            yield found["name"], found["busy_ms"], found["ratio"]


def table(costs: Sequence[Cost]) -> str:
    """Lay both series out: bare answers that each figure costs, and how many times that grew."""
    page = ""
    for grows, heading in HEADINGS.items():
        found = {(cost.database, cost.what, cost.size): cost for cost in costs if cost.grows == grows}
        sizes = sorted({size for _, _, size in found})
        if not sizes:
            continue
        page += f"\n## {heading}\n\n"
        page += "| what | database | " + " | ".join(f"{size:,}" for size in sizes) + " | grew |\n"
        page += "| --- " * (len(sizes) + 3) + "|\n"
        for database, what in dict.fromkeys((database, what) for database, what, _ in found):
            row = [found[database, what, size] for size in sizes]
            cells = " | ".join(f"{cost.ms:.1f} ms, × {cost.ratio:.1f}" for cost in row)
            grew = row[-1].ratio / row[0].ratio
            page += f"| {what} | {database} | {cells} | × {grew:.2f} |\n"
    return page


if __name__ == "__main__":
    main()
