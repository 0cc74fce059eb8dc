"""Pages of big shops that take seconds of the processor: few at once, and whoever is refused is told so."""

import time
from contextlib import ExitStack
from threading import Thread
from urllib.parse import urlsplit

import pytest
from flask import Flask
from werkzeug.exceptions import TooManyRequests

from app.mirror import big_shops
from app.publishing import descriptions
from app.publishing.settings.save import save_settings
from app.rules.decide import INCLUDE
from app.web import turns
from app.web.turns import INSIDE, RETRY_AFTER_SECONDS, TOO_MANY, WORKING, in_turn
from tests.owners import Owner
from tests.processes import wait_until
from tests.publishing.feed.conftest import marketplace_of
from tests.stock import Stock, group, product


@pytest.fixture
def no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "PATIENCE_SECONDS", 0.02)


def other_pages(owners: int) -> ExitStack:
    """Pages of so many other owners that are at work."""
    pages = ExitStack()
    for owner in range(owners):
        # Not by `in_turn`: what the test asks for next would go on in the turn of the same context.
        assert turns._take(f"owner {owner}")
        pages.callback(turns._give_back, f"owner {owner}")
    return pages


def waiting(app: Flask, whose: str, outcomes: list[str]) -> Thread:
    """A page that waits for its turn in a thread of its own."""

    def page() -> None:
        with app.app_context():
            try:
                with in_turn(whose):
                    outcomes.append(whose)
            except TooManyRequests:
                outcomes.append("refused")

    thread = Thread(target=page)
    thread.start()
    return thread


def test_a_page_waits_for_one_of_the_places_and_then_goes_on(app: Flask) -> None:
    outcomes: list[str] = []
    with other_pages(WORKING):
        thread = waiting(app, "alice", outcomes)
        assert outcomes == []
    thread.join()
    assert outcomes == ["alice"]


def test_one_owner_never_takes_both_places(app: Flask, no_patience: None) -> None:
    with other_pages(1), app.app_context(), pytest.raises(TooManyRequests), in_turn("owner 0"):
        pass
    with other_pages(1), app.app_context(), in_turn("owner 1"), in_turn("owner 1"):
        # The same request goes on in its own turn.
        pass


def test_those_who_wait_hold_only_so_many_threads(app: Flask) -> None:
    outcomes: list[str] = []
    with other_pages(WORKING):
        threads = [waiting(app, f"visitor {n}", outcomes) for n in range(INSIDE - WORKING + 1)]
        wait_until(lambda: "refused" in outcomes)
    for thread in threads:
        thread.join()
    assert sorted(outcomes)[0] == "refused" and len(outcomes) == len(threads)
    assert not turns._inside and not turns._working


