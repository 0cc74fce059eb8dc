"""The overview and the strip say what really is: nothing is «в ВК» that was not sent."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask_login import current_user, login_user

from app.accounts.models import User
from app.connections.may_publish import judged
from app.data.db import db
from app.publishing.facts import facts_of
from app.publishing.pages import overview as pages_overview
from app.publishing.run.requests import publish
from app.publishing.state import state_of
from sandbox.vk.people import Community
from tests.checking_client import CheckedResponse, Page
from tests.databases import on_both
from tests.owners import Owner
from tests.publishing.conftest import Publishing, connect_till, settle
from tests.stock import Stock, product


def strip(owner: Owner, address: str = "/sync") -> str:
    """The line under the navigation."""
    found = owner.client.get(address).page.select("//*[contains(@class, 'state-strip')]")
    return " ".join(found[0].text_content().split()) if found else ""


def count(owner: Owner, of: str) -> str:
    """One of the overview's numbers."""
    return owner.client.get("/sync").page.select(f"//dd[@data-count='{of}']")[0].text_content().strip()


def test_the_strip_stands_on_the_pages_of_catalogue_and_synchronisation_only(alice: Owner) -> None:
    for address in ("/sync", "/sync/plan", "/sync/history", "/catalog"):
        assert "Ничего не отправляется · шаг 1 из 4 — Подключить Эвотор" in strip(alice, address)
    for address in ("/connections", "/profile"):
        assert not strip(alice, address)


def test_who_has_not_begun_sees_the_steps_above_the_cards_until_all_are_taken(
    alice: Owner, app: Flask
) -> None:
    def steps() -> list[str]:
        found = alice.client.get("/connections").page
        return found.select("//nav[@aria-label='Первые шаги']//li/@data-state")

    assert steps() == ["next", "later", "later", "later"]
    connect_till(app, alice.id)
    assert steps() == ["done", "next", "later", "later"]
    settle(app, alice.id)
    assert not steps()


def test_hidden_steps_stay_hidden_until_asked_for_and_the_strip_says_what_holds(
    alice: Owner, bob: Owner
) -> None:
    def shown(owner: Owner) -> bool:
        return bool(owner.client.get("/connections").page.select("//nav[@aria-label='Первые шаги']"))

    def press(button: str, page: Page) -> CheckedResponse:
        (form,) = page.select(f"//form[.//button[starts-with(., '{button}')]]")
        fields = {field.get("name"): field.get("value") for field in form.xpath(".//input")}
        return alice.client.post(form.get("action"), data=fields, follow_redirects=True)

    hidden = press("Скрыть", alice.client.get("/connections").page)
    assert "Первые шаги скрыты" in hidden.page.text
    assert not shown(alice) and shown(bob)
    assert strip(alice) == "Публикация выключена · ничего не отправляется — Подключить Эвотор"
    assert "шаг 1 из 4" in strip(bob)
    press("Вернуть", hidden.page)
    assert shown(alice)
    press("Скрыть", alice.client.get("/connections").page)
    press("Показать", alice.client.get("/connections").page)
    assert shown(alice) and "шаг 1 из 4" in strip(alice)
    assert alice.client.post("/sync/first-steps", data={"hidden": "perhaps"}).status_code == 400


@on_both
def test_the_strip_takes_one_statement(
    publishing: Publishing, tea: Stock, count_statements: Callable[..., Any], app: Flask
) -> None:
    with app.test_request_context("/sync"):
        login_user(db.session.get_one(User, publishing.owner.id))
        user_id = current_user.id
        with count_statements() as statements:
            facts, owned = facts_of(user_id)
            state_of(judged(owned), facts)
    assert len(statements) == 1


def test_decided_is_not_sent(publishing: Publishing, tea: Stock) -> None:
    assert count(publishing.owner, "live") == "0"
    assert "Ещё ничего не отправлено" in strip(publishing.owner)
    assert "идут в сообщество" not in publishing.owner.client.get("/sync").text
    publishing.publish()
    assert count(publishing.owner, "live") == "3"
    assert "в ВК 3" in strip(publishing.owner)


