"""A page costs the same number of SQL statements however much it shows."""

import contextlib
from collections.abc import Callable
from decimal import Decimal

import pytest

from app.data.db import db
from tests.catalog.pages import ids_at
from tests.databases import on_both
from tests.owners import Owner
from tests.stock import Stock, group, product

CountStatements = Callable[[], contextlib.AbstractContextManager[list[str]]]
# How long the lists are; each row of the list of stores is a store that is brought in by itself.
FEW, MANY = 5, 40
# Each list's address, and the most statements that it may take.
LISTS = {
    "/catalog?per_page=200": 8,
    "/catalog/groups?store_id=s1&per_page=200": 10,
    "/catalog/products?store_id=s1&per_page=200": 5,
    "/catalog/products?store_id=s1&group_id=g0&per_page=200": 6,
    "/catalog/products?store_id=s1&per_page=200&result=published&rule=none&q=товар&sort=price": 6,
    "/catalog/products?store_id=s1&per_page=200&ready=no": 6,
    "/catalog/products?store_id=s1&per_page=200&vk=waiting": 6,
}


def fill(stock: Stock, rows: int) -> None:
    """Make every list `rows` long, with rules on a part of it."""
    parents = [None, *(f"g{number // 2}" for number in range(rows - 1))]
    groups = [group(f"g{number}", parent=parent) for number, parent in enumerate(parents)]
    goods = [product(f"a{number}", group="g0", price=Decimal(number)) for number in range(rows)]
    goods += [product(f"b{number}", group=f"g{number % rows}") for number in range(rows)]
    stock.put("s1", groups=groups, products=goods)
    for number in range(1, rows):
        stock.put(f"s{number + 1}", f"Магазин {number}", products=[product("p")])
    rules = {("group", "s1", f"g{number}"): "include" for number in range(0, rows, 5)}
    rules |= {("product", "s1", f"b{number}"): "exclude" for number in range(0, rows, 3)}
    stock.forget_rules()
    stock.rules_at_once(rules)


@on_both
def test_statements_of_a_page_do_not_grow_with_its_rows(
    stock: Stock, alice: Owner, count_statements: CountStatements, subtests: pytest.Subtests
):
    counted: dict[str, list[int]] = {address: [] for address in LISTS}
    lengths: dict[str, list[int]] = {address: [] for address in LISTS}
    for rows in (FEW, MANY):
        fill(stock, rows)
        for address in LISTS:
            with count_statements() as statements:
                lengths[address].append(len(ids_at(alice, address)))
            counted[address].append(len(statements))
    for address, most in LISTS.items():
        with subtests.test(address):
            assert lengths[address][1] > 5 * lengths[address][0]
            assert counted[address][0] == counted[address][1]
            assert counted[address][0] <= most


def test_statements_of_an_export_do_not_grow_with_its_rows(
    stock: Stock, alice: Owner, count_statements: CountStatements
):
    counts = []
    for rows in (FEW, MANY):
        fill(stock, rows)
        with count_statements() as statements:
            assert alice.client.get("/catalog/export?type=products&store_id=s1").text.count("\r\n") > rows
        counts.append(len(statements))
    with alice.app.app_context():
        is_sqlite = db.engine.dialect.name == "sqlite"
    # PostgreSQL's last statement is a COPY, which goes past SQLAlchemy and is not counted.
    assert counts == ([3, 3] if is_sqlite else [2, 2])


def test_statements_of_a_click_do_not_grow_with_the_catalogue(
    stock: Stock, alice: Owner, count_statements: CountStatements
):
    form = {"entity_type": "product", "entity_id": "a1", "store_id": "s1", "filter_mode": "exclude"}
    counts = []
    for rows in (FEW, MANY):
        fill(stock, rows)
        alice.client.htmx_post("/catalog/filter", form | {"filter_mode": "include"})
        with count_statements() as statements:
            alice.client.htmx_post("/catalog/filter", form)
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 9
