"""Prices and stock on their whole way, from a change in the till to what VK shows."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from app.connections.models import VK
from app.connections.state import connection_of
from app.connections.vk.account import check_vk
from app.data.db import db
from app.data.types import now
from app.mirror.models import FormerPrice
from sandbox.vk.people import Community
from sandbox.vk.world import VkWorld
from tests.databases import on_both
from tests.publishing.conftest import Publishing
from tests.stock import Stock, product

OOLONG: dict[str, Any] = {"article_number": "A-1", "measure_name": "шт", "quantity": 5}


def put(stock: Stock, price: float, **fields: Any) -> None:
    stock.put(products=[product("p1", "Улун молочный", price=price, **(OOLONG | fields))])


@on_both
def test_a_price_that_fell_shows_what_it_was_until_its_days_are_over_and_can_be_taken_back(
    app: Flask, publishing: Publishing, stock: Stock
) -> None:
    publishing.choose(old_price_days=7, markup_percent=Decimal(10))
    put(stock, 100)
    publishing.publish()
    put(stock, 80)
    run = publishing.publish()
    item = publishing.items["A-1"]
    assert (item.price, item.old_price) == (8_800, 11_000)
    publishing.read()
    assert not publishing.plan().has_work
    with app.app_context():
        db.session.execute(update(FormerPrice).values(changed_at=now() - timedelta(days=8)))
        db.session.commit()
    publishing.publish()
    assert (publishing.items["A-1"].price, publishing.items["A-1"].old_price) == (8_800, 0)
    put(stock, 60)
    run = publishing.publish()
    assert publishing.items["A-1"].old_price == 8_800
    publishing.owner.client.post(f"/sync/publish/{run.id}/undo")
    publishing.run_jobs()
    assert (publishing.items["A-1"].price, publishing.items["A-1"].old_price) == (8_800, 0)


def test_a_price_that_rose_shows_nothing_but_itself(publishing: Publishing, stock: Stock) -> None:
    publishing.choose(old_price_days=7)
    put(stock, 100)
    publishing.publish()
    put(stock, 80)
    publishing.publish()
    put(stock, 90)
    publishing.publish()
    assert (publishing.items["A-1"].price, publishing.items["A-1"].old_price) == (9_000, 0)


def test_a_price_that_vk_never_showed_is_not_crossed_out_there(publishing: Publishing, stock: Stock) -> None:
    publishing.choose(old_price_days=7)
    put(stock, 100)
    publishing.publish()
    put(stock, 1000)
    put(stock, 100)
    assert not publishing.plan().has_work, "it was a typo that the guard held"
    page = "/catalog/product?store_id=s1&product_id=p1"
    assert not publishing.owner.client.get(page).page.select("//del")
    put(stock, 140)
    put(stock, 90)
    publishing.publish()
    assert (publishing.items["A-1"].price, publishing.items["A-1"].old_price) == (9_000, 0)
    put(stock, 80)
    assert publishing.owner.client.get(page).page.texts("//del") == ["90,00 ₽"]


def test_a_new_good_has_cost_nothing_before(publishing: Publishing, stock: Stock) -> None:
    publishing.choose(old_price_days=7)
    publishing.read()
    put(stock, 1000)
    put(stock, 100)
    publishing.publish()
    assert (publishing.items["A-1"].price, publishing.items["A-1"].old_price) == (10_000, 0)
    assert not publishing.plan().has_work


@pytest.mark.parametrize(("unit", "price"), [("шт", 350), ("г", 3.5)])
def test_a_price_for_another_unit_is_no_former_price(
    publishing: Publishing, stock: Stock, unit: str, price: float
) -> None:
    publishing.choose(old_price_days=7, old_price_percent=0)
    put(stock, 400, measure_name="кг")
    publishing.publish()
    put(stock, 390, measure_name="кг")
    publishing.publish()
    assert publishing.items["A-1"].old_price == 40_000
    put(stock, price, measure_name=unit)
    publishing.publish()
    assert (publishing.items["A-1"].price, publishing.items["A-1"].old_price) == (price * 100, 0)
    put(stock, price - 1, measure_name=unit)
    publishing.publish()
    assert publishing.items["A-1"].old_price == price * 100, "of one unit again"


def test_prices_for_100_grams_and_for_a_unit_are_not_compared(publishing: Publishing, stock: Stock) -> None:
    publishing.choose(old_price_days=7, per_100g=True)
    put(stock, 3500, measure_name="кг")
    publishing.publish()
    for unit, price in (("шт", 350), ("г", 3.5)):
        put(stock, price, measure_name=unit)
        publishing.publish()
        assert (publishing.items["A-1"].price, publishing.items["A-1"].old_price) == (35_000, 0)


def test_an_old_price_that_somebody_set_in_vk_is_nobodys_business(
    publishing: Publishing, stock: Stock
) -> None:
    put(stock, 100)
    publishing.publish()
    publishing.market.change(publishing.items["A-1"].id, old_price=15_000)
    publishing.read()
    assert not publishing.plan().has_work
    put(stock, 90)
    publishing.publish()
    assert publishing.items["A-1"].old_price == 15_000


def test_what_sells_out_and_comes_again_is_the_same_listing(publishing: Publishing, stock: Stock) -> None:
    publishing.choose(reserve=Decimal(1), hide_guard_percent=100)
    put(stock, 100)
    publishing.publish()
    was = publishing.items["A-1"].id
    put(stock, 100, quantity=1)
    publishing.publish()
    assert publishing.items["A-1"].hidden
    put(stock, 120, quantity=2)
    publishing.publish()
    item = publishing.items["A-1"]
    assert (item.id, item.hidden, item.price) == (was, False, 12_000)
    assert len(publishing.items) == 1


def test_what_is_kept_to_order_stays_and_says_so_until_it_is_there(
    publishing: Publishing, stock: Stock
) -> None:
    publishing.choose(out_of_stock="order")
    put(stock, 100)
    publishing.publish()
    put(stock, 100, quantity=0)
    publishing.publish()
    item = publishing.items["A-1"]
    assert not item.hidden
    assert item.description.startswith("Под заказ")
    put(stock, 100, quantity=4)
    publishing.publish()
    assert "Под заказ" not in publishing.items["A-1"].description


@pytest.fixture
def look_at_vk(app: Flask, publishing: Publishing) -> Callable[[], None]:
    """The check of connections that the clock asks for."""

    def look() -> None:
        with app.app_context():
            connection = connection_of(publishing.owner.id, VK)
            assert connection is not None
            check_vk(connection)
            db.session.commit()

    return look


def test_an_extended_shop_is_told_how_many_there_are(
    publishing: Publishing,
    stock: Stock,
    teahouse: Community,
    vk: VkWorld,
    look_at_vk: Callable[[], None],
) -> None:
    put(stock, 100, quantity=7)
    publishing.publish()
    assert "stock_amount" not in publishing.listings()["A-1"].sent
    teahouse.market_type = "advanced"
    look_at_vk()
    publishing.publish()
    assert publishing.items["A-1"].stock_amount == 7
    publishing.choose(reserve=Decimal(2))
    publishing.publish()
    assert publishing.items["A-1"].stock_amount == 5
    before = vk.calls.writing
    publishing.read()
    publishing.publish()
    assert vk.calls.writing == before
    teahouse.market_type = "basic"
    look_at_vk()
    put(stock, 100, quantity=3)
    assert not publishing.plan().has_work


def test_less_than_an_extended_shop_can_count_is_hidden_until_there_is_enough(
    publishing: Publishing, stock: Stock, teahouse: Community, look_at_vk: Callable[[], None]
) -> None:
    publishing.choose(hide_guard_percent=100)
    teahouse.market_type = "advanced"
    look_at_vk()
    put(stock, 1000, measure_name="кг", quantity=5)
    publishing.publish()
    put(stock, 1000, measure_name="кг", quantity=0.4)
    assert publishing.publish().to_hide == 1
    # VK shows none of what there is none of: to send it again would be of no use.
    publishing.read()
    assert not publishing.plan().has_work
    (blocked,) = publishing.plan().items["blocked"]
    assert blocked.reason is not None and "целыми" in blocked.reason.sentence
    put(stock, 1000, measure_name="кг", quantity=1.5)
    publishing.publish()
    item = publishing.items["A-1"]
    assert (item.availability, item.stock_amount) == (0, 1)
    put(stock, 1000, measure_name="кг", quantity=0.4)
    publishing.choose(per_100g=True)
    publishing.publish()
    publishing.read()
    item = publishing.items["A-1"]
    assert (item.availability, item.stock_amount) == (0, 4)


def test_prices_are_written_without_a_word_on_the_goods_behind_each_listing(
    publishing: Publishing, tea: Stock, count_statements: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    publishing.publish()
    publishing.choose(markup_percent=Decimal(30))
    with count_statements() as statements:
        assert publishing.publish().done == 3
    written = [each for each in statements if each.startswith(("INSERT", "UPDATE", "DELETE"))]
    assert not any("listing_goods" in each for each in written)
