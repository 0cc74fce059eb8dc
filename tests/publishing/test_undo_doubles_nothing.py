"""What taking a run back leaves alone since the good is in the shop already, by another listing."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app.data.db import db
from app.publishing.ledger.others import are_others_adding, just_added_by_others
from app.publishing.run import removing
from app.publishing.run.models import Publication
from sandbox.vk.people import Community, Person
from sandbox.vk.world import VkWorld
from tests.databases import on_both
from tests.owners import Owner
from tests.publishing.conftest import GOODS, Publishing, let_vk_show_within
from tests.publishing.test_doubted_looks import let_pass, shop_out_of_sight
from tests.publishing.test_parting import BARCODE, are_hidden, trays
from tests.publishing.test_removing import delete
from tests.publishing.test_two_accounts import of_the_same_shop
from tests.publishing.test_undo_leaves_alone import words
from tests.stock import Stock, product

pytestmark = pytest.mark.usefixtures("hasty")

TakeBack = Callable[[Publication], Publication]
STANDS = "уже стоит другой карточкой, поэтому он не возвращён"
FIRST = "Улун молочный"


@pytest.fixture
def his(
    app: Flask, publishing: Publishing, tea: Stock, bob: Owner, maria: Person, teahouse: Community
) -> Publishing:
    """What Bob publishes to Alice's community, of the same goods under other marks; no goods yet."""
    of_the_same_shop(app, bob, maria, teahouse)
    return Publishing(bob, publishing.community_id, publishing.market, publishing.run_jobs)


def counts(publishing: Publishing) -> list[int]:
    """How often each of the three goods is in the shop."""
    titles = [item.title for item in publishing.market.living()]
    return [titles.count(good.name) for good in GOODS]


@on_both
def test_what_another_account_has_added_since_is_not_brought_back(
    publishing: Publishing, his: Publishing, take_back: TakeBack
) -> None:
    publishing.publish()
    run = publishing.run(delete(publishing, "A-1", "A-2"))
    Stock(his.owner).put(products=GOODS[:1])
    his.publish()
    assert counts(publishing) == [1, 0, 1]
    undone = take_back(run)
    assert counts(publishing) == [1, 1, 1]
    assert (undone.status, undone.done, undone.blocked) == ("done", 1, 1)
    assert STANDS in words(publishing, undone)


@pytest.mark.parametrize("is_in_till", [True, False])
@pytest.mark.parametrize("title", [FIRST, "улун, молочный"])
def test_what_was_added_by_hand_is_not_brought_back(
    publishing: Publishing, tea: Stock, take_back: TakeBack, title: str, *, is_in_till: bool
) -> None:
    publishing.publish()
    run = publishing.run(delete(publishing, "A-1", "A-2"))
    if not is_in_till:
        tea.put(products=GOODS[1:])
    publishing.market.add_item(title)
    undone = take_back(run)
    assert (undone.done, undone.blocked) == (1, 1) and "A-1" not in publishing.items
    assert STANDS in words(publishing, undone)


def test_what_is_called_another_good_keeps_nothing_from_coming_back(
    publishing: Publishing, tea: Stock, take_back: TakeBack
) -> None:
    publishing.market.add_item(FIRST)
    publishing.read()
    (foreign,) = (item for item in publishing.plan().items["foreign"] if item.name == FIRST)
    assert foreign.foreign is not None
    about = {"item_id": foreign.foreign.item_id, "other": "1"}
    publishing.owner.client.post("/sync/listings/other", data=about)
    publishing.publish()
    assert counts(publishing)[0] == 2
    undone = take_back(publishing.run(delete(publishing, "A-1")))
    assert (undone.done, counts(publishing)[0]) == (1, 2)


@on_both
def test_what_another_account_adds_while_it_is_looked_at_the_shop_is_not_brought_back(
    publishing: Publishing, his: Publishing, take_back: TakeBack, monkeypatch: pytest.MonkeyPatch
) -> None:
    publishing.publish()
    run = publishing.run(delete(publishing, "A-1", "A-2"))
    Stock(his.owner).put(products=GOODS[:1])
    noted, others = removing.intend_restored, iter([his])

    def overtaken(*arguments: Any) -> None:
        for each in others:
            each.publish()
        noted(*arguments)

    monkeypatch.setattr(removing, "intend_restored", overtaken)
    publishing.owner.client.post(f"/sync/publish/{run.id}/undo")
    publishing.run_jobs()
    assert counts(publishing) == [1, 1, 1]


