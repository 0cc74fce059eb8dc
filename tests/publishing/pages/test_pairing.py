"""What the community had before is paired with goods on the owner's word, and nothing is sent by that."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import select

from app.data.db import db
from app.publishing.ledger.models import ForeignListing, Listing, ListingGood
from app.publishing.ledger.pairing import Accepted
from app.publishing.ledger.pairing import accept as accept_pairs
from app.publishing.pairs import pairs_of
from sandbox.vk.goods import Item
from sandbox.vk.world import VkWorld
from tests.owners import Owner
from tests.publishing.conftest import CATEGORY, Publishing
from tests.publishing.pages.pairs import PAIR, accept, proposed
from tests.stock import Stock, product

OTHER = "/sync/listings/other"


@pytest.fixture
def before(publishing: Publishing, tea: Stock) -> list[Item]:
    """Three listings made by hand, and read: with an article, with a name, and no good of the till."""
    made = [
        publishing.market.add_item("Молочный улун", 30_000, sku="A-1", category_id=CATEGORY),
        publishing.market.add_item("пуэр шу,  лист", 42_050, category_id=CATEGORY),
        publishing.market.add_item("Термос именной", 99_000),
    ]
    publishing.read()
    return made


def test_a_run_that_meets_only_questions_says_so_and_every_page_leads_to_them(
    publishing: Publishing, stock: Stock
) -> None:
    stock.put(products=[product("p1", "Улун молочный", price=350, quantity=12, article_number="A-1")])
    publishing.market.add_item("Улун молочный", 30_000, sku="A-1", category_id=CATEGORY)
    client = publishing.owner.client
    answer = client.post("/sync/publish/first")
    publishing.run_jobs()
    run = client.get(answer.location)
    assert "Ничего не отправлено: сначала ответьте" in run.text
    assert "как решено" not in run.text and "Посмотрите, как он выглядит" not in run.text
    (questions,) = run.page.select("//section[@id='run']//a[normalize-space()='К вопросам']/@href")
    assert client.get(questions).page.select("//tr[@data-kind='ask']//a/@href") == ["/sync/listings#pairs"]
    assert "Ждут вашего ответа" in client.get("/sync").text
    of_good = client.get("/catalog/product?store_id=s1&product_id=p1")
    assert "Это он?" in of_good.text and "Опубликовать этот товар" not in of_good.text
    # The run has looked, and the page says when.
    assert "Прочитано" in client.get("/sync/listings").text


def test_the_page_proposes_each_pair_with_its_reason_and_leads_a_first_run(
    publishing: Publishing, before: list[Item], alice: Owner
) -> None:
    assert proposed(alice) == {str(before[0].id): ("p1", "sku"), str(before[1].id): ("p2", "alike")}
    page = alice.client.get("/sync/listings").page
    assert "Начните с этого" in page.text and "Термос именной" in page.text
    assert {item.name for item in publishing.plan().items["ask"]} == {"Улун молочный", "Пуэр шу, лист"}


def test_accepting_writes_nothing_to_vk_and_the_plan_shows_what_would_change(
    publishing: Publishing, before: list[Item], alice: Owner, vk: VkWorld
) -> None:
    writing = vk.calls.writing
    answer = accept(alice, before[0], "p1")
    assert (answer.status_code, answer.location) == (303, "/sync/listings#pairs")
    assert "Связано: 1 товар" in alice.client.get("/sync/listings").page.text
    assert vk.calls.writing == writing
    plan = publishing.plan()
    [change] = [item for item in plan.items["change"] if item.sku == "A-1"]
    assert ("price", "300.00", "350.00") in change.changes
    [question] = [item for item in plan.items["ask"] if item.entry]
    assert "name" in {each.field for each in question.changes}
    assert "paired" in {hold.code for hold in plan.holds}
    publishing.publish()
    assert publishing.items["A-1"].id == before[0].id
    assert (publishing.items["A-1"].price, publishing.items["A-1"].title) == (35_000, "Молочный улун")


def test_a_pair_without_a_sku_gets_one_with_the_next_edit(
    publishing: Publishing, before: list[Item], alice: Owner
) -> None:
    accept(alice, before[1], "p2")
    publishing.publish()
    assert publishing.items["A-2"].id == before[1].id
    publishing.read()
    assert not publishing.plan().has_work


def test_what_is_not_paired_is_never_touched(
    publishing: Publishing, before: list[Item], alice: Owner
) -> None:
    shown = [(item.title, item.price, item.sku, item.hidden) for item in before]
    alice.client.post(PAIR, data={"all": "1"})
    thermos = before[2]
    publishing.publish()
    assert (thermos.title, thermos.price, thermos.sku, thermos.hidden) == shown[2]


def test_another_good_is_not_proposed_again_until_the_owner_says_so(
    publishing: Publishing, before: list[Item], alice: Owner
) -> None:
    alice.client.post(OTHER, data={"item_id": before[0].id, "other": "1"})
    assert str(before[0].id) not in proposed(alice)
    publishing.read()
    assert str(before[0].id) not in proposed(alice)
    assert "A-1" not in {item.sku for item in publishing.plan().items["create"]}, "its sku is taken"
    alice.client.post(OTHER, data={"item_id": before[0].id})
    assert str(before[0].id) in proposed(alice)


def test_htmx_gets_the_pairs_that_are_left(publishing: Publishing, before: list[Item], alice: Owner) -> None:
    answer = alice.client.htmx_post(
        PAIR, {"item_id": str(before[0].id), "store_id": "s1", "product_id": "p1"}
    )
    [pairs] = answer.page.select("//*[@id='pairs']")
    assert not answer.page.is_whole and pairs.get("data-proposed") == "1"
    # What is in VK now stands below them.
    assert "listings-changed" in answer.headers["HX-Trigger"]
    [listed] = alice.client.get("/sync/listings").page.select(
        "//*[contains(@hx-trigger, 'listings-changed')]"
    )
    assert listed.get("id") == "listed" and listed.xpath(".//tr[@data-sku]")


def test_a_pair_that_nobody_proposed_is_not_made(
    publishing: Publishing, before: list[Item], alice: Owner
) -> None:
    answer = alice.client.htmx_post(
        PAIR, {"item_id": str(before[2].id), "store_id": "s1", "product_id": "p1"}
    )
    assert "Список изменился" in answer.text and not publishing.listings()
    assert alice.client.post(PAIR, data={"item_id": "x"}).status_code == 400


def test_another_owner_pairs_nothing_here(
    app: Flask, publishing: Publishing, before: list[Item], bob: Owner
) -> None:
    assert accept(bob, before[0], "p1").status_code == 404
    assert bob.client.post(OTHER, data={"item_id": before[0].id, "other": "1"}).status_code == 404
    bob.client.post(PAIR, data={"all": "1"})
    assert not publishing.listings()
    with app.app_context():
        assert not any(db.session.scalars(select(ForeignListing.is_other)))


def test_a_listing_of_another_account_is_left_to_it(
    app: Flask, publishing: Publishing, before: list[Item], alice: Owner, bob: Owner
) -> None:
    with app.app_context():
        row = Listing(
            user_id=bob.id,
            community_id=publishing.community_id,
            sku="A-1",
            item_id=before[0].id,
            state="live",
            sent={},
            seen={},
        )
        db.session.add(row)
        db.session.commit()
    accept(alice, before[0], "p1")
    assert "в другом аккаунте" in alice.client.get("/sync/listings").page.text
    assert not publishing.listings()


def test_while_a_run_moves_nothing_is_paired(
    app: Flask, publishing: Publishing, before: list[Item], alice: Owner, run_jobs: Callable[[], None]
) -> None:
    page = alice.client.get("/sync/plan").page
    [digest] = page.select("//input[@name='plan']/@value")
    alice.client.post("/sync/publish", data={"plan": digest, "confirm": "1"})
    accept(alice, before[0], "p1")
    assert "Сейчас идёт публикация" in alice.client.get("/sync/listings").page.text
    assert not publishing.listings()


def test_the_first_answers_lead_to_the_pairs_where_there_are_any(
    publishing: Publishing, before: list[Item], alice: Owner
) -> None:
    page = alice.client.get("/sync/settings").page
    [category] = page.select("//*[@name='default_category_id']/@value")
    answers = {"photo_fallback": "card", "out_of_stock": "hide", "rounding": "none", "markup_percent": "0"}
    for left, place in ((True, "/sync/listings"), (False, "/sync/plan")):
        publishing.choose(configured_at=None)
        data = {"default_category_id": category, **answers}
        assert alice.client.post("/sync/settings", data=data).location == place
        if left:
            alice.client.post(PAIR, data={"all": "1"})


@pytest.mark.databases("sqlite", "postgresql")
def test_two_requests_that_take_the_same_listing_at_once_pair_it_once(
    app: Flask, publishing: Publishing, before: list[Item], alice: Owner
) -> None:
    with app.app_context():
        chosen, wanted = (found := pairs_of(alice.id, publishing.community_id)).all(), found.published
    begun = Barrier(2)

    def take(number: int) -> Accepted:
        with app.app_context():
            begun.wait()
            return accept_pairs(alice.id, publishing.community_id, chosen, wanted)

    with ThreadPoolExecutor(2) as pool:
        told = list(pool.map(take, range(2)))
    assert sorted(accepted.done for accepted in told) == [0, 2]
    assert {listing.item_id for listing in publishing.listings().values()} == {each.id for each in before[:2]}


@pytest.mark.databases("sqlite", "postgresql")
def test_accepting_all_takes_the_first_store_of_those_that_have_the_same_good(
    publishing: Publishing, before: list[Item], tea: Stock, alice: Owner
) -> None:
    tea.put("s2", "Склад", products=[product("w1", "Улун молочный", price=310, article_number="A-1")])
    publishing.choose(store_order=["s2", "s1"])
    assert proposed(alice)[str(before[0].id)] == ("w1", "sku")
    words = " ".join(alice.client.get("/sync/listings").page.text.split())
    assert (
        "Такой же есть в магазине «Чайная». Взяли первый по вашему порядку, где товар сейчас продаётся."
        in words
    )
    # Until it is decided which of them is in VK already, neither is added.
    assert "Улун молочный" not in {item.name for item in publishing.plan().items["create"]}
    alice.client.post(PAIR, data={"all": "1"})
    assert len(publishing.listings()) == 2
    plan = publishing.plan()
    [paired] = [item for item in plan.items["change"] if item.entry and item.entry.item_id == before[0].id]
    assert paired.key == ("s2", "w1")
    assert [item.key for item in plan.items["create"] if item.name == "Улун молочный"] == [("s1", "p1")]
    assert not proposed(alice)


def test_the_owner_may_take_another_store_than_the_first(
    publishing: Publishing, before: list[Item], tea: Stock, alice: Owner
) -> None:
    tea.put("s2", "Склад", products=[product("w1", "Улун молочный", price=310, article_number="A-1")])
    assert proposed(alice)[str(before[0].id)] == ("w1", "sku")
    assert accept(alice, before[0], "p1").status_code == 303
    with alice.app.app_context():
        assert db.session.scalars(select(ListingGood.evotor_id)).all() == ["p1"]


def test_many_foreign_listings_are_shown_page_by_page(publishing: Publishing, tea: Stock) -> None:
    for number in range(120):
        publishing.market.add_item(f"Чужая чашка {number}")
    publishing.read()
    there = {str(item.id) for item in publishing.market.living()}
    seen: list[str] = []
    address = "/sync/listings"
    while address:
        page = publishing.owner.client.get(address).page
        seen += page.select("//*[@id='pairs']//li/@data-item-id")
        (address, *_) = [*page.select("//*[@id='pairs']//a[@rel='next']/@href"), ""]
    assert len(seen) == len(set(seen)) and set(seen) == there
    assert publishing.owner.client.get("/sync/listings?pairs=x").status_code == 400
