"""A good whose answer was lost is not added again while VK may yet show it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from bench.time_travel import let_pass
from sandbox.vk.world import VkWorld
from tests.databases import on_both, on_sqlite
from tests.publishing.conftest import Publishing, let_vk_show_within, runs
from tests.stock import Stock

pytestmark = pytest.mark.usefixtures("hasty")


@on_both
@pytest.mark.parametrize("is_done", [pytest.param(True, marks=on_sqlite), False], ids=["done", "not done"])
def test_it_is_looked_for_until_vk_shows_it_or_certainly_has_not_got_it(
    app: Flask, publishing: Publishing, tea: Stock, vk: VkWorld, tick: Callable[[], None], is_done: bool
) -> None:
    let_vk_show_within(app, 120)
    vk.habits.shows_added_after = 60
    publishing.publish(only=("s1", "p1"))
    # The first call of many reads the shop, the second adds goods.
    vk.faults.lose("execute", nth=2, how="cut" if is_done else "status_500", done=is_done)
    run = publishing.publish()
    assert (run.status, run.problem, run.left) == ("paused", "unknown_outcome", 2)
    told = publishing.owner.client.get(f"/sync/publish/{run.id}").page.text
    assert "Продолжим сами" in told and "не задвоятся" in told
    publishing.read()
    assert sorted(each.state for each in publishing.listings().values()) == ["live", "sending", "sending"]
    again = publishing.publish()
    assert (again.id, again.status) == (run.id, "paused") and vk.calls.by_method["market.add"] <= 3
    assert len(publishing.items) == (3 if is_done else 1)
    with app.app_context():
        let_pass(timedelta(seconds=121), vk)
    tick()
    run = publishing.run(run.id)
    assert (run.status, run.done) == ("done", 2)
    assert sorted(item.sku for item in publishing.market.living() if item.sku) == sorted(publishing.items)
    assert len(publishing.items) == 3
    publishing.read()
    assert {each.state for each in publishing.listings().values()} == {"live"}, "what was added just now"


def test_a_shop_that_does_not_show_all_that_it_counts_ends_no_run_as_done(
    app: Flask, publishing: Publishing, tea: Stock, vk: VkWorld, tick: Callable[[], None]
) -> None:
    publishing.publish(only=("s1", "p1"))
    vk.faults.lose("market.add", how="status_500", done=False)
    hidden = vk.faults.add("empty_page")
    run = publishing.publish()
    assert (run.status, run.problem, run.left) == ("paused", "unknown_outcome", 2)
    vk.faults.clear(hidden.id)
    with app.app_context():
        let_pass(timedelta(minutes=6), vk)
    tick()
    assert publishing.run(run.id).status == "done" and len(publishing.items) == 3


@on_both
@pytest.mark.parametrize(
    "code",
    [
        pytest.param(5, marks=on_sqlite),
        pytest.param(6, marks=on_sqlite),
        pytest.param(14, marks=on_sqlite),
        9,
    ],
)
def test_goods_that_vk_added_although_it_refused_the_request_are_ours_and_stand_once(
    publishing: Publishing, tea: Stock, vk: VkWorld, code: int
) -> None:
    vk.faults.refuse(code, "execute", nth=2, times=1, done=True)
    publishing.publish()
    tea.decide("product", "p1", "exclude")
    # First with what waited, then with what has come since.
    publishing.publish()
    publishing.publish()
    assert sorted(item.sku for item in publishing.market.living() if item.sku) == sorted(publishing.items)
    assert {sku: each.state for sku, each in publishing.listings().items()} == {
        sku: "live" if item.availability == 0 else "hidden" for sku, item in publishing.items.items()
    }
    assert [item.title for item in publishing.items.values() if item.availability] == ["Улун молочный"]


@on_both
def test_a_good_that_vk_showed_although_it_refused_to_is_hidden_once_it_is_excluded(
    publishing: Publishing, tea: Stock, vk: VkWorld
) -> None:
    publishing.publish()
    tea.decide("store", "s1", "exclude")
    publishing.publish()
    tea.decide("store", "s1", None)
    vk.faults.refuse(9, "execute", nth=2, times=1, done=True)
    publishing.publish()
    tea.decide("store", "s1", "exclude")
    publishing.publish()
    assert {item.availability for item in publishing.items.values()} == {2}


def test_a_good_that_vk_refused_within_the_request_is_certainly_not_there(
    publishing: Publishing, tea: Stock, vk: VkWorld
) -> None:
    vk.faults.refuse(9, "market.add", nth=2, times=1)
    publishing.publish()
    assert [each.state for each in publishing.listings().values()] == ["live", "live"]


@on_both
def test_what_vk_shows_long_after_it_should_have_stands_once_and_is_hidden_where_it_is_not_wanted(
    app: Flask, publishing: Publishing, tea: Stock, vk: VkWorld, tick: Callable[[], None]
) -> None:
    let_vk_show_within(app, 120)
    vk.habits.shows_added_after = 600
    vk.faults.lose("execute", nth=2)
    publishing.publish()
    tea.decide("product", "p1", "exclude")
    with app.app_context():
        let_pass(timedelta(seconds=121), vk)
    tick()
    assert len(publishing.market.with_sku("A-2")) == 2
    vk.habits.shows_added_after = 0
    publishing.choose(auto=True, hide_guard_percent=100)
    publishing.read()
    tick()
    run = runs(app)[-1]
    assert (run.origin, run.to_hide, run.status) == ("auto", 3, "done")
    shown = [item.sku for item in publishing.market.living() if item.sku and not item.availability]
    assert sorted(shown) == sorted({*publishing.items} - {"A-1"})
    assert publishing.plan().counts["foreign"] == 3
    told = publishing.owner.client.get("/sync/listings").page.text
    assert told.count("Второй такой же") == 2


@on_both
def test_what_vk_had_only_missed_is_hidden_once_it_was_published_again(
    publishing: Publishing, tea: Stock
) -> None:
    publishing.publish()
    market = publishing.market
    missed = publishing.items["A-1"]
    place = market.order.index(missed.id)
    del market.items[missed.id], market.order[place]
    publishing.read()
    listing = publishing.listings()["A-1"]
    assert listing.state == "gone"
    publishing.owner.client.post(
        "/sync/questions/deleted", data={"listing_id": listing.id, "answer": "again"}
    )
    publishing.publish()
    market.items[missed.id] = missed
    market.order.insert(place, missed.id)
    publishing.read()
    publishing.publish()
    assert [item.hidden for item in market.with_sku("A-1")].count(False) == 1 and missed.hidden


@on_both
def test_what_was_lost_is_remembered_though_the_next_try_was_refused(
    app: Flask, publishing: Publishing, tea: Stock, vk: VkWorld, tick: Callable[[], None]
) -> None:
    let_vk_show_within(app, 120)
    vk.habits.shows_added_after = 600
    vk.faults.lose("execute", nth=2)
    publishing.publish()
    with app.app_context():
        let_pass(timedelta(seconds=121), vk)
    vk.faults.refuse(9, "market.add", times=3)
    tick()
    assert {(each.state, each.lost_at is None) for each in publishing.listings().values()} == {
        ("failed", False)
    }