@on_both
def test_another_account_waits_for_what_is_being_brought_back_and_then_knows_of_it(
    app: Flask, publishing: Publishing, his: Publishing, take_back: TakeBack, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_vk_show_within(app, 120)
    publishing.publish()
    run = publishing.run(delete(publishing, "A-1"))
    place = his.owner.id, his.community_id
    seen: list[tuple[bool, list[str]]] = []

    def look() -> None:
        with app.app_context():
            known = [item.name for item in just_added_by_others(*place) if item.sku == "A-1"]
            seen.append((are_others_adding(db.session, *place), known))

    together = removing.Shop.together

    def asked(*arguments: Any) -> Any:
        look()
        return together(*arguments)

    monkeypatch.setattr(removing.Shop, "together", asked)
    take_back(run)
    look()
    assert seen == [(True, []), (False, [FIRST])]


@pytest.mark.parametrize("way", ["cut", "status_500"])
@pytest.mark.parametrize("is_done", [True, False])
def test_what_came_back_without_an_answer_is_known_by_the_next_look(
    publishing: Publishing, tea: Stock, take_back: TakeBack, vk: VkWorld, way: str, is_done: bool
) -> None:
    publishing.publish()
    run = publishing.run(delete(publishing, "A-1"))
    vk.faults.add(way, method="market.restore", times=1, done=is_done)
    undone = take_back(run)
    if undone.status == "paused":
        publishing.owner.client.post(f"/sync/publish/{undone.id}/resume")
        publishing.run_jobs()
    undone = publishing.run(undone.id)
    assert (undone.status, undone.done, undone.failed) == ("done", 1, 0)
    assert "A-1" in publishing.items and publishing.listings()["A-1"].state == "live"
    assert not publishing.plan().has_work


@on_both
def test_nothing_is_brought_back_after_a_look_that_is_in_doubt(
    app: Flask,
    publishing: Publishing,
    tea: Stock,
    take_back: TakeBack,
    vk: VkWorld,
    tick: Callable[[], None],
) -> None:
    publishing.publish()
    run = publishing.run(delete(publishing, "A-1"))
    twin = publishing.market.add_item(FIRST)
    with shop_out_of_sight(publishing):
        undone = take_back(run)
    assert (undone.status, undone.done) == ("paused", 0) and "A-1" not in publishing.items
    with app.app_context():
        let_pass(timedelta(minutes=11), vk)
    tick()
    assert publishing.run(undone.id).blocked == 1 and "A-1" not in publishing.items
    assert counts(publishing)[0] == 1 and twin.deleted_at is None


def parted_trays(publishing: Publishing, stock: Stock) -> None:
    trays(stock)
    publishing.publish()
    publishing.choose(merge_by="barcode")
    assert are_hidden(publishing) == [False, False]


def test_a_good_that_was_joined_to_another_since_is_not_shown_beside_it(
    publishing: Publishing, stock: Stock, take_back: TakeBack
) -> None:
    parted_trays(publishing, stock)
    trays(stock, left=0)
    run = publishing.publish()
    trays(stock)
    publishing.join(one=True)
    publishing.publish()
    undone = take_back(run)
    assert are_hidden(publishing) == [False, True] and undone.blocked == 1
    assert "стоят там другой карточкой" in words(publishing, undone)
    publishing.join(one=False, mark=BARCODE[0])
    publishing.publish()
    assert are_hidden(publishing) == [False, False]


def test_a_good_that_was_joined_to_another_since_is_not_brought_back_beside_it(
    publishing: Publishing, stock: Stock, take_back: TakeBack
) -> None:
    parted_trays(publishing, stock)
    run = publishing.run(delete(publishing, "AY"))
    publishing.join(one=True)
    publishing.publish()
    undone = take_back(run)
    assert are_hidden(publishing) == [False] and STANDS in words(publishing, undone)


def test_what_takes_the_place_of_another_gives_it_back(
    publishing: Publishing, stock: Stock, take_back: TakeBack
) -> None:
    """One run joins two, shows the listing of one and hides that of the other."""

    def put(left: int) -> None:
        told: dict[str, Any] = {"price": 1500, "barcodes": BARCODE}
        stock.put(
            "s1", "Первая", products=[product("x", "Поднос", quantity=left, article_number="AX", **told)]
        )
        stock.put("s2", "Вторая", products=[product("y", "Поднос", quantity=5, article_number="AY", **told)])

    def hidden() -> dict[str, bool]:
        return {sku: item.hidden for sku, item in publishing.items.items()}

    put(5)
    publishing.publish()
    put(0)
    publishing.publish()
    put(5)
    publishing.choose(merge_by="barcode")
    publishing.join(one=True)
    run = publishing.publish()
    assert hidden() == {"AX": False, "AY": True}
    take_back(run)
    assert hidden() == {"AX": True, "AY": False}
