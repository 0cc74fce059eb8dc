"""Goods that VK does not take all in a day go over days by themselves, and a price never waits for them."""

import math
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.clients.evotor.client import Product
from app.data.db import db
from app.data.types import now
from app.publishing.run import batches, carry_out
from app.publishing.run.apply import Applier
from app.publishing.run.models import Publication
from app.publishing.run.ready import Ready
from app.publishing.settings.models import PublicationSettings
from bench.time_travel import let_pass
from sandbox.vk.world import VkWorld
from tests.databases import on_both
from tests.publishing.conftest import Publishing
from tests.stock import Stock, product

DAILY, GOODS, BATCH = 12, 30, 25
SOON = 0.05
LATER = timedelta(hours=25)


def shelf(count: int, **dearer: int) -> list[Product]:
    return [
        product(f"p{n}", f"Улун молочный {n}", price=dearer.get(f"p{n}", 300 + n), article_number=f"A-{n}")
        for n in range(count)
    ]


@pytest.fixture
def daily(app: Flask, vk: VkWorld) -> int:
    """A VK that takes so many new goods a day, as our settings know."""
    vk.limits.new_items_a_day = DAILY
    app.extensions["settings"] = replace(app.extensions["settings"], vk_daily_limit=DAILY)
    return DAILY


def last_run(app: Flask) -> Publication:
    with app.app_context():
        run = db.session.scalars(select(Publication).order_by(Publication.id.desc())).first()
        assert run is not None
        db.session.expunge(run)
        return run


def look_again(app: Flask) -> None:
    with app.app_context():
        db.session.execute(update(PublicationSettings).values(looked=None))
        db.session.commit()


def test_three_days_bring_everything_without_a_click_in_the_least_of_calls(
    app: Flask, publishing: Publishing, stock: Stock, vk: VkWorld, daily: int, tick: Callable[[], None]
) -> None:
    stock.put(products=shelf(GOODS))
    page = publishing.owner.client.get("/sync/plan").page.text
    assert "Ещё 18 новых товаров уйдут следующими днями" in page and "не больше 12 за сутки" in page
    assert "Продолжим сами завтра в" in page, "what goes today is not what it goes on with"
    publishing.read()
    vk.calls.clear()
    run = publishing.publish()
    by_day = [len(publishing.items)]
    assert (run.status, run.done, run.total) == ("paused", 12, 30)
    assert run.resume_at is not None and run.ends_at is not None
    assert timedelta(hours=23) < run.resume_at - now() < timedelta(hours=25)
    assert timedelta(hours=47) < run.ends_at - now() < timedelta(hours=49)
    shown = publishing.owner.client.get(f"/sync/publish/{run.id}").page.text
    assert "Отправлено 12, осталось 18" in shown and "закончим" in shown
    assert "осталось 18" in publishing.owner.client.get("/sync").page.text
    tick()
    assert len(publishing.items) == 12, "it is still the same day"
    for _ in range(2):
        with app.app_context():
            let_pass(LATER, vk)
        tick()
        by_day.append(len(publishing.items))
        assert (last_run(app).done, last_run(app).total) == (by_day[-1], 30), "what it did before counts"
    assert by_day == [12, 24, 30] and last_run(app).status == "done"
    # A call a picture, one for 25 goods, and one upload address a day.
    least = GOODS + sum(math.ceil(count / BATCH) for count in (12, 12, 6)) + 3
    assert vk.calls.total <= 1.1 * least
    assert vk.calls.by_method["market.add"] == GOODS


@on_both
def test_what_has_changed_since_the_owners_word_waits_for_the_next_one_where_nothing_goes_by_itself(
    app: Flask, publishing: Publishing, stock: Stock, vk: VkWorld, daily: int, tick: Callable[[], None]
) -> None:
    stock.put(products=shelf(DAILY + 2))
    run = publishing.publish()
    assert (run.status, run.left) == ("paused", 2)
    [waits, _] = {f"A-{n}" for n in range(DAILY + 2)} - publishing.items.keys()
    stock.put(products=shelf(DAILY + 3, **{f"p{n}": 999 for n in (0, 1, int(waits[2:]))}))
    before = {sku: item.price for sku, item in publishing.items.items()}
    with app.app_context():
        let_pass(LATER, vk)
    tick()
    run = publishing.run(run.id)
    assert (run.status, run.holds, run.left) == ("done", [], 0), "nobody is asked about what was not sent"
    assert len(publishing.items) == DAILY + 1 and waits not in publishing.items, "nobody has seen this price"
    assert before.items() <= {sku: item.price for sku, item in publishing.items.items()}.items()
    plan = publishing.plan()
    assert plan.counts["create"] == 2 and plan.counts["change"] + (waits in ("A-0", "A-1")) == 2
    assert publishing.publish().status == "done" and not publishing.plan().has_work


