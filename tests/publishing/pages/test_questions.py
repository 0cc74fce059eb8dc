"""The plan's questions are answered one by one or all at once, and only by their owner."""

import pytest
from flask import Flask

from tests.checking_client import CheckedResponse
from tests.owners import Owner
from tests.publishing.conftest import Publishing
from tests.stock import Stock

PAGE = "/sync/listings"


def answer(owner: Owner, kind: str, value: str, listing_id: str | None = None) -> CheckedResponse:
    about = {"all": "1"} if listing_id is None else {"listing_id": listing_id}
    return owner.client.post(f"/sync/questions/{kind}", data={"answer": value, **about})


def asked(owner: Owner) -> dict[str, str]:
    """Listings that are asked about, by sku."""
    found = owner.client.get(PAGE).page.select("//*[@id='questions']//li[@data-listing-id]")
    return {each.get("data-sku"): each.get("data-listing-id") for each in found}


@pytest.fixture
def edited(publishing: Publishing, tea: Stock) -> Publishing:
    """Two listings whose names were changed in VK."""
    publishing.publish()
    for sku in ("A-1", "A-2"):
        publishing.market.change(publishing.items[sku].id, title=f"Лучший {sku}")
    publishing.read()
    return publishing


@pytest.fixture
def deleted(publishing: Publishing, tea: Stock) -> Publishing:
    """Two listings that were deleted in VK."""
    publishing.publish()
    for sku in ("A-1", "A-2"):
        publishing.market.delete(publishing.items[sku].id)
    publishing.read()
    return publishing


def test_both_values_are_shown_and_nothing_is_sent_before_the_answer(
    edited: Publishing, alice: Owner
) -> None:
    assert asked(alice).keys() == {"A-1", "A-2"}
    text = alice.client.get(PAGE).page.text
    assert "Лучший A-1" in text and "в кассе: Улун молочный" in " ".join(text.split())
    assert "Взять из кассы" in text and "Взять из Витрины" not in text
    assert not edited.plan().has_work


def test_the_tills_value_is_sent_and_vks_is_kept(edited: Publishing, alice: Owner) -> None:
    listings = asked(alice)
    assert answer(alice, "edited", "till", listings["A-1"]).location == f"{PAGE}#questions"
    answer(alice, "edited", "vk", listings["A-2"])
    assert not asked(alice)
    edited.publish()
    assert edited.items["A-1"].title == "Улун молочный"
    assert edited.items["A-2"].title == "Лучший A-2"
    assert not edited.plan().has_work


def test_one_answer_holds_for_all(edited: Publishing, alice: Owner) -> None:
    answer(alice, "edited", "till")
    edited.publish()
    assert {item.title for sku, item in edited.items.items() if sku.startswith("A")} == {
        "Улун молочный",
        "Пуэр шу, лист",
    }


def test_htmx_gets_the_questions_that_are_left(edited: Publishing, alice: Owner) -> None:
    listings = asked(alice)
    data = {"answer": "vk", "listing_id": listings["A-1"]}
    page = alice.client.htmx_post("/sync/questions/edited", data).page
    assert not page.is_whole
    assert page.select("//*[@id='questions']//li/@data-sku") == ["A-2"]
    again = alice.client.htmx_post("/sync/questions/edited", data)
    assert "уже решён" in again.text


def test_what_was_deleted_is_added_again_only_on_the_owners_word(deleted: Publishing, alice: Owner) -> None:
    deleted.publish()
    assert "A-1" not in deleted.items
    answer(alice, "deleted", "again", asked(alice)["A-1"])
    deleted.publish()
    assert "A-1" in deleted.items and "A-2" not in deleted.items
    assert deleted.listings()["A-1"].item_id == deleted.items["A-1"].id


def test_what_is_to_be_added_again_waits_on_every_page(deleted: Publishing, alice: Owner) -> None:
    answer(alice, "deleted", "again", asked(alice)["A-1"])
    overview = alice.client.get("/sync").page
    assert overview.select("//dd[@data-count='failed']")[0].text_content().strip() == "0"
    assert alice.client.get("/sync/listings?state=waiting").page.select("//tr/@data-sku") == ["A-1"]
    assert not alice.client.get("/sync/listings?state=failed").page.select("//tr/@data-sku")


def test_what_was_deleted_for_good_is_excluded_by_rules_that_can_be_taken_back(
    deleted: Publishing, alice: Owner, tea: Stock
) -> None:
    answer(alice, "deleted", "never")
    assert set(tea.rules().values()) == {"exclude"} and len(tea.rules()) == 2
    page = alice.client.get(PAGE).page
    assert not page.select("//*[@id='questions']//li")
    assert "Удалено во ВКонтакте, товаров: 2" in alice.client.get("/sync/history?kind=rules").page.text
    [undo] = page.select("//form[contains(@action, '/undo')]/@action")
    alice.client.post(undo)
    assert not tea.rules() and asked(alice).keys() == {"A-1", "A-2"}


@pytest.mark.parametrize(
    ("kind", "data"),
    [("edited", {"answer": "both", "all": "1"}), ("deleted", {"all": "1"}), ("deleted", {"answer": "x"})],
)
def test_an_unusable_answer_changes_nothing(
    edited: Publishing, alice: Owner, kind: str, data: dict[str, str]
) -> None:
    assert alice.client.post(f"/sync/questions/{kind}", data=data).status_code == 400


def test_another_owner_answers_nothing_here(app: Flask, edited: Publishing, alice: Owner, bob: Owner) -> None:
    listings = asked(alice)
    for about, code in ((listings["A-1"], 404), (None, 303)):
        assert answer(bob, "edited", "till", about).status_code == code
        assert answer(bob, "deleted", "again", about).status_code == code
    assert asked(alice) == listings
    assert not any(listing.owners for listing in edited.listings().values())


@pytest.mark.parametrize("kind", ["edited", "deleted"])
def test_an_answer_about_all_is_about_what_the_page_asked(
    publishing: Publishing, tea: Stock, alice: Owner, kind: str
) -> None:
    publishing.publish()
    items = list(publishing.items.values())

    def happen(*numbers: int) -> None:
        for number in numbers:
            if kind == "edited":
                publishing.market.change(items[number].id, title=f"Лучший {number}")
            else:
                publishing.market.delete(items[number].id)
        publishing.read()

    happen(0, 1)
    form = f"//form[contains(@action, '{kind}')][input[@name='all']]/input[@name='seen']/@value"
    seen = alice.client.get(PAGE).page.select(form)[0]
    happen(2)
    value = {"edited": "till", "deleted": "never"}[kind]
    url, said = f"/sync/questions/{kind}", {"answer": value, "all": "1"}
    alice.client.post(url, data={**said, "seen": seen})
    page = alice.client.get(PAGE).page
    assert "Список изменился" in page.text and len(asked(alice)) == 3
    alice.client.post(url, data={**said, "seen": page.select(form)[0]})
    assert not asked(alice)
