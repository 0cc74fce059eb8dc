"""market.get, getById, search and the categories."""

from typing import Any

import pytest

from sandbox.vk.filling import fill
from tests.sandbox.market.conftest import Shop


def test_pages_cover_everything_once(shop: Shop) -> None:
    fill(shop.vk, shop.community.id, 450)
    seen: list[int] = []
    while page := shop.do("market.get", count=200, offset=len(seen))["items"]:
        seen += [item["id"] for item in page]
    assert sorted(seen) == list(range(1, 451))
    assert shop.do("market.get", count=0)["count"] == 450


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("market.get", {"count": "201"}),
        ("market.get", {"count": "many"}),
        ("market.get", {"offset": "-1"}),
        ("market.get", {"extended": "True"}),
        ("market.get", {"date_from": "01.02.2025"}),
        ("market.get", {"owner_id": "2001"}),
        ("market.getById", {}),
        ("market.getById", {"item_ids": ",".join(f"-2001_{number}" for number in range(101))}),
        ("market.getById", {"item_ids": "2001_1"}),
        ("market.search", {"count": "201"}),
        ("market.search", {"sort": "4"}),
        ("market.search", {"status": "1"}),
        ("market.filterCategories", {"count": "1001"}),
        ("market.getCategories", {"group_id": "0"}),
    ],
)
def test_a_wrong_question_is_refused(shop: Shop, method: str, params: dict[str, str]) -> None:
    assert shop.refused(method, **params)[0] == 100


def test_hidden_items_are_seen_with_disabled_and_by_who_leads_the_shop(shop: Shop) -> None:
    shown, hidden = shop.add(), shop.add(deleted="1")
    assert shop.ids() == [shown]
    assert shop.ids(with_disabled="1") == [hidden, shown]
    del shop.community.roles[shop.person.id]
    assert shop.ids(with_disabled="1") == [shown]
    found = shop.do("market.getById", item_ids=f"{shop.owner_id}_{shown},{shop.owner_id}_{hidden}")
    assert [item["id"] for item in found["items"]] == [shown]
    assert "date" not in found["items"][0]


def test_ids_that_do_not_exist_are_absent(shop: Shop) -> None:
    item_id = shop.add()
    found = shop.do("market.getById", item_ids=f"{shop.owner_id}_{item_id},{shop.owner_id}_77,-999_1")
    assert found["count"] == 1 and [item["id"] for item in found["items"]] == [item_id]


def test_short_answers_have_neither_photos_nor_albums(shop: Shop) -> None:
    shop.add()
    short, extended = (shop.do("market.get", extended=each)["items"][0] for each in (0, 1))
    assert not {"photos", "albums_ids"} & short.keys()
    assert {"photos", "albums_ids", "can_edit", "likes", "views_count"} <= extended.keys()


def test_the_time_of_a_change_narrows_the_list(shop: Shop) -> None:
    shop.add()
    assert len(shop.ids(date_from="2020-01-01", date_to="2099-01-01")) == 1
    assert shop.ids(date_to="2020-01-01") == [] and shop.ids(date_from="2099-01-01") == []


def test_a_deleted_item_may_still_be_shown_by_its_id(shop: Shop) -> None:
    item_id = shop.add()
    shop.do("market.delete", item_id=item_id)
    shop.vk.habits.shows_deleted_by_id = True
    assert shop.item(item_id)["availability"] == 1


def test_a_refused_item_says_why(shop: Shop) -> None:
    item_id = shop.add()
    shop.market.reject(item_id, "Запрещённый товар")
    assert shop.item(item_id)["reject_info"]["description"] == "Запрещённый товар"
    assert shop.ids(with_disabled="1") == [item_id]
    shop.vk.habits.lists_rejected = False
    assert shop.ids(with_disabled="1") == []


@pytest.mark.parametrize(
    ("params", "found"),
    [
        ({"q": "кофе"}, ["Кофе в зёрнах"]),
        ({"q": "sku-tea"}, []),
        ({"price_from": "15000"}, ["Кофе в зёрнах"]),
        ({"price_to": "15000"}, ["Чай чёрный"]),
        ({"sort": "2", "rev": "0"}, ["Чай чёрный", "Кофе в зёрнах"]),
        ({"status": "2"}, ["Чай скрытый"]),
        ({"status": "0,2", "q": "чай"}, ["Чай скрытый", "Чай чёрный"]),
    ],
)
def test_search_looks_at_words_prices_and_availability(
    shop: Shop, params: dict[str, Any], found: list[str]
) -> None:
    shop.add(sku="sku-tea", price="100")
    shop.add(name="Кофе в зёрнах", price="200", description="Свежая обжарка, 250 г")
    shop.add(name="Чай скрытый", deleted="1", price="100")
    answer = shop.do("market.search", **params)
    assert [item["title"] for item in answer["items"]] == found and answer["count"] == len(found)


def test_the_tree_of_categories_comes_whole(shop: Shop) -> None:
    roots = shop.do("market.getCategories")["items"]
    food = roots[0]
    assert food["name"] == "Продукты питания" and food["view"]["type"] == "tab_root"
    assert [each["name"] for each in food["children"][0]["children"]][:2] == ["Чай", "Кофе"]


def test_categories_are_found_by_name_and_place(shop: Shop) -> None:
    found = shop.do("market.filterCategories", query="чай")["items"]
    assert {"Чай", "Чай, кофе, какао", "Чайники и заварники"} <= {each["name"] for each in found}
    below = shop.do("market.filterCategories", query="чай", category_id=40100)["items"]
    assert [each["name"] for each in below] == ["Чайники и заварники"]
    assert below[0]["view"]["root_path"] == [
        "Чайники и заварники",
        "Посуда и кухонные принадлежности",
        "Дом и дача",
    ]
    assert len(shop.do("market.filterCategories", count=3)["items"]) == 3


def test_texts_may_come_back_escaped(shop: Shop) -> None:
    item_id = shop.add(name="Чай «Горы & реки»", description='Сорт "первый", <крупный> лист')
    shop.vk.habits.escapes_texts = True
    item = shop.item(item_id)
    assert item["title"] == "Чай «Горы &amp; реки»"
    assert item["description"] == "Сорт &quot;первый&quot;, &lt;крупный&gt; лист"