def test_whoever_has_taken_least_comes_first_and_takes_the_place_of_one_who_has_taken_most(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = time.monotonic()
    taken = {"heavy": (50.0, moment), "heavier": (90.0, moment), "owner 0": (70.0, moment)}
    monkeypatch.setattr(turns, "_taken", taken)
    monkeypatch.setattr(turns, "WORKING", 1)
    monkeypatch.setattr(turns, "INSIDE", 3)
    outcomes: list[str] = []
    with other_pages(1):
        threads = [waiting(app, whose, outcomes) for whose in ("heavy", "heavier")]
        wait_until(lambda: len(turns._waiting) == 2)
        threads.append(waiting(app, "light", outcomes))
        wait_until(lambda: outcomes == ["refused"])
        wait_until(lambda: {each.whose for each in turns._waiting} == {"heavy", "light"})
        # One that has taken more than all who wait takes nobody's place.
        waiting(app, "heavier", outcomes).join()
        assert outcomes == ["refused", "refused"]
    for thread in threads:
        thread.join()
    assert outcomes == ["refused", "refused", "light", "heavy"]
    assert not turns._inside and not turns._waiting and not turns._working


def test_what_somebody_has_taken_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    long_ago = time.monotonic() - 3600
    monkeypatch.setattr(turns, "_taken", {"once": (50.0, long_ago)})
    with other_pages(1):
        pass
    assert not turns._taken


def test_pages_that_read_very_many_groups_wait_for_their_turn_too(
    app: Flask, alice: Owner, stock: Stock, no_patience: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    stock.put(groups=[group("g1"), group("g2")], products=[product("p1", "Улун")])
    with other_pages(WORKING):
        assert alice.client.get("/sync/settings").status_code == 200
        monkeypatch.setattr(big_shops, "MANY_GROUPS", 1)
        assert alice.client.get("/sync/plan").status_code == 429
        assert alice.client.get("/sync/settings").status_code == 429
    assert alice.client.get("/sync/settings").status_code == 200


def test_what_is_shown_of_a_good_far_down_waits_for_its_turn_too(
    app: Flask, alice: Owner, stock: Stock, no_patience: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain = [group("g1"), group("g2", parent="g1"), group("g3", parent="g2")]
    stock.put(groups=chain, products=[product("p1", "Улун", "g3", price=350), product("p2", "Пуэр", "g2")])
    with app.app_context():
        save_settings(alice.id, {"photo_fallback": "card"})
    marketplace = marketplace_of(app, alice)
    card = marketplace.offers()["Улун"].findtext("picture")
    monkeypatch.setattr(big_shops, "LONG_WAY", 2)
    good = "store_id=s1&product_id=p1"
    deep = [(alice.client, f"/catalog/product?{good}"), (alice.client, f"/sync/settings/picture?{good}")]
    deep.append((marketplace.client, urlsplit(card).path))
    with other_pages(WORKING):
        assert [client.get(address).status_code for client, address in deep] == [429] * 3
        assert alice.client.get("/catalog/product?store_id=s1&product_id=p2").status_code == 200
    assert [client.get(address).status_code for client, address in deep] == [200] * 3


def test_pages_that_read_very_long_descriptions_wait_for_their_turn_too(
    app: Flask, alice: Owner, stock: Stock, no_patience: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = [product(f"p{number}", "Улун", description="Чай с гор. " * 90) for number in range(2)]
    stock.put(products=long)
    stock.default(INCLUDE)
    monkeypatch.setattr(descriptions, "MANY_LETTERS", 1_500)
    with other_pages(WORKING):
        assert alice.client.get("/sync/plan").status_code == 429
        stock.put(products=long[:1])
        assert alice.client.get("/sync/plan").status_code == 200


def test_the_settings_wait_as_the_plan_does_where_what_they_show_is_made_of_very_long_texts(
    alice: Owner, stock: Stock, no_patience: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    stock.put(products=[product(f"p{number}", "Улун", description="&x" * 400) for number in range(2)])
    monkeypatch.setattr(descriptions, "MANY_LETTERS", 3_500)
    with other_pages(WORKING):
        assert alice.client.get("/sync/settings").status_code == 429
        stock.put(products=[product("p1", "Улун", description="Чай с гор. " * 30)])
        assert alice.client.get("/sync/settings").status_code == 200


@pytest.mark.parametrize("texts", [{"description": "&x" * 200}, {"name": "&x" * 100}])
def test_pages_that_clean_very_many_entities_wait_as_those_of_many_letters_do(
    alice: Owner, stock: Stock, no_patience: None, monkeypatch: pytest.MonkeyPatch, texts: dict[str, str]
) -> None:
    stock.put(products=[product("p1", **({"name": "Улун"} | texts))])
    stock.default(INCLUDE)
    monkeypatch.setattr(descriptions, "MANY_LETTERS", 3_500)
    with other_pages(WORKING):
        assert alice.client.get("/sync/plan").status_code == 429
        stock.put(products=[product("p1", "Улун", description="Чай с гор. " * 30)])
        assert alice.client.get("/sync/plan").status_code == 200


def test_big_pages_say_when_to_come_again_and_change_nothing(
    app: Flask,
    alice: Owner,
    bob: Owner,
    stock: Stock,
    no_patience: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stock.put(products=[product("p1", "Улун")])
    monkeypatch.setattr(big_shops, "MANY_GOODS", 0)
    bulk = {"scope": "found", "filter_mode": "exclude"}
    change = alice.client.post("/catalog/bulk?type=all", data=bulk).location.partition("?")[0]
    with other_pages(WORKING):
        for address in ("/sync/plan", "/sync/plan/export?format=excel", change):
            answer = alice.client.get(address)
            assert (answer.status_code, answer.headers["Retry-After"]) == (429, str(RETRY_AFTER_SECONDS))
            assert TOO_MANY in answer.page.text
            assert answer.page.select(f"//a[@href='{address}']"), "the way to try again"
        answer = alice.client.htmx_post(f"{change}/apply")
        assert answer.status_code == 429 and TOO_MANY in answer.page.text
        # Ordinary pages, and shops without many goods, wait for nobody.
        assert alice.client.get("/catalog/products?store_id=s1").status_code == 200
        assert bob.client.get("/sync/plan").status_code == 200
    assert alice.client.get("/sync/plan").status_code == 200
    assert alice.client.post(f"{change}/apply").status_code == 303


@pytest.mark.parametrize(
    "address",
    [
        *("/catalog/products?store_id=s1&q=у", "/catalog/products?store_id=s1&ready=no", "/catalog/all?q=у"),
        *("/catalog/groups?store_id=s1&q=у", "/catalog/photos/take?q=у"),
        *("/catalog/products?store_id=s1&vk=waiting", "/catalog/all?result=published"),
    ],
)
def test_lists_that_no_index_answers_wait_in_a_big_shop(
    alice: Owner, stock: Stock, no_patience: None, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    for store in ("s1", "s2"):
        stock.put(store, products=[product("p1", "Улун")])
    indexed = "/catalog/products?store_id=s1&q=улун"
    with other_pages(WORKING):
        assert alice.client.get(address).status_code == 200
        monkeypatch.setattr(big_shops, "MANY_GOODS", 0)
        assert alice.client.get(address).status_code == 429
        assert alice.client.get(indexed).status_code == 200
        found = {"scope": "found", "filter_mode": "exclude"}
        assert alice.client.post("/catalog/bulk?type=products&store_id=s1", data=found).status_code == 429
    assert alice.client.get(address).status_code == 200


def test_a_word_of_one_letter_again_and_again_waits_in_any_shop(
    alice: Owner, stock: Stock, no_patience: None
) -> None:
    stock.put(products=[product("p1", "Улун")])
    with other_pages(WORKING):
        assert alice.client.get(f"/catalog/products?store_id=s1&q={'у' * 9}б").status_code == 429
        assert alice.client.get("/catalog/products?store_id=s1&q=уууу").status_code == 200
