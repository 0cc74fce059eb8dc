"""Whatever a list is narrowed and sorted by, its pages and its file hold the same goods in the same order."""

import csv
import io
import itertools
import random
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, insert

from app.catalog.export.csv_stream import stream
from app.catalog.export.sheets import select_file
from app.catalog.lists import by_name, keyset, name_ranges, products
from app.catalog.lists.address import PRODUCT_SORTS, ListQuery
from app.catalog.lists.keyset import Page
from app.catalog.lists.products import fetch_products
from app.catalog.lists.shelf import Shelf, shelf_at
from app.data.db import db
from app.mirror import name_blocks
from app.mirror.models import CachedProduct
from app.web.sheet import DIALECTS
from tests.owners import Owner
from tests.stock import Stock, group, product
from tests.thoroughness import IS_LONG

pytestmark = pytest.mark.databases("sqlite", "postgresql")

GOODS = 130
NAMES = ("Чай чёрный", "чай зелёный", "Кофе", "Мёд липовый", "мед", "Ёлка 50%", "Чашка_1", "АВ")
SEARCHES = ("", "чай", "ЗЕЛ ча", "мёд", "ё", "ка", "0%", "k_", "007", "46000", "нет такого", "xfi", "xf")
RULES = (None, "include", "exclude", "none")
RESULTS = (None, "published", "hidden")
ON_SALE = (None, "yes", "no")
ORDERS = tuple(itertools.product(PRODUCT_SORTS, ("asc", "desc")))


STRETCHES = (GOODS * 2, 40, 5)
# So few are counted while a stretch is the shortest: then a search that finds more has to walk.
COUNTED = {STRETCHES[-1]: 20}


