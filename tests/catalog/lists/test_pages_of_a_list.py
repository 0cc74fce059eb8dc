"""Long lists come in pages that together hold every row once, in whatever order."""

import random
from decimal import Decimal

import pytest

from app.web.cursor import Cursor
from tests.catalog.pages import ids_at, row_ids, walk
from tests.databases import on_both
from tests.owners import Owner
from tests.stock import Stock, group, product

COUNT = 90
LIST = "/catalog/products?store_id=s1&per_page=25"
ORDERS = [
    (sort, turn) for sort in ("name", "price", "quantity", "article_number") for turn in ("asc", "desc")
]


@pytest.fixture
def stock(stock: Stock) -> Stock:
    """Goods with few different values and many absent ones, so that most of them tie."""
    chance = random.Random(7)
    goods = [
        product(
            f"p{number:03}",
            chance.choice(["Чай", "чай", "Кофе", "Ёлка", "Мёд", "мед"]),
            chance.choice([None, "tea"]),
            price=chance.choice(
                [None, Decimal(0), Decimal("9.90"), Decimal("0.10"), Decimal("9999999999.99")]
            ),
            quantity=chance.choice(
                [None, Decimal("-0.125"), Decimal(0), Decimal("0.333"), Decimal("-999999999")]
            ),
            article_number=chance.choice([None, "Я", "я", "007", "1"]),
        )
        for number in range(COUNT)
    ]
    stock.put(groups=[group("tea")], products=goods)
    return stock


@pytest.mark.parametrize(("sort", "turn"), ORDERS)
def test_pages_hold_every_row_once_forwards_and_backwards(stock: Stock, alice: Owner, sort: str, turn: str):
    address = f"{LIST}&sort={sort}&dir={turn}"
    whole = ids_at(alice, address.replace("per_page=25", "per_page=200"))
    forwards = list(walk(alice, address))
    assert [id for page in forwards for id in row_ids(page)] == whole
    assert len(set(whole)) == COUNT

    (back,) = forwards[-1].select("//a[@rel = 'prev']/@href")
    backwards = [forwards[-1], *walk(alice, str(back), "prev")]
    assert [row_ids(page) for page in backwards[::-1]] == [row_ids(page) for page in forwards]


def test_pages_say_where_in_the_list_they_are(stock: Stock, alice: Owner):
    places = [page.texts("//nav[contains(@class, 'pager')]/span")[0] for page in walk(alice, LIST)]
    assert places == [f"Показано {n + 1}–{min(n + 25, COUNT)} из {COUNT}" for n in range(0, COUNT, 25)]
    last = list(walk(alice, LIST))[-1]
    (back,) = last.select("//a[@rel = 'prev']/@href")
    returned = [page.texts("//nav[contains(@class, 'pager')]/span")[0] for page in walk(alice, back, "prev")]
    assert returned == places[-2::-1]


def test_the_ends_of_a_list_have_no_link_further(stock: Stock, alice: Owner):
    pages = list(walk(alice, LIST))
    assert not pages[0].select("//a[@rel = 'prev']") and not pages[-1].select("//a[@rel = 'next']")
    for page in pages:
        assert page.texts("//*[. = 'Назад' or . = 'Вперёд'][@rel or @aria-disabled]") == ["Назад", "Вперёд"]


@on_both
def test_pages_of_a_narrowed_list_stay_narrowed(stock: Stock, alice: Owner):
    stock.rule("group", "tea", "exclude")
    narrowed = f"{LIST}&result=hidden&sort=price"
    inside = set(ids_at(alice, "/catalog/products?store_id=s1&group_id=tea&per_page=200"))
    found = [id for page in walk(alice, narrowed) for id in row_ids(page)]
    assert len(found) > 25 and sorted(found) == sorted(inside)


def test_a_rule_made_between_two_pages_moves_nothing(stock: Stock, alice: Owner):
    whole = ids_at(alice, LIST.replace("25", "200"))
    first = alice.client.get(LIST).page
    (forward,) = first.select("//a[@rel = 'next']/@href")
    stock.rule("product", whole[24], "exclude")
    assert ids_at(alice, forward) == whole[25:50]


def test_the_owner_chooses_how_many_rows_a_page_holds(stock: Stock, alice: Owner):
    everything = "/catalog/products?store_id=s1"
    for address, count in (
        (everything, 50),
        (f"{everything}&per_page=25", 25),
        (f"{everything}&per_page=50", 50),
        (f"{everything}&per_page=100", COUNT),
    ):
        assert len(ids_at(alice, address)) == count


@on_both
def test_a_made_up_cursor_is_refused_with_a_sentence(stock: Stock, alice: Owner, subtests: pytest.Subtests):
    made_up = [
        *("garbage", "!", "ю", "bnVsbA", "W10", "e30", "WyJhIiwxXQ"),
        Cursor("a\0", 1, 1).encode(),
        Cursor("a", -1, 1).encode(),
        Cursor("a", 2**63, 1).encode(),
        Cursor("a", 1, -1).encode(),
        Cursor("x" * 2000, 1, 1).encode(),
        # Half a surrogate pair, true for a number, a fraction for a number.
        *("WyJcdWQ4MDAiLDEsMV0", "WyJhIix0cnVlLDFd", "WyJhIiwxLjUsMV0"),
    ]
    for cursor in made_up:
        for name in ("after", "before"):
            with subtests.test(name, cursor=cursor):
                answer = alice.client.get("/catalog/products", query_string={"store_id": "s1", name: cursor})
                assert answer.status_code == 400
                assert "Откройте список с начала" in answer.page.text


def test_a_cursor_of_another_order_is_refused(stock: Stock, alice: Owner, subtests: pytest.Subtests):
    for value in ("x", "", "nan", "inf", "-Infinity", "1e999", "1e-999999", "10000000001"):
        with subtests.test(value):
            answer = alice.client.get(f"{LIST}&sort=price&after={Cursor(value, 1, 1).encode()}")
            assert answer.status_code == 400


@on_both
def test_any_well_formed_cursor_is_harmless(stock: Stock, alice: Owner):
    injection = Cursor("'; DROP TABLE users; --", 1, 1)
    for cursor in (Cursor("", 0, 0), Cursor("яяя", 2**31 - 1, 2**31 - 1), injection):
        for name in ("after", "before"):
            assert alice.client.get(f"{LIST}&{name}={cursor.encode()}").status_code == 200
            assert alice.client.get(f"/catalog?{name}={cursor.encode()}").status_code == 200
