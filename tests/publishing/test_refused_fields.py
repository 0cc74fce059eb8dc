"""A refusal about one field is about that field: all else goes on, and nothing is sold at another price."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app.clients.evotor.client import Product
from app.publishing.ledger.about import left_of
from app.publishing.run.auto import read_communities
from app.publishing.run.models import Publication
from bench.time_travel import let_pass
from sandbox.vk.world import VkWorld
from tests.publishing.conftest import GOODS, Publishing
from tests.stock import Stock, product

pytestmark = pytest.mark.usefixtures("hasty")

BAD_LINK = "Подробности на http://bad.example сегодня"
GOOD_TEXT = "Собран вручную весной на склоне"
ULUN: dict[str, Any] = {"quantity": 12, "measure_name": "шт", "article_number": "A-1"}
PRICE_IS_INVALID = "One of the parameters specified was missing or invalid: price is invalid"


def ulun(**other: Any) -> list[Product]:
    """The three goods, the first with other fields."""
    return [product("p1", "Улун молочный", **{"price": 350, **ULUN, **other}), *GOODS[1:]]


def reasons(publishing: Publishing) -> list[str]:
    """Why goods are not ready, by the plan."""
    return [item.reason.sentence for item in publishing.plan().items["blocked"] if item.reason]


def told(run: Publication) -> tuple[str, int, int]:
    return run.status, run.done, run.failed


def test_a_good_with_a_card_that_vk_refused_is_not_sent_anew_until_that_differs(
    publishing: Publishing, tea: Stock, vk: VkWorld
) -> None:
    tea.put(products=ulun(description=BAD_LINK))
    assert told(publishing.publish()) == ("partial", 2, 1)
    plan = publishing.plan()
    assert not plan.has_work and "ссылка" in reasons(publishing)[0]
    assert "ждут 0" in publishing.owner.client.get("/sync").page.text
    # Not even with another price: that was not it.
    tea.put(products=ulun(description=BAD_LINK, price=360))
    vk.calls.clear()
    publishing.publish()
    assert not vk.calls.by_method["market.add"] and not vk.calls.by_method["market.saveProductPhoto"]
    tea.put(products=ulun(description=GOOD_TEXT))
    assert told(publishing.publish()) == ("done", 1, 0)
    assert publishing.items["A-1"].description == GOOD_TEXT


def test_a_new_good_that_vk_refused_without_a_word_about_what_is_sent_anew_once_anything_differs(
    publishing: Publishing, tea: Stock, vk: VkWorld
) -> None:
    vk.faults.refuse(4242, "market.add", times=1)
    assert told(publishing.publish()) == ("partial", 2, 1)
    assert not publishing.plan().has_work and len(reasons(publishing)) == 1
    tea.put(products=[product(f"p{number}", f"Чай {number}", price=100) for number in (1, 2, 3)])
    assert publishing.publish().status == "done" and len(publishing.items) == 3


def test_what_vk_refused_without_a_word_is_sent_anew_by_itself_once_a_day(
    app: Flask, publishing: Publishing, tea: Stock, vk: VkWorld, tick: Callable[[], None]
) -> None:
    publishing.publish()
    publishing.choose(auto=True)
    tea.put(products=ulun(price=490))
    vk.faults.refuse(4242, "market.edit", times=1)
    assert told(publishing.publish()) == ("partial", 0, 1)
    tick()
    assert publishing.items["A-1"].price == 35_000
    with app.app_context():
        read_communities()
    tick()
    assert publishing.items["A-1"].price == 35_000, "it was read a moment ago"
    with app.app_context():
        let_pass(timedelta(days=2), vk)
        read_communities()
    tick()
    tick()
    assert publishing.items["A-1"].price == 49_000 and not reasons(publishing)


def test_a_refused_text_keeps_no_price_from_vk(publishing: Publishing, tea: Stock, vk: VkWorld) -> None:
    publishing.publish()
    tea.put(products=ulun(description=BAD_LINK, price=490))
    vk.calls.clear()
    run = publishing.publish()
    assert publishing.items["A-1"].price == 49_000 and told(run) == ("partial", 0, 1)
    assert vk.calls.by_method["market.edit"] == 2
    listing = publishing.listings()["A-1"]
    assert listing.refused.keys() == {"description"} and listing.problem_code == "bad_links"
    assert not publishing.plan().has_work and "ссылка" in reasons(publishing)[0]
    page = publishing.owner.client.get(f"/sync/publish/{run.id}").page.text
    assert "ссылка" in page and "Сделано Улун молочный Изменён" in page
    # What VK takes later says nothing of the text.
    tea.put(products=ulun(description=BAD_LINK, price=500))
    assert publishing.publish().status == "done" and publishing.items["A-1"].price == 50_000
    assert not publishing.plan().has_work and "ссылка" in reasons(publishing)[0]
    tea.put(products=ulun(description=GOOD_TEXT, price=500))
    assert publishing.publish().status == "done" and publishing.items["A-1"].description == GOOD_TEXT
    assert publishing.listings()["A-1"].problem is None and not reasons(publishing)


def test_what_comes_back_with_a_text_that_vk_refuses_comes_at_its_price(
    publishing: Publishing, tea: Stock
) -> None:
    publishing.publish()
    tea.put(products=ulun(quantity=0))
    publishing.publish()
    assert publishing.items["A-1"].hidden
    tea.put(products=ulun(price=490, description=BAD_LINK))
    assert told(publishing.publish()) == ("partial", 0, 1)
    item = publishing.items["A-1"]
    assert (item.hidden, item.price) == (False, 49_000)
    assert not publishing.plan().has_work and "ссылка" in reasons(publishing)[0]


@pytest.mark.parametrize("message", [PRICE_IS_INVALID, "One of the parameters specified was missing"])
def test_what_comes_back_at_a_price_that_vk_refuses_stays_hidden(
    publishing: Publishing, tea: Stock, vk: VkWorld, message: str
) -> None:
    publishing.publish()
    tea.put(products=ulun(quantity=0))
    publishing.publish()
    tea.put(products=ulun(price=490, description=GOOD_TEXT))
    vk.faults.refuse(100, "market.edit", message=message, times=2 if "price" not in message else 1)
    assert publishing.publish().failed == 1
    assert publishing.items["A-1"].hidden
    assert len(reasons(publishing)) == 1 and not publishing.plan().has_work
    # Another text does not bring it on sale.
    tea.put(products=ulun(price=490, description=f"{GOOD_TEXT} в горах"))
    publishing.publish()
    item = publishing.items["A-1"]
    assert (item.hidden, item.price, item.description) == (True, 35_000, f"{GOOD_TEXT} в горах")
    tea.put(products=ulun(price=480, description=f"{GOOD_TEXT} в горах"))
    publishing.publish()
    item = publishing.items["A-1"]
    assert (item.hidden, item.price) == (False, 48_000)


def test_a_price_that_vk_refused_does_not_keep_the_text_from_it(
    publishing: Publishing, tea: Stock, vk: VkWorld
) -> None:
    publishing.publish()
    vk.faults.refuse(100, "market.edit", message=PRICE_IS_INVALID, times=1)
    tea.put(products=ulun(price=490, description=GOOD_TEXT))
    assert told(publishing.publish()) == ("partial", 0, 1)
    item = publishing.items["A-1"]
    assert (item.price, item.description) == (35_000, GOOD_TEXT)
    assert publishing.listings()["A-1"].refused == {"price": "490.00"}


def test_a_refusal_that_names_nothing_lets_the_price_go_by_itself(
    publishing: Publishing, tea: Stock, vk: VkWorld
) -> None:
    publishing.publish()
    vk.faults.refuse(4242, "market.edit", times=1)
    tea.put(products=ulun(price=490, description=GOOD_TEXT))
    assert told(publishing.publish()) == ("partial", 0, 1)
    assert publishing.items["A-1"].price == 49_000
    assert publishing.listings()["A-1"].refused == {"description": GOOD_TEXT}


def test_two_refusals_of_one_good_are_told_as_one(publishing: Publishing, tea: Stock, vk: VkWorld) -> None:
    publishing.publish()
    vk.faults.refuse(100, "market.edit", message=PRICE_IS_INVALID, nth=2, times=1)
    tea.put(products=ulun(price=490, description=BAD_LINK))
    run = publishing.publish()
    assert told(run) == ("partial", 0, 1)
    assert publishing.listings()["A-1"].refused.keys() == {"description", "price"}
    assert "не принял цену" in reasons(publishing)[0] and len(reasons(publishing)) == 1


def test_an_answer_lost_after_a_refusal_leaves_nothing_unsent(
    publishing: Publishing, tea: Stock, vk: VkWorld
) -> None:
    publishing.publish()
    vk.faults.add("cut", method="execute", nth=2, times=1, done=False)
    tea.put(products=ulun(price=490, description=BAD_LINK))
    publishing.publish()
    assert publishing.items["A-1"].price == 49_000
    assert publishing.listings()["A-1"].refused.keys() == {"description"}


def test_taking_a_run_back_leaves_out_what_it_could_not_do(
    publishing: Publishing, tea: Stock, take_back: Callable[[Publication], Publication]
) -> None:
    publishing.publish()
    tea.put(products=ulun(price=490, description=BAD_LINK))
    undone = take_back(publishing.publish())
    assert told(undone) == ("done", 1, 0) and publishing.items["A-1"].price == 35_000


@pytest.mark.parametrize(
    ("refused", "code", "taken", "left"),
    [
        ({"description": "a"}, "bad_links", {"price": "1.00"}, ({"description": "a"}, True)),
        ({"description": "a"}, "bad_links", {"description": "b"}, ({}, False)),
        ({"description": "a", "price": "1"}, "price_wrong", {"price": "2"}, ({"description": "a"}, False)),
        ({"description": "a", "name": "b"}, "content_blocked", {"name": "c"}, ({}, False)),
        ({"description": "a", "name": "b"}, "unknown", {"name": "c"}, ({}, False)),
        (
            {"description": "a", "name": "b"},
            "unknown",
            {"price": "1"},
            ({"description": "a", "name": "b"}, True),
        ),
        # A category was named that had not been sent.
        ({"price": "1"}, "category_wrong", {"category_id": 1}, ({}, False)),
    ],
)
def test_what_vk_takes_lets_alone_what_it_refused_of_other_fields(
    refused: dict[str, Any], code: str, taken: dict[str, Any], left: tuple[dict[str, Any], bool]
) -> None:
    assert left_of(refused, code, taken) == left
