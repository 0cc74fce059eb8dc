"""market.edit, delete and restore: what is sent changes, the rest stays, and nothing is forgiven."""

from typing import Any

import pytest

from tests.sandbox.market.conftest import Shop

NOTHING = (100, "nothing to change")
TAKEN = (100, "photo not found or already assigned to another item")


def test_what_is_not_sent_stays(shop: Shop) -> None:
    item_id = shop.add(sku="a", old_price="300", url="https://tea.example")
    before = shop.item(item_id)
    assert shop.do("market.edit", item_id=item_id, price="150", deleted="0") == 1
    after = shop.item(item_id)
    assert after["price"]["amount"] == "15000"
    for name in ("title", "description", "sku", "url", "photos", "category"):
        assert after[name] == before[name]


def test_an_edit_that_changes_nothing_is_refused_unless_the_habit_is_off(shop: Shop) -> None:
    item_id = shop.add()
    assert shop.refused("market.edit", item_id=item_id, price="199.90", deleted="0") == NOTHING
    shop.vk.habits.refuses_unchanged_edit = False
    assert shop.do("market.edit", item_id=item_id, price="199.90", deleted="0") == 1


@pytest.mark.parametrize("habit", [True, False])
def test_an_edit_without_deleted_may_show_a_hidden_item(shop: Shop, habit: bool) -> None:
    shop.vk.habits.edit_without_deleted_unhides = habit
    item_id = shop.add(deleted="1")
    shop.do("market.edit", item_id=item_id, price="5")
    assert shop.item(item_id)["availability"] == (0 if habit else 2)


def test_empty_values_clear(shop: Shop) -> None:
    item_id = shop.add(sku="a", url="https://tea.example", old_price="300")
    shop.do("market.edit", item_id=item_id, sku="", url="", old_price="0", deleted="0")
    item = shop.item(item_id)
    assert not {"sku", "url"} & item.keys() and "old_amount" not in item["price"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"item_id": 77}, 1403), ({"name": "Ч"}, 100), ({"description": "Нет"}, 100), ({"price": ""}, 100)],
)
def test_a_wrong_edit_is_refused(shop: Shop, changes: dict[str, Any], code: int) -> None:
    item_id = shop.add()
    assert shop.refused("market.edit", **{"item_id": item_id, "deleted": "0", **changes})[0] == code


def test_photos_are_replaced_and_the_ones_taken_off_are_gone(shop: Shop) -> None:
    first, second, third = shop.photo(), shop.photo(), shop.photo()
    item_id = shop.add(main_photo_id=first, photo_ids=second)
    shop.do("market.edit", item_id=item_id, main_photo_id=third, photo_ids=second, deleted="0")
    assert [each["id"] for each in shop.item(item_id)["photos"]] == [third, second]
    assert shop.refused("market.edit", item_id=item_id, main_photo_id=first, deleted="0") == TAKEN


@pytest.mark.parametrize("habit", [True, False])
def test_extra_photos_survive_a_new_main_one_only_by_habit(shop: Shop, habit: bool) -> None:
    shop.vk.habits.edit_keeps_extra_photos = habit
    item_id = shop.add(photo_ids=shop.photo())
    shop.do("market.edit", item_id=item_id, main_photo_id=shop.photo(), deleted="0")
    assert len(shop.item(item_id)["photos"]) == (2 if habit else 1)


def test_a_deleted_item_is_gone_and_comes_back_for_a_while(shop: Shop) -> None:
    item_id = shop.add()
    assert shop.do("market.delete", item_id=item_id) == 1
    assert shop.refused("market.edit", item_id=item_id, price="5")[0] == 1403
    assert shop.refused("market.delete", item_id=item_id)[0] == 1403
    assert shop.ids(with_disabled="1") == []
    assert shop.do("market.getById", item_ids=f"{shop.owner_id}_{item_id}")["count"] == 0
    assert shop.do("market.restore", item_id=item_id) == 1
    assert shop.ids() == [item_id]
    assert shop.refused("market.restore", item_id=item_id)[0] == 1518
    assert shop.refused("market.restore", item_id=77)[0] == 1403
    shop.do("market.delete", item_id=item_id)
    shop.vk.ahead = shop.vk.limits.restore_seconds + 1
    assert shop.refused("market.restore", item_id=item_id)[0] == 1400


def test_a_deleted_item_keeps_its_photo_from_others(shop: Shop) -> None:
    photo = shop.photo()
    shop.do("market.delete", item_id=shop.add(main_photo_id=photo))
    assert shop.refused("market.add", **shop.fields(main_photo_id=photo)) == TAKEN


def test_items_are_moved_before_and_after_others(shop: Shop) -> None:
    first, second, third = shop.add(), shop.add(), shop.add()
    assert shop.ids() == [third, second, first]
    shop.do("market.reorderItems", item_id=first, before=third)
    assert shop.ids() == [first, third, second]
    shop.do("market.reorderItems", album_id=0, item_id=first, after=second)
    assert shop.ids() == [third, second, first]
    assert shop.refused("market.reorderItems", item_id=77, after=second)[0] == 1403
    assert shop.refused("market.reorderItems", item_id=first)[0] == 100
