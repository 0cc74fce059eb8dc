"""What is chosen for groups: a tree with inherited values, each naming the group that decided it."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from app.publishing.pages import groups_view
from app.publishing.planning.choosing import GroupChoice
from app.publishing.run.auto import look_for_changes
from app.publishing.settings import group_table
from app.publishing.settings.read import group_choices_of
from app.publishing.settings.save import save_group
from sandbox.vk.world import VkWorld
from tests.checking_client import CheckedResponse
from tests.owners import Owner
from tests.publishing.conftest import CATEGORY, Publishing
from tests.stock import Stock, group, product

CountStatements = Callable[[], AbstractContextManager[list[str]]]
on_both_databases = pytest.mark.databases("sqlite", "postgresql")

HTMX = {"HX-Request": "true"}
PAGE = "/sync/settings/groups"
GROUPS = [
    group("tea", "Чай"),
    group("green", "Зелёный", "tea"),
    group("sencha", "Сенча", "green"),
    group("cups", "Чашки и пиалы"),
]
GOODS = [
    product("p1", "Сенча фукамуси", "sencha", price=100, quantity=5, article_number="A-1"),
    product("p2", "Пиала белая", "cups", price=200, quantity=5, article_number="A-2"),
]


@pytest.fixture
def shop(publishing: Publishing, stock: Stock) -> Publishing:
    """Alice with VK's categories read, and a tree of groups."""
    stock.put(groups=GROUPS, products=GOODS)
    publishing.read()
    return publishing


def save(owner: Owner, group_id: str, headers: Any = None, **fields: str) -> CheckedResponse:
    return owner.client.post(
        PAGE, data={"store_id": "s1", "group_id": group_id, **fields}, headers=headers or {}
    )


def choices(owner: Owner) -> dict[str, GroupChoice]:
    with owner.app.app_context():
        return {key[1]: choice for key, choice in group_choices_of(owner.id).items()}


def cells(answer: CheckedResponse, group_id: str) -> list[str]:
    """The texts of a row, its head first."""
    (row,) = answer.page.select(f"//tr[@data-evotor-id='{group_id}']")
    return [" ".join(cell.text_content().split()) for cell in row]


def test_the_groups_stand_as_a_tree_and_name_who_decided(shop: Publishing) -> None:
    client = shop.owner.client
    saved = save(shop.owner, "tea", markup_percent="10", out_of_stock="order")
    assert saved.status_code == 303
    save(shop.owner, "sencha", markup_percent="0", album="1")
    answer = client.get(PAGE)
    rows = answer.page.select("//tr[@data-evotor-id]")
    assert [(row.get("data-evotor-id"), row.get("data-depth")) for row in rows] == [
        ("tea", "0"),
        ("green", "1"),
        ("sencha", "2"),
        ("cups", "0"),
    ]
    assert cells(answer, "tea")[2:4] == ["10 %", "оставлять «под заказ»"]
    assert cells(answer, "green")[2] == "10 % группа «Чай»"
    assert cells(answer, "sencha")[2:6] == [
        "0 %",
        "оставлять «под заказ» группа «Чай»",
        "нет",
        "да",
    ]
    assert cells(answer, "cups")[2] == "0 %"


def test_the_form_of_a_group_says_what_would_hold_without_it(shop: Publishing) -> None:
    save(shop.owner, "tea", markup_percent="10", per_100g="1")
    page = shop.owner.client.get(PAGE, query_string={"store_id": "s1", "group_id": "green"}).page
    assert page.select("//tr[@data-evotor-id='green']//option[1]/text()") == [
        "как выше: снимать с публикации (настройки)",
        "как выше: да (группа «Чай»)",
        "как выше: нет (настройки)",
        "как выше: по правилам (настройки)",
    ]
    assert page.select("//input[@name='markup_percent']/@placeholder") == ["как выше: 10 % (группа «Чай»)"]


def test_a_saved_row_comes_with_those_below_that_inherit_from_it(shop: Publishing) -> None:
    answer = save(shop.owner, "tea", HTMX, default="", markup_percent="12,5")
    assert cells(answer, "tea")[2] == "12,5 %"
    assert cells(answer, "sencha")[2] == "12,5 % группа «Чай»"
    assert not answer.page.select("//tr[@data-evotor-id='cups']")


@on_both_databases
def test_what_is_left_empty_is_left_to_the_groups_above(shop: Publishing) -> None:
    fields = {
        "category_id": str(CATEGORY),
        "markup_percent": "5",
        "out_of_stock": "keep",
        "album": "0",
        "per_100g": "1",
    }
    save(shop.owner, "tea", **fields)
    assert choices(shop.owner) == {
        "tea": GroupChoice(CATEGORY, Decimal(5), "keep", album=False, per_100g=True)
    }
    save(shop.owner, "tea", **dict.fromkeys(fields, ""))
    assert choices(shop.owner) == {}