def test_each_store_has_a_bar_of_what_is_published_not_ready_and_excluded(
    publishing: Publishing, tea: Stock
) -> None:
    tea.put("s2", "Склад", products=[product("p9", "Чайник", price=900), product("p8", "Пиала")])
    tea.rule("product", "p9", "exclude", "s2")

    def rows() -> dict[str, list[str]]:
        found = publishing.owner.client.get("/sync").page.select("//tr[@data-store-id]")
        return {row.get("data-store-id"): row.xpath("./td/text()") for row in found}

    assert rows() == {"s1": ["3", "0", "0"], "s2": ["1", "1", "1"]}
    page = publishing.owner.client.get("/sync").page
    drawn = page.select("//tr[@data-store-id='s2']//*[local-name()='rect']")
    assert [(part.get("data-part"), part.get("x"), part.get("width")) for part in drawn] == [
        ("blocked", "0.0", "50.0"),
        ("hidden", "50.0", "50.0"),
    ]
    assert page.texts("//dd[@data-result='blocked']") == ["1"]
    # What is sold out is not ready, before a run has hidden it and after.
    publishing.publish()
    tea.put(products=[product("p1", "Улун молочный", price=350, quantity=0)])
    assert rows()["s1"] == ["1", "1", "0"]
    publishing.publish()
    assert rows()["s1"] == ["1", "1", "0"]


def test_before_there_is_a_plan_nothing_is_said_of_what_is_not_ready(alice: Owner, stock: Stock) -> None:
    stock.put(products=[product("p1")])
    page = alice.client.get("/sync").page
    assert page.texts("//tr[@data-store-id='s1']/td") == ["1", "0"]
    assert "не готовы" not in page.text


def test_what_vk_refuses_stops_the_strip_in_words(
    publishing: Publishing, tea: Stock, teahouse: Community
) -> None:
    publishing.publish()
    teahouse.market_on = False
    tea.put(products=[product("p1", "Улун молочный", price=360, article_number="A-1")])
    run = publishing.publish()
    # A page that was there before learns it from the part that it asks for.
    part = publishing.owner.client.get(f"/sync/publish/{run.id}", headers={"HX-Request": "true"})
    assert "Как включить" in part.text
    # The banner has the sentence, the reason and the button: what it says is not said again.
    for address in ("/sync", "/sync/listings", "/sync/plan", "/catalog"):
        page = publishing.owner.client.get(address).page
        (said,) = page.texts("//div[@id='alerts']/*")
        assert said.startswith("Публикация стоит: в сообществе выключен раздел «Товары». Включите его")
        assert strip(publishing.owner, address) == ""
        assert page.text.count("Включите его") == 1
        assert (
            len(page.select("//main//a[normalize-space()='Как включить' or contains(., 'Как включить')]"))
            == 1
        )


def test_a_pause_is_at_hand_on_every_page_and_stops_what_goes(
    publishing: Publishing, tea: Stock, app: Flask
) -> None:
    client = publishing.owner.client
    publishing.choose(auto=True)
    with app.app_context():
        run_id = publish(publishing.owner.id, publishing.community_id, publishing.plan()).id
    for address in ("/sync", "/sync/plan", "/sync/listings", "/sync/settings", "/catalog", "/sync/history"):
        assert "Публикуем" in strip(publishing.owner, address)
        (form,) = client.get(address).page.select("//*[@id='state-strip']//form")
        assert form.get("action") == "/sync/auto"
    answer = client.post("/sync/auto", data={"auto": "0", "next": "/catalog"})
    assert (answer.status_code, answer.location) == (303, "/catalog")
    publishing.run_jobs()
    assert publishing.run(run_id).status == "cancelled" and not publishing.items
    assert "изменения отправляете вы" in strip(publishing.owner)
    assert not client.get("/sync").page.select("//*[@id='state-strip']//form")


def test_one_good_first_is_offered_until_a_plan_was_approved(publishing: Publishing, tea: Stock) -> None:
    client = publishing.owner.client
    assert client.get("/sync").page.select("//form[@action='/sync/publish/first']")
    answer = client.post("/sync/publish/first")
    assert answer.status_code == 303
    publishing.run_jobs()
    assert len(publishing.items) == 1
    # Its page leads on to the others, until their plan was approved.
    to_the_others = "//section[@id='run']//a[@href='/sync/plan']"
    assert client.get(answer.location).page.texts(to_the_others) == ["План для остальных"]
    assert client.get("/sync").page.select("//form[@action='/sync/publish/first']")
    publishing.publish()
    assert not client.get("/sync").page.select("//form[@action='/sync/publish/first']")
    assert not client.get(answer.location).page.select(to_the_others)


