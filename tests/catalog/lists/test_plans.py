"""The databases carry the lists' statements out by an index, never by reading or sorting all the goods."""

import itertools
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app.catalog.lists import products
from app.catalog.lists.address import PRODUCT_SORTS, ListQuery
from app.catalog.lists.products import fetch_products
from app.catalog.lists.shelf import shelf_at
from app.data.db import db
from app.web.cursor import Cursor
from tests.databases import listening
from tests.owners import Owner
from tests.stock import Stock, group, product

pytestmark = pytest.mark.databases("sqlite", "postgresql")

# Enough that a planner that knows the numbers has something to save.
GOODS = 6_000
Explain = Callable[[dict[str, str]], list[str]]


@pytest.fixture
def stock(stock: Stock) -> Stock:
    goods = (
        product(
            f"p{n}",
            f"Товар с именем {n}",
            f"g{n % 50}",
            price=Decimal(n % 100),
            quantity=Decimal(n % 90),
            article_number=f"А-{n:05}",
            barcodes=(f"46{n:011}",),
            allow_to_sell=n % 500 != 0,
        )
        for n in range(GOODS)
    )
    stock.put(groups=[group(f"g{n}") for n in range(50)], products=goods)
    stock.rule("product", "p77", "exclude")
    few = [product(f"p{n}", f"Товар с именем {n}", "g1", allow_to_sell=n % 10 != 0) for n in range(20)]
    stock.put("s2", "Киоск", products=few)
    return stock


@pytest.fixture(params=["with statistics", "without statistics"])
def explain(
    app: Flask, stock: Stock, alice: Owner, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Explain]:
    """Give the plan of every statement that a page of the list takes."""
    # As short beside these goods as the real one is beside a million.
    monkeypatch.setattr(products, "STRETCH", 300)
    with app.app_context():
        engine = db.engine
        postgres = engine.dialect.name == "postgresql"
        # PostgreSQL gathers its own; SQLite has none until somebody asks it to.
        if postgres or request.param == "with statistics":
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                # VACUUM also brings into order what the index of search has only jotted down so far.
                connection.execute(text("VACUUM ANALYZE" if postgres else "ANALYZE"))
        word = "EXPLAIN" if postgres else "EXPLAIN QUERY PLAN"

        def plans(args: dict[str, str]) -> list[str]:
            taken: list[tuple[str, Any]] = []
            listen = lambda _c, _cursor, statement, parameters, *_: taken.append((statement, parameters))  # noqa: E731
            query = ListQuery.parse(args, "catalog.products", sorts=PRODUCT_SORTS)
            store_id = None if "all" in args else "s1"
            shelf = shelf_at(alice.id, store_id, args.get("group_id"), query, GOODS)
            with listening(engine, "before_cursor_execute", listen):
                fetch_products(shelf, query)
            lines = []
            with engine.connect() as connection:
                if postgres:
                    # So few goods are read fastest from end to end; the question is whether an index can do.
                    connection.execute(text("SET LOCAL enable_seqscan = off"))
                for statement, parameters in taken:
                    plan = connection.exec_driver_sql(f"{word} {statement}", parameters)
                    lines.append("\n".join(str(row[-1]) for row in plan))
            return lines

        yield plans
        if not postgres:
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text("DROP TABLE IF EXISTS sqlite_stat1"))
                connection.execute(text("DROP TABLE IF EXISTS sqlite_stat4"))
            # A connection remembers the statistics that it has read.
            engine.dispose()


def reads_all(plan: str) -> bool:
    """Whether the goods' table is read from end to end."""
    return any(
        line.strip().startswith(
            ("SCAN cached_products", "->  Seq Scan on cached_products", "Seq Scan on cached_products")
        )
        and "USING" not in line
        for line in plan.splitlines()
    )


INDEX = {
    "name": "ix_cached_products_user_id_store_evotor_id_sort_name_id",
    "price": "ix_cached_products_by_price",
    "quantity": "ix_cached_products_by_quantity",
    "article_number": "ix_cached_products_by_article",
}


# In one store, and in all of them.
WHERE: tuple[dict[str, str], ...] = ({}, {"all": "1"})
# A search, and the index that finds it: in a store with blocks of names, those few that have the pieces.
SEARCHES = {
    "именем 4321": ("product_names", "ix_cached_products_search", INDEX["name"]),
    "а-0432": ("product_codes", "ix_cached_products_search"),
    "46000000043": ("product_codes", "ix_cached_products_search"),
}
FILTERS = (
    {"on_sale": "no"},
    {"rule": "exclude"},
    {"result": "hidden"},
    {"rule": "none", "on_sale": "yes"},
    {"group_id": "g7", "sort": "price"},
    {"group_id": "g7", "q": "именем 7"},
    {"on_sale": "no", "all": "1"},
    {"rule": "exclude", "all": "1"},
    {"result": "hidden", "all": "1"},
    {"rule": "none", "on_sale": "yes", "all": "1"},
)


def test_no_list_reads_or_sorts_all_the_goods(explain: Explain, subtests: pytest.Subtests):
    # One test, because so many goods take their time to come in.
    ways = itertools.product(PRODUCT_SORTS, ("asc", "desc"), ("", "after", "before"), WHERE)
    for sort, turn, place, where in ways:
        value = {"name": "товар с именем 3", "article_number": "А-03000"}.get(sort, "40")
        cursor = {place: Cursor(value, 1, 3000).encode()} if place else {}
        with subtests.test(
            "a page in any order is read from the index of that order",
            sort=sort,
            turn=turn,
            place=place,
            **where,
        ):
            (plan,) = explain({"sort": sort, "dir": turn} | cursor | where)
            assert INDEX[sort] in plan
            assert not reads_all(plan), plan
    for (search, index), where in itertools.product(SEARCHES.items(), WHERE):
        with subtests.test("a rare word is found by the index of search", search=search, **where):
            plans = explain({"q": search} | where)
            assert any(name in plans[-1] for name in index), plans
            assert not any(reads_all(plan) for plan in plans), plans
    for search in ("именем 4321", "именем", "менем"):
        with subtests.test("words within names are read block by block", search=search):
            *_, last = explain({"q": search})
            ranges = r"store_evotor_id=\? AND sort_name>\? AND sort_name<\?\)|sort_name >= spans\.first"
            assert "spans" in last, last
            assert INDEX["name"] in last, last
            assert re.search(ranges, last), last
            assert not reads_all(last), last
    for args in FILTERS:
        with subtests.test("a filter never reads the whole table", **args):
            plans = explain(args)
            assert not any(reads_all(plan) for plan in plans), plans
    few: tuple[tuple[dict[str, str], int], ...]
    few = (({}, 1), ({"q": "товар"}, 2), ({"q": "4321"}, 3), ({"q": "менем"}, 5), ({"on_sale": "yes"}, 2))
    for (args, most), where in itertools.product(few, WHERE):
        with subtests.test("few statements lead to a page", **args, **where):
            assert len(explain(args | where)) <= most
