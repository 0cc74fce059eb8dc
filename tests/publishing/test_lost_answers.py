"""A good whose answer was lost is not added again while VK may yet show it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from bench.time_travel import let_pass
from sandbox.vk.world import VkWorld
from tests.databases import on_both, on_sqlite
from tests.publishing.conftest import Publishing, let_vk_show_within
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