WRONG = [
    ("category_id", "Летающие тарелки"),
    ("category_id", "99999999"),
    ("markup_percent", "много"),
    ("markup_percent", "-95"),
    ("out_of_stock", "sell"),
    ("album", "2"),
]


def test_a_category_that_vk_knows_no_more_stays_until_it_is_changed_or_cleared(shop: Publishing) -> None:
    with shop.owner.app.app_context():
        save_group(shop.owner.id, ("s1", "tea"), GroupChoice(category_id=1))
    form = shop.owner.client.get(f"{PAGE}?store_id=s1&group_id=tea").page
    assert "ВКонтакте больше не знает выбранную категорию" in form.text
    sent = {
        name: form.select(f"//tr[@data-evotor-id='tea']//input[@name='{name}']/@value")[0]
        for name in ("category_id", "seen")
    }
    # Something else is changed on the page that shows it.
    assert save(shop.owner, "tea", markup_percent="10", **sent).status_code == 303
    assert choices(shop.owner)["tea"] == GroupChoice(category_id=1, markup_percent=Decimal(10))
    assert save(shop.owner, "tea", category_id="такой нет").status_code == 422
    assert save(shop.owner, "tea", markup_percent="10", category_id="").status_code == 303
    assert choices(shop.owner)["tea"].category_id is None


def test_what_cannot_be_is_said_beside_its_field_and_nothing_is_lost(shop: Publishing) -> None:
    for name, value in WRONG:
        for headers in ({}, HTMX):
            answer = save(shop.owner, "tea", headers, **{"markup_percent": "7", name: value})
            assert answer.status_code == 422, (name, value)
            assert answer.page.select(f"//p[@class='field-error' and starts-with(@id, '{name}')]")
            if name != "markup_percent":
                assert answer.page.select("//input[@name='markup_percent']/@value") == ["7"]
    assert choices(shop.owner) == {}


def test_a_change_is_in_the_plan_at_once_and_goes_by_itself(
    app: Flask, shop: Publishing, run_jobs: Callable[[], None]
) -> None:
    shop.publish()
    shop.choose(auto=True)
    with app.app_context():
        look_for_changes()
    run_jobs()
    save(shop.owner, "tea", markup_percent="20")
    assert [item.changes[0].new for item in shop.plan().items["change"]] == ["120.00"]
    with app.app_context():
        look_for_changes()
    run_jobs()
    assert {sku: item.price for sku, item in shop.items.items()} == {"A-1": 12_000, "A-2": 20_000}


@on_both_databases
def test_vk_suggests_categories_and_no_page_waits_for_it(
    shop: Publishing, vk: VkWorld, run_jobs: Callable[[], None]
) -> None:
    client = shop.owner.client
    before = vk.calls.total
    page = client.get(PAGE).page
    assert vk.calls.total == before
    (poll,) = page.select("//p[@id='suggesting']/@hx-get")
    assert client.get(poll, headers=HTMX).page.select("//p[@id='suggesting']/@hx-get")
    run_jobs()
    assert vk.calls.total - before <= 3
    done = client.get(poll, headers=HTMX)
    assert not done.page.select("//*[@hx-trigger]")
    assert "Чашки и кружки" in done.text
    page = client.get(PAGE).page
    assert not page.select("//p[@id='suggesting']/@hx-get")
    links = page.select("//tr[@data-evotor-id='tea']//a[@title]/@href")
    form = client.get(links[0]).page
    assert form.select("//input[@name='category_id']/@value") == ["Продукты питания → Чай, кофе, какао → Чай"]


def test_a_search_finds_groups_with_the_way_to_them(shop: Publishing) -> None:
    answer = shop.owner.client.get(PAGE, query_string={"q": "сенча"})
    assert [row.get("data-evotor-id") for row in answer.page.select("//tr[@data-evotor-id]")] == ["sencha"]
    assert cells(answer, "sencha")[0] == "Сенча Чай › Зелёный"


@on_both_databases
def test_thousands_of_groups_are_paged_and_asked_for_at_once(
    shop: Publishing, stock: Stock, count_statements: CountStatements
) -> None:
    client = shop.owner.client
    with count_statements() as few:
        client.get(PAGE)
    many = [group(f"g{number:04}", f"Группа {number:04}", f"g{number // 8:04}" if number else None)
            for number in range(2000)]  # fmt: skip
    stock.put("s2", "Склад", groups=many)
    with count_statements() as found:
        answer = client.get(PAGE, query_string={"page": 3})
    assert len(found) <= len(few)
    assert len(answer.page.select("//tr[@data-evotor-id]")) == 100
    opened = client.get(PAGE, query_string={"store_id": "s2", "group_id": "g1999"}).page
    assert opened.select("//tr[@data-evotor-id='g1999']//form")
    assert client.get(PAGE, query_string={"in_store": "s1"}).page.texts("//nav[@class='pager']") == []


