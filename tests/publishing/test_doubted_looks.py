"""A look that shows little of what VK had is believed once another says the same: till then all is there."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select

from app.data.db import db
from app.publishing.ledger.models import ForeignListing
from app.publishing.run.auto import read_communities
from app.publishing.run.models import MarketReading
from bench.time_travel import let_pass
from sandbox.vk.world import VkWorld
from tests.databases import on_both
from tests.publishing.conftest import GOODS, Publishing, let_vk_show_within, runs
from tests.publishing.test_removing import delete
from tests.stock import Stock, product

pytestmark = pytest.mark.usefixtures("hasty")

BOXES = [product(f"b{n}", f"Шкатулка номер {n}", price=500 + n) for n in range(5)]
NEW = product("p4", "Чайник глиняный", price=900)


@contextmanager
def shop_out_of_sight(publishing: Publishing) -> Iterator[None]:
    """Let VK show nothing of what it has, neither in its list nor by number."""
    market = publishing.market
    items, order = dict(market.items), list(market.order)
    market.items.clear()
    market.order.clear()
    yield
    market.items.update(items)
    market.order.extend(order)


def titles(publishing: Publishing) -> list[str]:
    return sorted(item.title for item in publishing.market.living())


def foreign(app: Flask) -> int:
    with app.app_context():
        return len(db.session.scalars(select(ForeignListing.item_id)).all())


@contextmanager
def out_of_sight(publishing: Publishing, sku: str) -> Iterator[None]:
    """Let VK show all but one listing, neither in its list nor by number."""
    market, number = publishing.market, publishing.items[sku].id
    item, place = market.items.pop(number), market.order.index(number)
    market.order.remove(number)
    yield
    market.items[number] = item
    market.order.insert(place, number)


@pytest.fixture
def boxes(publishing: Publishing, tea: Stock) -> Publishing:
    """Goods in VK, and five that stand there by hand and wait to be paired with those of the till."""
    publishing.publish()
    for number in range(5):
        publishing.market.add_item(f"Шкатулка номер {number}", 50_000 + number)
    publishing.read()
    tea.put(products=[*GOODS, *BOXES])
    assert publishing.plan().counts["ask"] == 5
    tea.put(products=[*GOODS, *BOXES, NEW])
    return publishing


@on_both
def test_goods_that_wait_to_be_paired_are_added_by_no_single_look_at_an_empty_shop(
    app: Flask, boxes: Publishing, vk: VkWorld, tick: Callable[[], None]
) -> None:
    with shop_out_of_sight(boxes):
        run = boxes.publish()
    assert (run.status, run.problem, run.done) == ("paused", "unknown_outcome", 0)
    page = boxes.owner.client.get(f"/sync/publish/{run.id}").page.text
    assert "показал меньше половины" in page and "Продолжим сами" in page
    assert boxes.plan().counts["ask"] == 5 and "gone" not in {row.state for row in boxes.listings().values()}
    with app.app_context():
        let_pass(timedelta(minutes=11), vk)
    tick()
    assert boxes.run(run.id).status == "done"
    found = titles(boxes)
    assert len(found) == len(set(found)) == 12


@on_both
def test_a_reading_says_what_it_does_not_believe_and_another_is_made_by_itself(
    app: Flask, boxes: Publishing, vk: VkWorld, run_jobs: Callable[[], None]
) -> None:
    def look_by_itself() -> int:
        with app.app_context():
            read_communities()
        run_jobs()
        with app.app_context():
            return len(db.session.scalars(select(MarketReading.id).filter_by(status="done")).all())

    def page() -> str:
        return boxes.owner.client.get("/sync/listings").page.text

    with shop_out_of_sight(boxes):
        boxes.read()
        boxes.read()
    assert foreign(app) == 8
    assert "показал 0 из 11" in page()
    before = look_by_itself()
    with app.app_context():
        let_pass(timedelta(minutes=11), vk)
    assert look_by_itself() == before + 1 == look_by_itself()
    assert "показал 0 из 11" not in page() and foreign(app) == 8


@on_both
def test_a_shop_that_its_owner_has_emptied_is_believed_by_the_second_look(
    app: Flask, boxes: Publishing, vk: VkWorld, tick: Callable[[], None]
) -> None:
    boxes.choose(auto=True)
    for item in boxes.market.living():
        boxes.market.delete(item.id)
    run = boxes.publish()
    assert (run.status, foreign(app)) == ("paused", 8)
    with app.app_context():
        let_pass(timedelta(minutes=11), vk)
    calls = vk.calls.by_method["market.get"]
    tick()
    assert boxes.run(run.id).status == "done" and foreign(app) == 0
    assert titles(boxes) == sorted([*(box.name for box in BOXES), NEW.name])
    assert {row.state for sku, row in boxes.listings().items() if sku.startswith("A-")} == {"gone"}
    assert vk.calls.by_method["market.get"] - calls <= 25, "one look"


@on_both
@pytest.mark.parametrize("by_itself", [True, False], ids=["by itself", "by hand"])
def test_what_one_look_alone_has_not_shown_is_looked_for_again_and_hidden_if_it_is_excluded_by_then(
    app: Flask,
    publishing: Publishing,
    tea: Stock,
    vk: VkWorld,
    run_jobs: Callable[[], None],
    tick: Callable[[], None],
    by_itself: bool,
) -> None:
    publishing.publish()
    with out_of_sight(publishing, "A-1"):
        publishing.read()
    assert publishing.listings()["A-1"].state == "gone"
    tea.decide("product", "p1", "exclude")
    assert not publishing.plan().has_work

    def look_again() -> None:
        if by_itself:
            publishing.choose(auto=True)
            tick()
        else:
            with app.app_context():
                read_communities()
            run_jobs()

    look_again()
    assert publishing.listings()["A-1"].state == "gone", "VK may still be wrong"
    with app.app_context():
        let_pass(timedelta(minutes=11), vk)
    look_again()
    assert publishing.listings()["A-1"].state != "gone"
    if by_itself:
        tick()
    else:
        assert publishing.publish().to_hide == 1
    assert publishing.items["A-1"].hidden and publishing.listings()["A-1"].state == "hidden"


@on_both
def test_what_a_second_look_does_not_show_either_is_looked_for_no_more(
    app: Flask, publishing: Publishing, tea: Stock, vk: VkWorld, run_jobs: Callable[[], None]
) -> None:
    publishing.publish()
    publishing.market.delete(publishing.items["A-1"].id)
    publishing.read()
    with app.app_context():
        let_pass(timedelta(minutes=11), vk)
    looks = []
    for _ in range(3):
        with app.app_context():
            read_communities()
        run_jobs()
        with app.app_context():
            looks.append(len(db.session.scalars(select(MarketReading.id)).all()))
            let_pass(timedelta(minutes=11), vk)
    assert looks == [2, 2, 2] and publishing.listings()["A-1"].state == "gone"


def test_two_foreign_goods_deleted_by_hand_hold_nothing_up_for_good(
    app: Flask, publishing: Publishing, tea: Stock, vk: VkWorld, tick: Callable[[], None]
) -> None:
    for item in publishing.market.living():
        publishing.market.delete(item.id)
    publishing.choose(auto=True)
    made = [publishing.market.add_item(good.name, 35_000) for good in GOODS[:2]]
    publishing.read()
    for item in made:
        publishing.market.delete(item.id)
    run = publishing.publish()
    assert run.status == "paused" and not publishing.items
    with app.app_context():
        let_pass(timedelta(minutes=11), vk)
    tick()
    assert publishing.run(run.id).status == "done" and len(publishing.market.living()) == 3


def test_what_vk_says_is_deleted_is_in_no_doubt(boxes: Publishing, app: Flask, vk: VkWorld) -> None:
    vk.habits.shows_deleted_by_id = True
    for item in boxes.market.living():
        boxes.market.delete(item.id)
    boxes.read()
    assert foreign(app) == 0 and {row.state for row in boxes.listings().values()} == {"gone"}


def test_a_look_in_doubt_keeps_no_change_back(app: Flask, boxes: Publishing, tea: Stock) -> None:
    tea.decide("product", "p1", "exclude")
    with shop_out_of_sight(boxes):
        boxes.read()
    run = boxes.publish()
    assert run.status == "done" and boxes.items["A-1"].hidden and len(runs(app)) == 2


def test_an_answer_that_was_lost_long_ago_is_not_given_up_for_one_empty_look(
    app: Flask, publishing: Publishing, tea: Stock, vk: VkWorld, tick: Callable[[], None]
) -> None:
    publishing.read()
    with app.app_context():
        let_pass(timedelta(minutes=3), vk)
    let_vk_show_within(app, 120)
    vk.habits.shows_added_after = 60
    # The first call of many reads the shop, the second adds goods.
    vk.faults.lose("execute", nth=2, how="cut", done=True)
    run = publishing.publish()
    assert (run.status, {row.state for row in publishing.listings().values()}) == ("paused", {"sending"})
    with app.app_context():
        let_pass(timedelta(minutes=3), vk)
    with shop_out_of_sight(publishing):
        tick()
    assert publishing.run(run.id).status == "paused"
    with app.app_context():
        let_pass(timedelta(minutes=11), vk)
    tick()
    assert publishing.run(run.id).status == "done"
    assert len(titles(publishing)) == 6 and len(publishing.items) == 3


def test_no_album_is_made_a_second_time_by_one_look_that_shows_none(
    app: Flask, albums: Publishing, stock: Stock, vk: VkWorld
) -> None:
    stock.decide("group", "coffee", "exclude")
    albums.market.add_album("Кофе", items=[albums.market.living()[0].id])
    albums.publish()
    there = dict(albums.market.albums)
    stock.decide("group", "coffee", None)
    albums.market.albums.clear()
    run = albums.publish()
    albums.market.albums.update(there)
    albums.read()
    assert run.status == "done" and len(albums.market.albums) == len(there)
    assert albums.plan().counts["change"] == 0


@on_both
def test_what_is_taken_back_does_not_go_on_once_something_else_was_decided_and_keeps_that_from_nothing(
    app: Flask, publishing: Publishing, tea: Stock, tick: Callable[[], None]
) -> None:
    publishing.publish()
    deletion = delete(publishing, "A-1", "A-2")
    with shop_out_of_sight(publishing):
        publishing.owner.client.post(f"/sync/publish/{deletion}/undo")
        publishing.run_jobs()
    undo = runs(app)[-1]
    assert (undo.status, undo.problem) == ("paused", "unknown_outcome")
    tick()
    assert runs(app)[-1].status == "paused", "it waits for the second look"
    publishing.choose(auto=True)
    (left,) = publishing.items.values()
    tea.put(products=[*GOODS[:2], GOODS[2]._replace(price=Decimal(105))])
    tea.decide("product", "p3", "include")
    overview = publishing.owner.client.get("/sync").page.text
    assert "возврат: товары или правила с тех пор изменились" in overview and "продолжится" not in overview
    tick()
    assert left.price == 10_500 and len(publishing.items) == 1
    undo, last = publishing.run(undo.id), runs(app)[-1]
    assert (undo.status, last.status, last.to_change) == ("cancelled", "done", 1)
    told = publishing.owner.client.get(f"/sync/publish/{undo.id}").page.text
    assert "Товары или правила с тех пор изменились, поэтому остальное не вернулось" in told
    tick()
    assert runs(app)[-1].id == last.id
