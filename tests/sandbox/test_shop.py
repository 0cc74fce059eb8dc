"""The demo shop is believable, always the same, and holds every quirk of real catalogues."""

from typing import Any

import pytest

from sandbox.shop import DEMO_TOKEN, stock_demo
from sandbox.world import Merchant, World


@pytest.fixture(scope="module")
def demo() -> Merchant:
    merchant = World(stock_demo).merchant_of(DEMO_TOKEN)
    assert merchant
    return merchant


@pytest.fixture(scope="module")
def goods(demo: Merchant) -> list[dict[str, Any]]:
    return next(iter(demo.stores.values())).products.find("", 10_000)


def test_it_has_three_stores_and_some_hundred_goods(demo: Merchant) -> None:
    assert [item["name"] for item in demo.store_list.find("", 10)] == ["Чайная", "Склад", "Точка 2"]
    assert [len(store.products) for store in demo.stores.values()] == [344, 238, 30]


def test_it_is_the_same_in_every_run(demo: Merchant, goods: list[dict[str, Any]]) -> None:
    again = World(stock_demo).merchants()[0]
    assert next(iter(again.stores.values())).products.find("", 10_000) == goods


def test_the_same_id_lives_in_two_stores(demo: Merchant) -> None:
    main, warehouse, _ = (
        {item["id"] for item in store.products.find("", 10_000)} for store in demo.stores.values()
    )
    assert main & warehouse


def test_groups_are_nested_orphaned_and_looped(demo: Merchant) -> None:
    groups = {item["id"]: item for item in next(iter(demo.stores.values())).groups.find("", 1000)}
    parents = {key: item.get("parent_id") for key, item in groups.items()}
    assert any(parents.get(parents.get(parent) or "") for parent in parents.values() if parent)
    assert any(parent and parent not in groups for parent in parents.values())
    assert any(key == parent for key, parent in parents.items())
    assert any(parent and key != parent and parents.get(parent) == key for key, parent in parents.items())


def test_every_quirk_is_there(goods: list[dict[str, Any]]) -> None:
    names = [item["name"] for item in goods]
    for key in (
        "price",
        "quantity",
        "measure_name",
        "article_number",
        "barcodes",
        "parent_id",
        "allow_to_sell",
    ):
        assert any(key not in item for item in goods), key
        assert any(key in item and item[key] is None for item in goods), key
    for key in ("measure_name", "article_number", "parent_id", "description", "type"):
        assert any(item.get(key) == "" for item in goods), key
    quantities = [item["quantity"] for item in goods if item.get("quantity") is not None]
    assert min(quantities) < 0
    assert any(quantity % 1 for quantity in quantities)
    assert {type(item["price"]) for item in goods if item.get("price") is not None} == {int, float}
    assert any(len(name) == 128 for name in names)
    assert {"=", "+", "-", "@", "\t", " "} <= {name[0] for name in names}
    for text in ("\n", "🍵", "«", '"', ";", ",", "<b>"):
        assert any(text in name for name in names), text
    assert "000123" in {item.get("article_number") for item in goods}
    assert "WATER_MARKED_2026" in {item.get("type") for item in goods}
    assert any(item.get("type") == "SERVICE" and "quantity" not in item for item in goods)
    assert any("future_field" in item for item in goods)


def test_names_keep_to_the_length_the_cloud_allows(goods: list[dict[str, Any]]) -> None:
    assert all(1 <= len(item["name"]) <= 128 for item in goods)
    assert all(item["id"] for item in goods)
