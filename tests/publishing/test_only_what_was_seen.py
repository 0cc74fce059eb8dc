"""A run does what its owner has seen: what comes meanwhile waits in the next plan, or is asked about."""

from collections.abc import Callable
from typing import Any

import pytest

from app.clients.evotor.client import Product
from app.publishing.planning.plan import KINDS
from app.publishing.run.models import HELD, PAUSED, Publication
from sandbox.vk.world import VkWorld
from tests.publishing.conftest import GOODS, Publishing
from tests.stock import Stock, product

pytestmark = pytest.mark.usefixtures("hasty")
ONE = ("s1", "p1")
UNSEEN = "Пока публикация шла, появились изменения, которых вы ещё не видели. Они ждут в плане"


def costs(price: int, **facts: Any) -> list[Product]:
    """The goods, the first of them at this price."""
    return [product("p1", "Улун молочный", price=price, article_number="A-1", **facts), *GOODS[1:]]


@pytest.fixture
def stopped(publishing: Publishing, tea: Stock, vk: VkWorld) -> int:
    """A run of one good, seen at 360 after 350, that VK's check has stopped; a typo came since."""
    publishing.publish()
    tea.put(products=costs(360))
    vk.faults.refuse(14, "market.edit", nth=1, times=1)
    run = publishing.publish(only=ONE)
    assert run.status == PAUSED
    tea.put(products=costs(3600))
    return run.id


def go_on(publishing: Publishing, vk: VkWorld, run_id: int) -> Publication:
    vk.pass_captcha()
    publishing.owner.client.post(f"/sync/publish/{run_id}/resume")
    publishing.run_jobs()
    return publishing.run(run_id)


def test_one_good_goes_on_with_nothing_that_nobody_has_seen(
    publishing: Publishing, stopped: int, tea: Stock, vk: VkWorld
) -> None:
    run = go_on(publishing, vk, stopped)
    assert (run.status, run.error, publishing.items["A-1"].price) == ("done", UNSEEN, 35_000)
    page = publishing.owner.client.get(f"/sync/publish/{run.id}").page.text
    assert UNSEEN in page and "уже было так, как решено" not in page
    assert [hold.code for hold in publishing.plan().holds] == ["prices"]
    assert publishing.publish(only=ONE).status == "done", "who looks at it now has said so"
    assert publishing.items["A-1"].price == 360_000


def test_one_new_good_is_not_added_at_a_price_that_nobody_has_seen(
    publishing: Publishing, tea: Stock, vk: VkWorld
) -> None:
    vk.faults.refuse(14, "market.add", nth=1, times=1)
    run = publishing.publish(only=ONE)
    assert run.status == PAUSED
    tea.put(products=costs(3500))
    run = go_on(publishing, vk, run.id)
    assert (run.status, run.error, publishing.items) == ("done", UNSEEN, {})
    assert publishing.publish(only=ONE).error is None and publishing.items["A-1"].price == 350_000


def test_a_price_of_one_good_that_jumps_is_asked_about_where_changes_go_by_themselves(
    publishing: Publishing, stopped: int, tick: Callable[[], None], vk: VkWorld
) -> None:
    publishing.choose(auto=True)
    run = go_on(publishing, vk, stopped)
    assert (run.status, publishing.items["A-1"].price) == (HELD, 35_000)
    tick()
    assert publishing.run(stopped).status == HELD, "the plan of all is another than that of one"
    client = publishing.owner.client
    page = client.get(f"/sync/publish/{stopped}").page
    assert "меняется цена 1 товара: Улун молочный: 350 → 3" in " ".join(page.text.split())
    (digest,) = page.select("//form[contains(@action, '/confirm')]//input[@name='plan']/@value")
    client.post(f"/sync/publish/{stopped}/confirm", data={"plan": digest})
    publishing.run_jobs()
    assert (publishing.run(stopped).status, publishing.items["A-1"].price) == ("done", 360_000)


def test_a_run_that_waits_in_the_queue_takes_in_nothing_that_comes_meanwhile(
    publishing: Publishing, tea: Stock
) -> None:
    publishing.publish()
    tea.put(products=[*costs(360, quantity=5), product("p9", "Габа", price=500, article_number="A-9")])
    run_id = publishing.ask()
    assert publishing.plan().counts["create"] == 1
    tea.put(
        products=[
            *costs(360, quantity=4)[:1],
            product("p2", "Пуэр шу, лист", price=430, quantity=3, article_number="A-2"),
            product("p8", "Новинка невиданная", price=777, article_number="A-8"),
            product("p9", "Габа", price=500, article_number="A-9"),
        ]
    )
    publishing.run_jobs()
    run, items = publishing.run(run_id), publishing.items
    assert (run.status, run.error, run.done) == ("done", UNSEEN, 2)
    assert "A-8" not in items and not any(item.hidden for item in items.values())
    assert [items[sku].price for sku in ("A-1", "A-2", "A-9")] == [36_000, 42_050, 50_000]
    counts = publishing.plan().counts
    assert [counts[kind] for kind in KINDS[:4]] == [1, 1, 1, 0]
    assert publishing.publish().error is None and "A-8" in publishing.items
    assert not publishing.plan().has_work