@pytest.fixture
def few_in_a_tree(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three groups are all that is read as a tree."""
    monkeypatch.setattr(group_table, "MOST", 3)
    monkeypatch.setattr(groups_view, "PAGE", 2)


def ids(answer: CheckedResponse) -> list[str]:
    return answer.page.select("//tr/@data-evotor-id")


@on_both_databases
def test_too_many_groups_for_a_tree_stand_by_name_each_with_the_way_to_it(
    shop: Publishing, stock: Stock, few_in_a_tree: None
) -> None:
    client = shop.owner.client
    stock.put("s2", "Склад", groups=[group("cups", "100% Чашки"), group("a", "Б", "b"), group("b", "А", "a")])
    save(shop.owner, "tea", markup_percent="10")
    pages = [client.get(PAGE, query_string={"page": page}) for page in (1, 2, 3, 4)]
    # The stores by name, and so the groups in each.
    assert [ids(page) for page in pages] == [["cups", "b"], ["a", "green"], ["sencha", "tea"], ["cups"]]
    assert "они стоят по названию" in pages[0].text
    assert cells(pages[2], "sencha")[:3:2] == ["Сенча Чай › Зелёный", "10 % группа «Чай»"]
    assert cells(pages[0], "b")[0] == "А Б", "a loop is cut where it closes"
    assert ids(client.get(PAGE, query_string={"q": "ЗЕЛЁный"})) == ["green"]
    assert ids(client.get(PAGE, query_string={"q": "0% ш"})) == ["cups"]
    opened = client.get(PAGE, query_string={"store_id": "s1", "group_id": "tea", "q": "сенча"}).page
    assert opened.select("//tr[@data-evotor-id='tea']//form") and "Страница 3 из 4" in opened.text
    answer = save(shop.owner, "tea", HTMX, markup_percent="20", page="3")
    assert cells(answer, "sencha")[2] == "20 % группа «Чай»"
    small = client.get(PAGE, query_string={"in_store": "s2"})
    assert small.page.select("//tr/@data-depth") == ["0", "0"] and ids(small) == ["cups", "b"]
    assert "по названию" not in small.text, "a store of few groups is a tree all the same"


@on_both_databases
def test_a_choice_far_above_reaches_the_last_of_a_chain(
    shop: Publishing, stock: Stock, few_in_a_tree: None
) -> None:
    chain = [group(f"g{number:02}", parent=f"g{number - 1:02}" if number else None) for number in range(60)]
    stock.put("s2", "Склад", groups=chain)
    shop.owner.client.post(PAGE, data={"store_id": "s2", "group_id": "g00", "markup_percent": "7"})
    last = shop.owner.client.get(PAGE, query_string={"in_store": "s2", "page": 30})
    assert ids(last) == ["g58", "g59"]
    assert cells(last, "g59")[2] == "7 % группа «Группа g00»"


def test_groups_of_others_are_not_found(shop: Publishing, bob: Owner) -> None:
    assert save(bob, "tea", markup_percent="50").status_code == 404
    for path in (PAGE, f"{PAGE}/row"):
        answer = bob.client.get(path, query_string={"store_id": "s1", "group_id": "tea"}, headers=HTMX)
        assert answer.status_code == 404
    assert choices(bob) == choices(shop.owner) == {}


def test_a_place_that_no_address_could_carry_is_not_gone_back_to(shop: Publishing) -> None:
    answer = save(shop.owner, "tea", markup_percent="50", in_store="я" * 10_000)
    assert answer.status_code == 303 and len(answer.location) < 300
    assert choices(shop.owner)["tea"].markup_percent == 50


def test_the_table_is_found_from_the_settings_and_from_a_group(shop: Publishing) -> None:
    client = shop.owner.client
    assert client.get("/sync/settings").page.select(f"//a[@href='{PAGE}']")
    links = client.get("/catalog/groups?store_id=s1").page.select(
        f"//tr//a[starts-with(@href, '{PAGE}')]/@href"
    )
    assert len(links) == len(GROUPS)
    assert client.get(links[0]).page.select("//tr[@data-evotor-id]//form")


def test_a_shop_without_groups_says_so(alice: Owner) -> None:
    assert "Групп пока нет" in alice.client.get(PAGE).text


def test_the_form_of_an_old_page_keeps_what_was_chosen_elsewhere(shop: Publishing) -> None:
    row = shop.owner.client.get(f"{PAGE}/row?store_id=s1&group_id=tea", headers=HTMX).page
    (seen,) = row.select("//input[@name='seen']/@value")
    save(shop.owner, "tea", markup_percent="10", album="1", seen=seen)
    # The old page leaves the album alone.
    refused = save(shop.owner, "tea", HTMX, markup_percent="5", album="", seen=seen)
    assert refused.status_code == 409 and "уже: 10." in refused.text
    assert refused.page.select("//select[@name='album']/option[@selected]/@value") == ["1"]
    (seen,) = refused.page.select("//input[@name='seen']/@value")
    assert save(shop.owner, "tea", HTMX, markup_percent="5", album="1", seen=seen).status_code == 200
    assert choices(shop.owner)["tea"] == GroupChoice(markup_percent=Decimal(5), album=True)
