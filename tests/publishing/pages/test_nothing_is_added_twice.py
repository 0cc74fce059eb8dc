"""What is in the community already is asked about and paired, not added once more."""

from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import delete

from app.data.db import db
from app.publishing.ledger.models import Listing
from app.publishing.planning.plan import Plan
from sandbox.vk.world import VkWorld
from tests.owners import Owner
from tests.publishing.conftest import CATEGORY, GOODS, Publishing
from tests.publishing.pages.pairs import PAIR, accept, proposed
from tests.stock import Stock


def asked_about(plan: Plan) -> list[int]:
    """The community's own listings of which the plan asks whether they are a good."""
    return [item.foreign.item_id for item in plan.items["ask"] if item.foreign]


def test_a_wiped_ledger_finds_every_pair_by_sku_and_adds_nothing(
    app: Flask, publishing: Publishing, tea: Stock, alice: Owner
) -> None:
    publishing.publish()
    tea.rule("product", "p3", "exclude")
    publishing.publish()
    items = {sku: item.id for sku, item in publishing.items.items()}
    with app.app_context():
        db.session.execute(delete(Listing))
        db.session.commit()
    publishing.read()
    assert publishing.plan().counts["create"] == 0
    assert {why for _, why in proposed(alice).values()} == {"sku"} and len(proposed(alice)) == 3
    alice.client.post(PAIR, data={"all": "1"})
    assert {sku: listing.item_id for sku, listing in publishing.listings().items()} == items
    plan = publishing.plan()
    assert not plan.has_work and not plan.counts["ask"]


@pytest.mark.parametrize("forgotten", ["all", "since the backup"])
def test_a_run_of_a_ledger_that_has_forgotten_goods_adds_none_of_them_again(
    app: Flask, publishing: Publishing, tea: Stock, forgotten: str
) -> None:
    publishing.read()
    tea.rule("product", "p3", "exclude")
    publishing.publish()
    backed_up = publishing.listings()
    tea.rule("product", "p3", "include")
    publishing.publish()
    there = set(publishing.market.items)
    with app.app_context():
        kept = [] if forgotten == "all" else list(backed_up)
        db.session.execute(delete(Listing).where(Listing.sku.not_in(kept)))
        db.session.commit()
    assert publishing.plan().counts["create"]
    publishing.publish()
    assert set(publishing.market.items) == there
    assert not publishing.plan().counts["create"]


def test_a_good_that_its_owner_added_by_hand_since_the_last_look_is_asked_about(
    publishing: Publishing, tea: Stock
) -> None:
    publishing.publish(only=("s1", "p1"))
    publishing.read()
    made = publishing.market.add_item("Пуэр шу, лист", 42_050, category_id=CATEGORY)
    assert publishing.plan().counts["create"] == 2
    publishing.publish()
    assert asked_about(publishing.plan()) == [made.id]
    assert [item.title for item in publishing.market.living()].count(made.title) == 1


def test_what_came_back_by_hand_is_asked_about_and_paired_not_added_once_more(
    publishing: Publishing, tea: Stock, alice: Owner
) -> None:
    publishing.publish()
    listing = publishing.listings()["A-1"]
    publishing.market.delete(publishing.items["A-1"].id)
    publishing.read()
    alice.client.post("/sync/questions/deleted", data={"listing_id": listing.id, "answer": "again"})
    assert publishing.plan().counts["create"] == 1
    back = publishing.market.add_item("Улун молочный", 35_000, sku="A-1", category_id=CATEGORY)
    publishing.read()
    plan = publishing.plan()
    assert (plan.counts["create"], asked_about(plan)) == (0, [back.id])
    assert accept(alice, back, "p1").status_code == 303
    assert publishing.listings()["A-1"].item_id == back.id and not publishing.plan().counts["create"]


def test_a_good_that_vk_has_added_twice_is_told_apart_from_what_others_made(
    publishing: Publishing, tea: Stock, alice: Owner
) -> None:
    publishing.publish()
    # VK does late what it was asked for before the good was looked for and sent once more.
    second = publishing.market.add_item("Улун молочный", 35_000, sku="A-1", category_id=CATEGORY)
    publishing.market.add_item("Чужая чашка")
    publishing.read()
    told = "похоже на второй такой же. Лишний удалите во ВКонтакте"
    told_of = [item.foreign for item in publishing.plan().items["foreign"] if item.reason]
    assert [item.item_id for item in told_of if item] == [second.id]
    for address in ("/sync/plan?kind=foreign", "/sync/listings"):
        assert alice.client.get(address).page.text.count(told) == 1
    assert not publishing.plan().has_work and second.title == "Улун молочный"


def test_a_good_that_its_owner_added_by_hand_after_a_refusal_is_not_added_once_more(
    publishing: Publishing, tea: Stock, vk: VkWorld, alice: Owner
) -> None:
    vk.faults.add("error", method="market.add", code=100, times=1)
    publishing.publish()
    (failed,) = (row for row in publishing.listings().values() if row.state == "failed")
    made = publishing.market.add_item("Пуэр шу, лист", 42_050, category_id=CATEGORY)
    publishing.read()
    tea.put(products=[GOODS[0], GOODS[1]._replace(price=Decimal(360)), GOODS[2]])
    plan = publishing.plan()
    assert (failed.sku, plan.counts["create"]) == ("A-2", 0)
    assert asked_about(plan) == [made.id]
    accept(alice, made, "p2")
    assert publishing.listings()["A-2"].item_id == made.id