@on_both
def test_what_vk_refuses_earlier_than_expected_waits_for_its_day_too_and_a_price_goes_on(
    app: Flask, publishing: Publishing, stock: Stock, vk: VkWorld, tick: Callable[[], None]
) -> None:
    vk.limits.new_items_a_day = 3
    stock.put(products=shelf(5))
    run = publishing.publish()
    assert (run.status, run.problem, len(publishing.items)) == ("paused", "daily_limit", 3)
    assert (run.done, run.total, run.left) == (3, 5, 2), "what was refused is not counted twice"
    told = publishing.owner.client.get(f"/sync/publish/{run.id}").page.text
    assert "Отправлено 3, осталось 2" in told and "в ВК 3, ждут 2" in told
    plan = publishing.owner.client.get("/sync/plan").page.text
    assert "больше не примет новых товаров: 2 товара подождут. Продолжим сами завтра в" in plan
    assert "3, сегодня больше не примет" in plan and "из 7 000" not in plan
    publishing.choose(auto=True)
    sku = min(publishing.items)
    stock.put(products=shelf(5, **{f"p{sku[2:]}": 310}))
    look_again(app)
    pictures = vk.calls.uploads
    tick()
    assert publishing.items[sku].price == 31_000
    again = last_run(app)
    assert (again.id, again.status, again.resume_at) == (run.id, "paused", run.resume_at)
    assert vk.calls.uploads == pictures, "no new good was tried before its day"
    with app.app_context():
        let_pass(LATER, vk)
    tick()
    assert last_run(app).status == "done" and len(publishing.items) == 5
    assert (last_run(app).done, last_run(app).total) == (5, 5)


def test_what_no_run_waits_with_is_not_said_to_go_by_itself(
    app: Flask, publishing: Publishing, stock: Stock, daily: int
) -> None:
    stock.put(products=shelf(daily))
    assert publishing.publish().status == "done"
    stock.put(products=shelf(daily + 2))
    page = publishing.owner.client.get("/sync/plan").page.text
    assert "Следующие можно отправить завтра в" in page and "Продолжим сами" not in page
    publishing.choose(auto=True)
    assert "Продолжим сами завтра в" in publishing.owner.client.get("/sync/plan").page.text


def test_one_good_that_vk_takes_no_more_of_today_keeps_nothing_else_waiting(
    publishing: Publishing, stock: Stock, vk: VkWorld
) -> None:
    vk.limits.new_items_a_day = 3
    stock.put(products=shelf(3))
    publishing.publish()
    stock.put(products=shelf(4, p1=310))
    run = publishing.publish(only=("s1", "p3"))
    assert (run.status, run.problem, len(publishing.items)) == ("failed", "daily_limit", 3)
    page = publishing.owner.client.get(f"/sync/publish/{run.id}").page.text
    assert "больше не примет новых товаров. Этот товар уйдёт с остальными: он в плане" in page
    rest = publishing.publish()
    assert (rest.status, rest.left) == ("paused", 1) and publishing.items["A-1"].price == 31_000


def test_a_community_that_is_full_says_so_and_waits_for_no_day(
    app: Flask, publishing: Publishing, stock: Stock, vk: VkWorld
) -> None:
    vk.limits.items = 2
    app.extensions["settings"] = replace(app.extensions["settings"], vk_item_limit=2)
    stock.put(products=shelf(3))
    run = publishing.publish()
    assert (run.status, run.resume_at) == ("partial", None) and "нет места" in (run.error or "")


def test_a_price_that_changes_while_goods_are_being_added_goes_before_the_rest_of_them(
    app: Flask,
    publishing: Publishing,
    stock: Stock,
    vk: VkWorld,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    publishing.choose(auto=True)
    stock.put(products=shelf(3))
    publishing.publish()
    stock.put(products=shelf(GOODS))
    monkeypatch.setattr(batches, "BATCH", 5)
    add, changed = Applier.add, list[int]()

    def add_and_change(self: Applier, ready: list[Ready]) -> None:
        add(self, ready)
        if not changed:
            stock.put(products=shelf(GOODS, p1=311))
            changed.append(len(publishing.items))
            # It is time to look again, however quickly those were added.
            time.sleep(2 * SOON)

    monkeypatch.setattr(carry_out, "LOOK_AGAIN_SECONDS", SOON)
    monkeypatch.setattr(Applier, "add", add_and_change)
    publishing.publish()
    assert publishing.items["A-1"].price == 31_100 and len(publishing.items) == GOODS
    methods = [call.method for call in vk.calls.log if call.method in ("market.add", "market.edit")]
    assert methods.index("market.edit") == changed[0]