def test_a_pause_keeps_changes_until_the_owner_publishes(
    publishing: Publishing, tea: Stock, bob: Owner
) -> None:
    client = publishing.owner.client
    client.post("/sync/auto", data={"auto": "1"})
    publishing.publish()
    page = client.get("/sync")
    assert "сама: после обновления каталога" in page.text
    client.post("/sync/auto", data={"auto": "0"})
    assert "когда вы нажмёте «Опубликовать»" in client.get("/sync").text
    client.post("/sync", data={"is_enabled": "0"})
    client.post("/sync/auto", data={"auto": "1"})
    assert "как только вы включите публикацию" in client.get("/sync").page.text
    assert bob.client.post("/sync/auto", data={"auto": "1"}).headers["Location"].endswith("/sync/settings")


def test_all_that_waits_is_counted_also_while_nothing_runs(publishing: Publishing, tea: Stock) -> None:
    def waiting() -> str:
        (count,) = publishing.owner.client.get("/sync").page.select("//dd[@data-count='waiting']")
        return count.text_content().strip()

    assert waiting() == "3"
    publishing.publish()
    assert waiting() == "0"
    tea.rule("product", "p1", "exclude")
    assert waiting() == "1"


def test_the_strip_and_the_overview_tell_one_number_of_goods_that_wait_also_at_rest(
    publishing: Publishing, tea: Stock, app: Flask
) -> None:
    client = publishing.owner.client
    publishing.publish()
    # Nobody has made a plan since, and none is made for a page of goods: the strip asks for it.
    (asks,) = client.get("/catalog").page.select("//*[@id='waiting']")
    assert (asks.get("hx-trigger").split(",")[0], asks.text_content()) == ("load", "")
    assert client.get("/sync/waiting").text.strip() == ", ждут 0"
    assert "в ВК 3, ждут 0 — План" in strip(publishing.owner, "/catalog")
    (known,) = client.get("/catalog").page.select("//*[@id='waiting']/@hx-trigger")
    assert not known.startswith("load")
    click = {"entity_type": "product", "entity_id": "p1", "store_id": "s1", "filter_mode": "exclude"}
    client.htmx_post("/catalog/filter", click)
    assert "ждут" not in strip(publishing.owner, "/catalog"), "it is another plan's"
    assert client.get("/sync/waiting").text.strip() == ", ждут 1"
    assert count(publishing.owner, "waiting") == "1"
    for address in ("/sync", "/catalog", "/sync/plan"):
        assert "в ВК 3, ждут 1" in strip(publishing.owner, address)
    # Amid a run both tell what it has left, whatever a plan would have by now.
    with app.app_context():
        run = publish(publishing.owner.id, publishing.community_id, publishing.plan())
        run.total, run.done = 9, 2
        db.session.commit()
    assert count(publishing.owner, "waiting") == "7"
    assert "ждут 7" in strip(publishing.owner) and "ждут 7" in strip(publishing.owner, "/catalog")
    assert client.get("/sync/waiting").text.strip() == ", ждут 7"


def test_whatever_a_plan_is_made_of_lets_the_strip_forget_its_number(
    publishing: Publishing, tea: Stock
) -> None:
    def known() -> bool:
        is_known = "ждут" in strip(publishing.owner, "/catalog")
        publishing.owner.client.get("/sync/waiting")
        assert "ждут" in strip(publishing.owner, "/catalog")
        return is_known

    assert not known()
    publishing.publish()
    assert not known()
    tea.put(products=[product("p1", "Улун молочный", price=360, article_number="A-1")])
    assert not known()
    publishing.choose(markup_percent=10)
    assert not known()
    publishing.read()
    assert not known()


def test_of_more_goods_than_a_community_holds_nobody_is_told_a_number(
    publishing: Publishing, tea: Stock, bob: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages_overview, "PLANNED_AT_MOST", 2)
    for owner in (publishing.owner, bob):
        answer = owner.client.get("/sync/waiting")
        assert (answer.status_code, answer.text) == (204, "")
    assert not strip(bob).endswith("ждут")
