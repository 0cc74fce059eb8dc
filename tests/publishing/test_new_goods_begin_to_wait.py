"""New goods that wait from now on: what buyers see already stays with them, all else waits."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.data.db import db
from app.mirror.models import CachedProduct, NewProduct
from app.publishing.planning.choosing import GroupChoice
from app.publishing.settings.save import save_group, save_settings
from app.rules.waiting import BY_RULES, WAIT
from tests.databases import on_both
from tests.publishing.conftest import GOODS, Publishing
from tests.publishing.pages.test_settings import all_of
from tests.stock import Stock, group, product

NEW = product("p4", "Чайник глиняный", "tea", price=900)


@pytest.fixture
def shop(publishing: Publishing, stock: Stock, tick: Callable[[], None]) -> Publishing:
    """Three goods in VK, two of them new to the till, and one more that has just come."""
    stock.put(groups=[group("tea")], products=[good._replace(parent_id="tea") for good in GOODS])
    publishing.publish()
    stock.put(groups=[group("tea")], products=[*(good._replace(parent_id="tea") for good in GOODS), NEW])
    let_be_new(stock, "p1", "p2")
    publishing.choose(auto=True)
    return publishing


def let_be_new(stock: Stock, *goods: str) -> None:
    with stock.owner.app.app_context():
        rows = db.session.scalars(select(CachedProduct).filter_by(user_id=stock.owner.id)).all()
        keys = {row.evotor_id: row.id for row in rows}
        db.session.add_all(NewProduct(user_id=stock.owner.id, product_id=keys[good]) for good in goods)
        db.session.commit()


def hidden(publishing: Publishing) -> list[str]:
    return sorted(sku for sku, item in publishing.items.items() if item.hidden)


@on_both
@pytest.mark.parametrize("where", ["all", "group"])
def test_what_is_public_stays_and_the_rest_waits(
    app: Flask, shop: Publishing, tick: Callable[[], None], where: str
) -> None:
    with app.app_context():
        if where == "all":
            assert save_settings(shop.owner.id, {"new_goods": WAIT}).kept == 2
        else:
            save_group(shop.owner.id, ("s1", "tea"), GroupChoice(new_goods=WAIT))
    tick()
    assert (hidden(shop), len(shop.items)) == ([], 3)
    assert not shop.plan().has_work


def test_the_page_says_how_many_stay(shop: Publishing) -> None:
    client = shop.owner.client
    shop.read()
    client.post("/sync/settings", data=all_of(shop) | {"new_goods": WAIT})
    assert "Уже во ВКонтакте и останется там: 2 новых товара." in client.get("/sync/settings").page.text
    client.post("/sync/settings", data=all_of(shop))
    assert "останется там:" not in client.get("/sync/settings").page.text


def test_what_waited_before_is_published_by_no_other_choice(
    app: Flask, shop: Publishing, stock: Stock, tick: Callable[[], None]
) -> None:
    with app.app_context():
        save_settings(shop.owner.id, {"new_goods": WAIT})
        save_group(shop.owner.id, ("s1", "tea"), GroupChoice(new_goods=WAIT))
        save_settings(shop.owner.id, {"new_goods": BY_RULES})
        save_settings(shop.owner.id, {"new_goods": WAIT})
    tick()
    assert len(shop.items) == 3 and shop.plan().counts["create"] == 0


@on_both
@pytest.mark.parametrize("moves", ["goods", "their group"])
def test_what_is_public_stays_when_the_till_moves_it_to_where_new_goods_wait(
    app: Flask, shop: Publishing, stock: Stock, moves: str
) -> None:
    with app.app_context():
        save_group(shop.owner.id, ("s1", "cups"), GroupChoice(new_goods=WAIT))
    # The owner has taken back the word by which the second one was published: it waits, as it did before.
    let_wait_again(app, shop, stock, "p2")
    place = "cups" if moves == "goods" else "tea"
    groups = [group("cups"), group("tea", parent=None if moves == "goods" else "cups")]
    goods = [good._replace(parent_id="cups" if good.id == "p2" else place) for good in (*GOODS, NEW)]
    stock.put(groups=groups, products=goods)
    plan = shop.plan()
    assert [item.name for item in plan.items["hide"]] == ["Пуэр шу, лист"] and plan.counts["create"] == 0


@on_both
def test_what_comes_back_where_new_goods_wait_is_asked_about_though_others_move(
    app: Flask, shop: Publishing, stock: Stock
) -> None:
    with app.app_context():
        save_group(shop.owner.id, ("s1", "cups"), GroupChoice(new_goods=WAIT))
    groups = [group("cups"), group("tea")]
    tea = [good._replace(parent_id="tea") for good in GOODS]
    stock.put(groups=groups, products=tea[1:])
    stock.put(groups=groups, products=[good._replace(parent_id="cups") for good in tea])
    assert [item.name for item in shop.plan().items["hide"]] == ["Улун молочный"]


def let_wait_again(app: Flask, publishing: Publishing, stock: Stock, good: str) -> None:
    """Let the till have a public good, and no run know yet, where new goods wait."""
    goods = [each._replace(parent_id="cups" if each.id == good else "tea") for each in (*GOODS, NEW)]
    stock.put(groups=[group("cups"), group("tea")], products=goods)
    with app.app_context():
        left = update(NewProduct).where(NewProduct.user_id == publishing.owner.id)
        db.session.execute(left.values(left_at=None))
        db.session.commit()
