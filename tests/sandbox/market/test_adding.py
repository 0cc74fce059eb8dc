"""market.add: what VK takes, what it refuses and in which words."""

from typing import Any

import pytest

from tests.sandbox.market.conftest import Shop


def test_an_item_comes_back_as_it_was_sent(shop: Shop) -> None:
    photo = shop.photo()
    item_id = shop.add(main_photo_id=photo, sku="v1:42", url="https://tea.example/1", old_price="250")
    item = shop.item(item_id)
    assert (item["id"], item["owner_id"], item["title"]) == (item_id, shop.owner_id, "Чай чёрный")
    assert (item["sku"], item["url"], item["availability"]) == ("v1:42", "https://tea.example/1", 0)
    assert item["price"]["amount"] == "19990" and item["price"]["text"] == "199,90 ₽"
    assert (item["price"]["old_amount"], item["price"]["discount_rate"]) == ("25000", -20)
    assert [each["id"] for each in item["photos"]] == [photo]
    assert item["category"]["parent"]["name"] == "Чай, кофе, какао"


def test_the_same_call_twice_makes_two_items(shop: Shop) -> None:
    shop.add(sku="one")
    shop.add(sku="one")
    assert len(shop.market.with_sku("one")) == 2


@pytest.mark.parametrize(
    ("changes", "code", "words"),
    [
        ({"owner_id": ""}, 100, "owner_id not integer"),
        ({"owner_id": "2001"}, 100, "only groups supported"),
        ({"owner_id": "-999"}, 100, "owner_id is invalid"),
        ({"name": None}, 100, "name is undefined"),
        ({"name": "Чай"}, 100, "name should be at least 4 letters length"),
        ({"name": "Ч" * 101}, 100, "name should be less or equal to 100 letters length"),
        ({"name": '"' * 21}, 100, "name should be less or equal to 100 letters length"),
        ({"description": None}, 100, "description is undefined"),
        ({"description": "Коротко"}, 100, "description should be at least 10 letters length"),
        ({"description": "д" * 3301}, 100, "description should be less or equal to 3300 letters length"),
        ({"description": "Смотрите http://bad.example/"}, 1408, "Item has bad links in description"),
        ({"category_id": None}, 100, "category_id is undefined"),
        ({"category_id": "77"}, 100, "category_id is invalid"),
        ({"price": None}, 100, "price is undefined"),
        ({"price": "199,90"}, 100, "price is invalid"),
        ({"price": "-1"}, 100, "price is invalid"),
        ({"price": "1000000000000"}, 100, "price is invalid"),
        ({"deleted": "True"}, 100, "deleted should be 0 or 1"),
        ({"main_photo_id": None}, 100, "photo is undefined"),
        ({"main_photo_id": "5"}, 100, "photo not found or already assigned to another item"),
        ({"photo_ids": "1,2,3,4,5"}, 100, "photo_ids should contain no more than 4 elements"),
        ({"photo_ids": "one"}, 100, "photo_ids should be a list of positive integers"),
        ({"url": "h" * 321}, 100, "url should be less or equal to 320 letters length"),
        ({"sku": "s" * 51}, 100, "sku should be less or equal to 50 letters length"),
        ({"stock_amount": "-2"}, 100, "stock_amount should be greater or equal to -1"),
        ({"stock_amount": "1000000"}, 100, "stock_amount should be less or equal to 999999"),
        ({"weight": "100"}, 1429, "Specify width, length, height and weight all together"),
        ({"variant_ids": "1"}, 1416, "Variant not found"),
    ],
)
def test_a_wrong_field_is_refused_in_the_words_of_vk(
    shop: Shop, changes: dict[str, Any], code: int, words: str
) -> None:
    assert shop.refused("market.add", **{"owner_id": shop.owner_id, **shop.fields(**changes)}) == (
        code,
        words,
    )
    assert not shop.market.items


@pytest.mark.parametrize(
    ("name", "fits"),
    [
        ("Ч" * 100, True),
        ('"' * 20, True),
        ("&" * 19 + "Ч" * 5, True),
        ("<" * 25, True),
        ("\\" * 16 + "Чаёк", True),
        ("$" * 17, False),
        ("Чай " + "🍵" * 10, True),
        ("Чай " + "🍵" * 11, False),
    ],
)
def test_a_name_is_weighed_as_it_looks_in_cp1251_once_escaped(shop: Shop, name: str, fits: bool) -> None:
    answer = shop.call("market.add", owner_id=shop.owner_id, **shop.fields(name=name))
    assert ("response" in answer) == fits


def test_hidden_items_and_empty_stock_are_unavailable(shop: Shop) -> None:
    shop.community.market_type = "advanced"
    hidden, sold_out = shop.add(deleted="1"), shop.add(stock_amount="0")
    assert [shop.item(each)["availability"] for each in (hidden, sold_out)] == [2, 2]
    assert shop.ids() == []


def test_a_basic_shop_counts_no_stock(shop: Shop) -> None:
    item = shop.item(shop.add(stock_amount="0"))
    assert item["availability"] == 0
    assert "stock_amount" not in item


def test_a_photo_belongs_to_one_item(shop: Shop) -> None:
    photo, other = shop.photo(), shop.photo()
    shop.add(main_photo_id=photo)
    taken = (100, "photo not found or already assigned to another item")
    assert shop.refused("market.add", **shop.fields(main_photo_id=photo)) == taken
    assert shop.refused("market.add", **shop.fields(main_photo_id=other, photo_ids=photo)) == taken


def test_a_photo_of_another_community_is_not_found(shop: Shop) -> None:
    other = shop.vk.add_community("Кофейня", shop.person)
    photo = shop.vk.market(other.id).add_photo(400, 400, "")
    assert shop.refused("market.add", **shop.fields(main_photo_id=photo.id))[0] == 100


def test_an_unused_photo_may_expire(shop: Shop) -> None:
    photo = shop.photo()
    shop.vk.limits.unused_photo_seconds = 60
    shop.vk.ahead = 61
    assert shop.refused("market.add", **shop.fields(main_photo_id=photo))[0] == 100


def test_a_community_holds_so_many_items(shop: Shop) -> None:
    shop.vk.limits.items = 2
    first = shop.add()
    shop.add()
    assert shop.refused("market.add", **shop.fields()) == (1405, "Too many items")
    shop.do("market.delete", item_id=first)
    shop.add()


@pytest.mark.parametrize("code", [1405, 9, 29])
def test_a_day_holds_so_many_new_items_and_the_code_is_chosen(shop: Shop, code: int) -> None:
    shop.vk.limits.new_items_a_day, shop.vk.limits.new_items_code = 2, code
    shop.add()
    shop.add()
    assert shop.refused("market.add", **shop.fields())[0] == code
    shop.vk.ahead = 86_401
    shop.add()


def test_dimensions_come_back_together(shop: Shop) -> None:
    size = {"dimension_width": 10, "dimension_height": 20, "dimension_length": 30, "weight": 40}
    item = shop.item(shop.add(**size))
    assert item["dimensions"] == {"width": 10, "height": 20, "length": 30} and item["weight"] == 40


def test_a_habit_lets_items_without_a_photo_through(shop: Shop) -> None:
    shop.vk.habits.needs_photo = False
    assert shop.item(shop.add(main_photo_id=None))["photos"] == []