@pytest.fixture(params=STRETCHES)
def stretch(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """Make every way to a page be taken: a short stretch is walked in vain more often."""
    monkeypatch.setattr(products, "STRETCH", request.param)
    for module in (keyset, products):
        monkeypatch.setattr(module, "COUNTED", COUNTED.get(request.param, GOODS))
    for module in (keyset, products, by_name, name_ranges):
        monkeypatch.setattr(module, "FOUND", COUNTED.get(request.param, GOODS))
    return int(request.param)


@pytest.fixture
def stock(stock: Stock, monkeypatch: pytest.MonkeyPatch) -> Stock:
    # The first store has an index of its names, in many blocks.
    monkeypatch.setattr(name_blocks, "FEWEST", GOODS)
    monkeypatch.setattr(name_blocks, "IN_BLOCK", 7)
    monkeypatch.setattr(name_ranges, "AT_FIRST", 2)
    chance = random.Random(5)
    goods = [_made_up(chance, number) for number in range(GOODS)]
    groups = [group("tea", parent="root"), group("root"), group("cups")]
    stock.put(groups=groups, products=goods)
    # The same ids in another store, with rules of its own: each store's goods are another's namesakes.
    stock.put("s2", "Киоск", groups=groups, products=[_made_up(chance, number) for number in range(40)])
    stock.rule("store", "s2", "exclude")
    stock.rule("product", "p003", "include", "s2")
    stock.rule("group", "root", "exclude")
    stock.rule("group", "cups", "include")
    for number in range(0, GOODS, 7):
        stock.rule("product", f"p{number:03}", chance.choice(["include", "exclude"]))
    return stock


def _made_up(chance: random.Random, number: int):
    return product(
        f"p{number:03}",
        f"{chance.choice(NAMES)} {number if number % 3 else ''}",
        chance.choice([None, "tea", "root", "cups", "unlisted"]),
        price=chance.choice([None, Decimal(0), Decimal("9.90"), Decimal("100")]),
        quantity=chance.choice([None, Decimal("-0.125"), Decimal(0), Decimal(number)]),
        article_number=chance.choice([None, "k_1", "K 2", "007", f"А-{number}"]),
        code=chance.choice([None, str(number)]),
        barcodes=chance.choice([(), (f"46000{number:08}",), ("2000000000060", f"46000{number:08}")]),
        allow_to_sell=chance.choice([None, True, False]),
    )


def every_combination() -> Iterator[dict[str, str]]:
    """Every search with every filter; the orders take turns, as do whole store and group."""
    order = itertools.cycle(ORDERS)
    place = itertools.cycle([{}, {"group_id": "tea"}, {}, {"type": "all"}, {"type": "all"}])
    for q, rule, result, on_sale in itertools.product(SEARCHES, RULES, RESULTS, ON_SALE):
        sort, turn = next(order)
        chosen = {"q": q, "rule": rule, "result": result, "on_sale": on_sale, "sort": sort, "dir": turn}
        yield {name: value for name, value in chosen.items() if value} | next(place)


def file_ids(owner: Owner, args: dict[str, str]) -> list[str]:
    selected = select_file(owner.id, {"type": "products", "store_id": "s1"} | args)
    assert selected is not None
    text = b"".join(stream(db.engine, *selected, DIALECTS["csv"])).decode()
    lines = list(csv.reader(io.StringIO(text[1:], newline="")))[1:]
    return [f"{line[0]}: {line[8]}" for line in lines]


def walk_ids(owner: Owner, args: dict[str, str]) -> tuple[list[str], list[str], set[int]]:
    """The goods of all pages from the first on, from the last back, and the totals that the pages name."""
    query = ListQuery.parse(args | {"per_page": "25"}, "catalog.products", sorts=PRODUCT_SORTS)
    group_id = args.get("group_id")
    store_id = None if args.get("type") == "all" else "s1"
    shelf = shelf_at(owner.id, store_id, group_id, query, GOODS if store_id else GOODS + 40)
    page = fetch_products(shelf, query)
    forwards, totals = names_of(page), {page.total.rows}
    while page.next is not None:
        page = fetch_products(shelf, replaced(query, after=page.next.encode()))
        forwards += names_of(page)
        totals.add(page.total.rows)
    backwards = names_of(page)
    while page.previous is not None:
        page = fetch_products(shelf, replaced(query, before=page.previous.encode()))
        backwards = names_of(page) + backwards
    return forwards, backwards, totals


def names_of(page: Page) -> list[str]:
    """The goods of a page as `file_ids` names them."""
    stores = {"s1": "Чайная", "s2": "Киоск"}
    return [f"{stores[row.store_evotor_id]}: {row.evotor_id}" for row in page.records]


def replaced(query: ListQuery, **place: Any) -> ListQuery:
    from dataclasses import replace

    return replace(query, **place)


def test_pages_forwards_backwards_and_the_file_are_the_same_list(
    app: Flask, stock: Stock, alice: Owner, stretch: int
):
    found = 0
    # Thirty-one has no factor in common with the numbers of choices: over the stretches all of them come up.
    share = itertools.islice(every_combination(), 10 * STRETCHES.index(stretch), None, 1 if IS_LONG else 31)
    with app.app_context():
        for args in share:
            in_file = file_ids(alice, args)
            forwards, backwards, totals = walk_ids(alice, args)
            assert forwards == in_file, args
            assert backwards == in_file, args
            if not (args.keys() <= {"sort", "dir", "group_id", "type"}):
                assert totals == {min(len(in_file), keyset.COUNTED)}, args
            found += bool(in_file)
    assert found > 3


@pytest.mark.parametrize(
    ("stretch", "search", "sort"),
    [
        (stretch, search, sort)
        for number, (stretch, search, sort) in enumerate(
            itertools.product(STRETCHES, ("", "чай"), PRODUCT_SORTS)
        )
        if IS_LONG or number % 5 == 0
    ],
    indirect=["stretch"],
)
@pytest.mark.usefixtures("stretch")
def test_goods_that_come_and_go_meanwhile_neither_repeat_nor_push_others_out(
    app: Flask, stock: Stock, alice: Owner, sort: str, search: str
):
    args = {"sort": sort, "per_page": "25"} | ({"q": search} if search else {})
    query = ListQuery.parse(args, "catalog.products", sorts=PRODUCT_SORTS)
    shelf = Shelf(alice.id, "s1", None, GOODS)
    chance = random.Random(3)
    with app.app_context():
        at_first = [name.partition(": ")[2] for name in file_ids(alice, args)]
        removed: set[str] = set()
        page = fetch_products(shelf, query)
        seen = [row.evotor_id for row in page.records]
        while page.next is not None:
            gone = chance.choice(at_first)
            removed.add(gone)
            with db.engine.begin() as connection:
                connection.execute(delete(CachedProduct).filter_by(user_id=alice.id, evotor_id=gone))
                connection.execute(insert(CachedProduct).values(_newcomer(alice.id, len(removed))))
            page = fetch_products(shelf, replaced(query, after=page.next.encode()))
            seen += [row.evotor_id for row in page.records]
            db.session.rollback()
        stayed = [id for id in at_first if id not in removed]
        assert len(seen) == len(set(seen))
        assert [id for id in seen if id in set(stayed)] == stayed


def _newcomer(user_id: int, number: int) -> dict[str, object]:
    from app.data.types import now

    return {
        "user_id": user_id,
        "store_evotor_id": "s1",
        "evotor_id": f"new-{number}",
        "name": f"Чай новый {number}",
        "sort_name": f"чай новый {number}",
        "price": Decimal(number),
        "fetched_at": now(),
    }
