"""The tree of groups beside a store's lists."""

import pytest
from flask import Flask
from sqlalchemy import select

from app.catalog.lists import tree
from app.data.db import db
from app.mirror.models import CachedGroup
from tests.catalog.pages import ids_at
from tests.checking_client import Page
from tests.owners import Owner
from tests.stock import Stock, group, product

pytestmark = pytest.mark.databases("sqlite", "postgresql")

TREE = "/catalog/tree?store_id=s1"


@pytest.fixture
def stock(stock: Stock) -> Stock:
    """Tea with two groups in it, one of which has another, pots, and goods in no group."""
    groups = [
        group("pots", "Чайники"),
        group("tea", "Чай"),
        group("green", "Зелёный", "tea"),
        group("black", "Чёрный", "tea"),
        group("smoked", "Копчёный", "black"),
        group("orphan", "Сирота", "not listed"),
    ]
    places = {"tea": 1, "green": 2, "smoked": 3, "pots": 4, None: 5}
    goods = [product(f"{at}{n}", group=at) for at, count in places.items() for n in range(count)]
    stock.put(groups=groups, products=goods)
    stock.rule("group", "green", "exclude")
    stock.rule("group", "pots", "exclude")
    return stock


def branches(page: Page) -> list[str]:
    """The branches with their goods, as they stand."""
    return [" ".join(text.split()) for text in page.texts("//li/a")]


def test_it_shows_the_root_and_the_branches_that_are_open_with_nested_counts(
    app: Flask, stock: Stock, alice: Owner, subtests: pytest.Subtests
):
    root = [
        "Все товары 9 из 15 публикуется",
        "Сирота 0 товаров",
        "Чай 4 из 6 публикуется",
        "Чайники 4, не публикуются",
        "Без группы 5, публикуются",
    ]
    inside = ["Зелёный 2, не публикуются", "Чёрный 3, публикуются"]
    with app.app_context():
        key = db.session.scalar(select(CachedGroup.id).filter_by(user_id=alice.id, evotor_id="tea"))
    opened = root[:3] + inside + root[3:]
    for address, expected in {
        TREE: root,
        f"{TREE}&open={key}": opened,
        f"{TREE}&group_id=tea&open=x&open=7777777": opened,
        f"{TREE}&group_id=smoked": [*opened[:5], "Копчёный 3, публикуются", *opened[5:]],
    }.items():
        with subtests.test(address=address):
            assert branches(alice.client.htmx_get(address).page) == expected
    page = alice.client.htmx_get(f"{TREE}&group_id=smoked").page
    assert page.select("//a[@aria-current]/@href") == ["/catalog/products?store_id=s1&group_id=smoked"]
    # A branch that is closed has a handle where there is something in it.
    assert alice.client.htmx_get(TREE).page.select("//details/summary/@aria-label") == ["Подгруппы: Чай"]
    (ungrouped,) = page.select("//a[starts-with(normalize-space(), 'Без группы')]/@href")
    assert ids_at(alice, str(ungrouped)) == [f"None{n}" for n in range(5)]


def test_a_long_branch_is_cut_where_no_page_of_it_would_be_read_and_costs_no_more_statements(
    stock: Stock, alice: Owner, count_statements, monkeypatch: pytest.MonkeyPatch
):
    counts = []
    monkeypatch.setattr(tree, "BRANCH", 10)
    for many in (5, 60):
        groups = [group(f"g{n:02}", parent="g59" if n < 3 else None) for n in range(many)]
        stock.put(groups=groups, products=[product("p", group="g00")])
        with count_statements() as statements:
            page = alice.client.htmx_get(f"{TREE}&group_id=g00").page
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 8
    # The way to the group that is looked at is there all the same.
    names = [text.split()[1] for text in branches(page) if text.startswith("Группа")]
    assert names == [*(f"g{n:02}" for n in range(3, 13)), "g59", "g00", "g01", "g02"]
    assert page.select("//p/a/@href") == ["/catalog/groups?store_id=s1"]


def test_a_group_deep_within_others_is_led_to_only_so_far(stock: Stock, alice: Owner):
    # Deeper than Python or a template can go into itself.
    stock.put(groups=[group(f"g{n}", parent=f"g{n - 1}" if n else None) for n in range(1200)])
    page = alice.client.htmx_get(f"{TREE}&group_id=g1199").page
    names = [text.split()[1] for text in branches(page) if text.startswith("Группа")]
    assert names == [f"g{n}" for n in range(tree.DEEPEST + 1)]
    assert page.select("//p/a/@href") == ["/catalog/groups?store_id=s1"]
    # Nor does any page name all the groups above each of its rows.
    rows = alice.client.get("/catalog/groups?store_id=s1&per_page=200&q=g1")
    assert rows.status_code == 200 and len(rows.text) < 2000 * 200
    assert len(alice.client.get("/catalog/products?store_id=s1&group_id=g1199").text) < 20_000


def test_the_lists_of_a_store_are_two_tabs(stock: Stock, alice: Owner):
    for address, current in (
        ("/catalog/groups?store_id=s1", "Группы"),
        ("/catalog/products?store_id=s1", "Товары"),
        ("/catalog/products?store_id=s1&group_id=tea", "Товары"),
    ):
        tabs = "//nav[contains(@class, 'tabs')]/a"
        page = alice.client.get(address).page
        assert page.texts(tabs) == ["Группы", "Товары"]
        assert page.texts(f"{tabs}[@aria-current]") == [current]


def test_a_store_or_a_group_that_some_of_its_goods_contradict_says_of_how_many(stock: Stock, alice: Owner):
    reason = "//tr[@data-entity]/td[@class='result']"
    stock.rule("store", "s1", "exclude")
    stock.rule("group", "tea", "include")
    stock.rule("product", "smoked0", "exclude")
    (store,) = alice.client.get("/catalog").page.texts(reason)
    assert store.split() == [
        "3",
        "из",
        "15",
        "Не",
        "публикуется:",
        "правило",
        "магазина,",
        "кроме",
        "3",
        "товаров",
        "·",
        "не",
        "готовы",
        "3",
    ]
    said = alice.client.get("/catalog/groups?store_id=s1&q=чай").page.texts(reason)
    assert [text.split()[3:] for text in said] == [
        ["Публикуется:", "правило", "группы,", "кроме", "3", "товаров", "·", "не", "готовы", "3"],
        ["Не", "публикуется:", "правило", "группы"],
    ]
