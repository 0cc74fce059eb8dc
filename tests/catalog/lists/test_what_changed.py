"""After a refresh the owner sees what is new, gone and different, until the next one."""

from decimal import Decimal

import pytest

from app.clients.evotor.client import Group
from tests.catalog.lists.conftest import Changing
from tests.checking_client import CheckingClient
from tests.databases import on_both
from tests.owners import Owner
from tests.stock import product

KINDS = ("new", "gone", "price", "stock", "name", "group")


def names(client: CheckingClient, what: str) -> list[str]:
    """The names in one list of changes."""
    return client.get(f"/catalog/changes?what={what}").page.texts("//tbody/tr/th")


def test_the_first_refresh_is_no_news(changing: Changing) -> None:
    changing.refresh(s1=[product("a"), product("b")])
    client = changing.owner.client
    assert [names(client, what) for what in KINDS] == [[]] * 6
    assert "новый" not in client.get("/catalog/products?store_id=s1").text


def test_a_new_good_is_listed_and_marked(changing: Changing) -> None:
    changing.refresh(s1=[product("a", "Чай")])
    changing.refresh(s1=[product("a", "Чай"), product("b", "Кофе")])
    client = changing.owner.client
    assert names(client, "new") == ["Кофе"]
    rows = client.get("/catalog/products?store_id=s1").page.texts("//tbody/tr/th")
    assert rows == ["Кофе новый", "Чай"]


def test_the_mark_and_the_list_last_until_the_next_refresh(changing: Changing) -> None:
    goods = [product("a", "Чай"), product("b", "Кофе")]
    changing.refresh(s1=goods[:1])
    changing.refresh(s1=goods)
    changing.refresh(s1=goods)
    client = changing.owner.client
    assert names(client, "new") == []
    assert "новый" not in client.get("/catalog/products?store_id=s1").text


def test_a_gone_good_is_listed_though_the_cache_has_forgotten_it(changing: Changing) -> None:
    changing.refresh(s1=[product("a", "Чай"), product("b", "Кофе")])
    changing.refresh(s1=[product("b", "Кофе")])
    assert names(changing.owner.client, "gone") == ["Чай"]


def test_price_stock_name_and_group_are_told_apart(changing: Changing) -> None:
    groups = [Group("g1", "Чаи", None), Group("g2", "Напитки", None)]
    before = product("a", "Чай", "g1", price=Decimal("10.00"), quantity=Decimal("5.000"))
    after = product("a", "Чай листовой", "g2", price=Decimal("12.50"), quantity=Decimal("4.250"))
    changing.refresh(groups, s1=[before])
    changing.refresh(groups, s1=[after])
    client = changing.owner.client
    was_and_now = {
        what: client.get(f"/catalog/changes?what={what}").page.texts("//tbody/tr/td")[1:] for what in KINDS
    }
    assert was_and_now == {
        "new": [],
        "gone": [],
        "price": ["10,00 ₽", "12,50 ₽"],
        "stock": ["5", "4,25"],
        "name": ["Чай", "Чай листовой"],
        "group": ["Чаи", "Напитки"],
    }


def test_a_move_out_of_a_group_that_is_gone_still_names_it(changing: Changing) -> None:
    changing.refresh([Group("g1", "Чаи", None)], s1=[product("a", group="g1")])
    changing.refresh(s1=[product("a")])
    page = changing.owner.client.get("/catalog/changes?what=group").page
    assert page.texts("//tbody/tr/td")[1:] == ["Чаи", "—"]


def test_what_only_looks_changed_is_not_listed(changing: Changing) -> None:
    changing.refresh(s1=[product("a", description="старое")])
    changing.refresh(s1=[product("a", description="новое")])
    assert [names(changing.owner.client, what) for what in KINDS] == [[]] * 6


def test_goods_of_a_store_that_is_gone_are_gone(changing: Changing) -> None:
    changing.refresh(s1=[product("a", "Чай")], s2=[product("b", "Кофе")])
    changing.refresh(s1=[product("a", "Чай")], s2=None)
    assert names(changing.owner.client, "gone") == ["Кофе"]


def test_a_store_that_joins_later_is_no_news_either(changing: Changing) -> None:
    changing.refresh(s1=[product("a")])
    changing.refresh(s1=[product("a")], s2=[product("b")])
    assert names(changing.owner.client, "new") == []


@on_both
def test_pages_of_changes_hold_all_of_them_in_order(changing: Changing) -> None:
    goods = [product(f"p{number}", f"Товар {number:03}") for number in range(60)]
    changing.refresh(s1=[])
    changing.refresh(s1=goods)
    client, url, found = changing.owner.client, "/catalog/changes?what=new&per_page=25", []
    while url:
        page = client.get(url).page
        found += page.texts("//tbody/tr/th")
        url = next(iter(page.select("//a[@rel='next']/@href")), "")
    assert found == [good.name for good in goods]


def test_the_file_holds_the_whole_list(changing: Changing) -> None:
    changing.refresh(s1=[product("a", "Чай", price=Decimal(10)), product("b", "=Кофе", price=Decimal(20))])
    changing.refresh(s1=[product("a", "Чай", price=Decimal(11)), product("b", "=Кофе", price=Decimal(21))])
    client = changing.owner.client
    (url,) = client.get("/catalog/changes?what=price").page.select("//a[@id='export']/@href")
    lines = client.get(url).text.removeprefix("\ufeff").split("\r\n")
    assert lines == [
        "Магазин,Название,ID,Изменение,Было,Стало",
        "Магазин s1,'=Кофе,b,Цена,20.00,21.00",
        "Магазин s1,Чай,a,Цена,10.00,11.00",
        "",
    ]


def test_without_a_kind_the_first_that_has_anything_is_shown(changing: Changing) -> None:
    changing.refresh(s1=[product("a", "Чай", price=Decimal(1))])
    changing.refresh(s1=[product("a", "Чай", price=Decimal(2))])
    page = changing.owner.client.get("/catalog/changes").page
    assert page.texts("//a[@aria-current='true']") == ["Цена · 1"]
    assert page.texts("//tbody/tr/th") == ["Чай"]


@pytest.mark.parametrize("what", ["", "colour", "new'"])
def test_an_unknown_kind_is_refused_with_a_sentence(alice: Owner, what: str) -> None:
    assert alice.client.get(f"/catalog/changes?what={what}").status_code == 400
    assert alice.client.get(f"/catalog/export?type=changes&what={what}").status_code == 400


def test_another_owner_sees_nothing_of_it(changing: Changing, bob: Owner) -> None:
    changing.refresh(s1=[product("a", "Чай")])
    changing.refresh(s1=[product("b", "Кофе")])
    assert [names(bob.client, what) for what in KINDS] == [[]] * 6
    assert "Кофе" not in bob.client.get("/catalog/export?type=changes&what=new").text
