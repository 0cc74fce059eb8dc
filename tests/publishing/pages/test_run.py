"""A run is watched, stopped, resumed, repeated and taken back on one page, by its owner alone."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, select, update

from app.data.db import db
from app.data.types import now
from app.publishing.run.models import Publication, PublicationItem
from app.publishing.run.requests import publish_by_itself
from sandbox.vk.world import VkWorld
from tests.owners import Owner
from tests.publishing.conftest import GOODS, Publishing
from tests.stock import Stock, product

HTMX = {"HX-Request": "true"}
DEARER = [*GOODS[1:], GOODS[0]._replace(price=Decimal(360))]


def start(publishing: Publishing) -> str:
    """Start a run from the plan's page, and give its address."""
    client = publishing.owner.client
    digest = client.get("/sync/plan").page.select("//input[@name='plan']/@value")[0]
    return client.post("/sync/publish", data={"plan": digest, "confirm": "1"}).headers["Location"]


def change(publishing: Publishing, address: str, **columns: object) -> None:
    """Put the run into a state that is rare."""
    with publishing.owner.app.app_context():
        run_id = int(address.rpartition("/")[2])
        db.session.execute(update(Publication).where(Publication.id == run_id).values(columns))
        db.session.commit()


def test_a_run_is_polled_until_it_ends_and_no_longer(publishing: Publishing, tea: Stock) -> None:
    address = start(publishing)
    client = publishing.owner.client
    assert client.get(address).page.select("//section[@id='run'][@hx-trigger]/@hx-get") == [address]
    publishing.run_jobs()
    done = client.get(address, headers=HTMX)
    assert not done.page.select("//*[@id='run'][@hx-trigger]")
    assert "в ВК 3" in done.text
    assert len(done.page.select("//ul[@data-outcome='done']/li")) == 3


def test_a_run_that_nobody_takes_up_says_so_after_a_while(publishing: Publishing, tea: Stock) -> None:
    address = start(publishing)
    assert "не запущен фоновый процесс" not in publishing.owner.client.get(address).text
    change(publishing, address, requested_at=now() - timedelta(seconds=25))
    assert "не запущен фоновый процесс" in publishing.owner.client.get(address).text


def test_a_run_is_stopped_before_it_sends(publishing: Publishing, tea: Stock) -> None:
    address = start(publishing)
    page = publishing.owner.client.post(f"{address}/cancel", headers=HTMX)
    assert "Публикация остановлена" in page.text
    publishing.run_jobs()
    assert not publishing.items


def test_a_paused_run_says_when_it_goes_on_in_the_owners_time(publishing: Publishing, tea: Stock) -> None:
    address = start(publishing)
    change(
        publishing,
        address,
        status="paused",
        error="На сегодня ВКонтакте больше не примет новых товаров",
        resume_at=now() + timedelta(days=1),
        total=1250,
        done=10,
    )
    words = publishing.owner.client.get(address).text.replace("\N{NO-BREAK SPACE}", " ")
    assert "Продолжим сами завтра в " in words
    assert "осталось 1 240" in words
    publishing.owner.client.post(f"{address}/resume")
    publishing.run_jobs()
    assert len(publishing.items) == 3


def test_a_run_is_taken_back(publishing: Publishing, tea: Stock) -> None:
    address = start(publishing)
    publishing.run_jobs()
    undone = publishing.owner.client.post(f"{address}/undo")
    publishing.run_jobs()
    assert all(item.hidden for item in publishing.items.values())
    assert not publishing.owner.client.get(address).page.select("//form[contains(@action, '/undo')]")
    assert undone.status_code == 303


@pytest.mark.databases("sqlite", "postgresql")
def test_however_many_ask_for_it_a_run_is_taken_back_once(publishing: Publishing, tea: Stock) -> None:
    address = start(publishing)
    publishing.run_jobs()
    owner, token = publishing.owner, publishing.owner.client.csrf_token()
    cookie = owner.client.get_cookie("session")
    assert cookie

    def click(_number: int) -> str:
        browser = owner.app.test_client()
        browser.set_cookie("session", cookie.value, domain="localhost")
        answer = browser.open(f"{address}/undo", method="POST", data={"csrf_token": token})
        return answer.headers["Location"]

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(click, range(8)))) == 1
    publishing.run_jobs()
    assert click(0) == click(1), "and none is begun after it"
    with owner.app.app_context():
        assert len(db.session.scalars(select(Publication)).all()) == 2


def test_taking_back_that_was_stopped_can_be_begun_anew_and_another_run_is_said(
    publishing: Publishing, tea: Stock
) -> None:
    address = start(publishing)
    publishing.run_jobs()
    client = publishing.owner.client
    undo = client.post(f"{address}/undo").headers["Location"]
    client.post(f"{undo}/cancel")
    tea.put(products=[*GOODS, product("p4", "Сенча", price=500)])
    other = start(publishing)
    assert client.post(f"{address}/undo").headers["Location"] == other
    assert "Сейчас идёт эта публикация" in client.get(other).page.text
    client.post(f"{other}/cancel")
    assert client.post(f"{address}/undo").headers["Location"] not in (address, undo, other)
    publishing.run_jobs()
    assert all(item.hidden for item in publishing.items.values())


def test_what_vk_refused_is_sent_again_but_nothing_that_was_not_seen(
    publishing: Publishing, tea: Stock, vk: VkWorld
) -> None:
    publishing.publish()
    with publishing.owner.app.app_context():
        run_id = db.session.scalar(db.select(Publication.id))
    for number in (1, 2, 3):
        tea.rule("product", f"p{number}", "exclude")
    answer = publishing.owner.client.post(f"/sync/publish/{run_id}/again")
    assert answer.headers["Location"].endswith("/sync/plan")
    publishing.run_jobs()
    assert not any(item.hidden for item in publishing.items.values())


def test_a_held_run_shows_why_and_waits_for_the_word(publishing: Publishing, tea: Stock) -> None:
    publishing.publish()
    client = publishing.owner.client
    tea.put(products=[product("p1", "Улун молочный", price=3500, quantity=12, article_number="A-1")])
    with publishing.owner.app.app_context():
        address = f"/sync/publish/{publish_by_itself(publishing.owner.id, publishing.community_id).id}"
    publishing.run_jobs()
    assert "Ждём вашего слова: ничего не отправлено" in client.get(address).text
    change(publishing, address, done=1)
    assert "Ждём вашего слова: остальное не отправлено" in client.get(address).text
    assert "Публикация ждёт вашего слова" in client.get("/sync").text
    client.post(f"{address}/confirm")
    publishing.run_jobs()
    assert publishing.items["A-1"].price == 350_000


def test_a_held_run_does_not_go_on_with_another_plan_than_it_told_of(
    publishing: Publishing, tea: Stock
) -> None:
    publishing.publish()
    tea.put(products=[product("p1", "Улун молочный", price=3500, quantity=12, article_number="A-1")])
    with publishing.owner.app.app_context():
        address = f"/sync/publish/{publish_by_itself(publishing.owner.id, publishing.community_id).id}"
    publishing.run_jobs()
    tea.put(products=[product("p1", "Улун молочный", price=9900, quantity=12, article_number="A-1")])
    answer = publishing.owner.client.post(f"{address}/confirm")
    assert answer.headers["Location"].endswith("/sync/plan")
    publishing.run_jobs()
    assert publishing.items["A-1"].price == 35_000


def test_a_word_given_in_an_old_tab_does_not_confirm_what_a_paused_run_waits_for_now(
    publishing: Publishing, tea: Stock
) -> None:
    address = start(publishing)
    change(publishing, address, status="paused", confirmed=[], resume_at=now() + timedelta(hours=1))
    publishing.owner.client.post(f"{address}/confirm")
    run = publishing.run(int(address.rpartition("/")[2]))
    assert (run.status, run.confirmed) == ("paused", [])


@pytest.mark.parametrize("origin", ["delete", "undo", "one"])
def test_publishing_the_plan_does_not_let_another_kind_of_run_go_on(
    publishing: Publishing, tea: Stock, origin: str
) -> None:
    address = start(publishing)
    change(publishing, address, status="paused", origin=origin, only=["s1", "p1"])
    client = publishing.owner.client
    digest = client.get("/sync/plan").page.select("//input[@name='plan']/@value")[0]
    answer = client.post("/sync/publish", data={"plan": digest, "confirm": "1"})
    assert answer.status_code == 422
    assert "Прежняя публикация ещё не закончена" in answer.page.text
    assert publishing.run(int(address.rpartition("/")[2])).status == "paused"


@pytest.mark.parametrize("status", ["held", "paused"])
def test_what_waits_for_the_former_community_gives_way_to_a_run_in_the_one_chosen_now(
    publishing: Publishing, tea: Stock, status: str
) -> None:
    former = start(publishing)
    elsewhere = {"community_id": publishing.community_id + 1, "resume_at": now() + timedelta(days=1)}
    change(publishing, former, status=status, approved_at=None, confirmed=[], **elsewhere)
    assert start(publishing) != former
    publishing.run_jobs()
    run = publishing.run(int(former.rpartition("/")[2]))
    assert (run.status, run.approved_at, run.confirmed) == ("cancelled", None, [])
    assert len(publishing.items) == len(GOODS)


@pytest.mark.parametrize("action", ["cancel", "confirm", "resume", "undo", "again"])
def test_another_owners_run_is_not_found(publishing: Publishing, tea: Stock, bob: Owner, action: str) -> None:
    address = start(publishing)
    assert bob.client.get(address).status_code == 404
    assert bob.client.post(f"{address}/{action}").status_code == 404


@pytest.mark.databases("sqlite", "postgresql")
def test_a_run_of_many_goods_is_read_page_by_page_the_refused_first_and_the_newest_before_the_older(
    publishing: Publishing, count_statements: Callable[..., Any], bob: Owner
) -> None:
    outcomes = ["done", "failed", "done", "done"] * 40
    with publishing.owner.app.app_context():
        place = {"user_id": publishing.owner.id, "community_id": publishing.community_id}
        run = Publication(**place, origin="hand", status="partial", done=120, failed=40, finished_at=now())
        db.session.add(run)
        db.session.flush()
        rows = [
            {
                "publication_id": run.id,
                "store_evotor_id": "s1",
                "evotor_id": f"p{number}",
                "name": f"Чай {number}",
            }
            | {"action": "create", "outcome": outcome, "before": {}, "after": {}}
            for number, outcome in enumerate(outcomes)
        ]
        db.session.execute(insert(PublicationItem), rows)
        db.session.commit()
        start = f"/sync/publish/{run.id}"
    seen: list[tuple[str, str]] = []
    counted: set[int] = set()
    address = start
    while address:
        with count_statements() as statements:
            page = publishing.owner.client.get(address).page
        counted.add(len(statements))
        told = page.select("//section[@id='run']//ul[@data-outcome]/li")
        assert len(told) <= 50
        seen += [(row.getparent().get("data-outcome"), row.get("data-evotor-id")) for row in told]
        assert page.select("//button[text()='Вернуть как было']")
        address = next(iter(page.select("//section[@id='run']//a[@rel='next']/@href")), "")
    newest = [(outcome, f"p{number}") for number, outcome in reversed([*enumerate(outcomes)])]
    assert seen == sorted(newest, key=lambda each: each[0] != "failed")
    # Whether refused, done or both: as many, however long the run is.
    assert max(counted) <= 8
    assert publishing.owner.client.get(f"{start}?after=x").status_code == 400
    assert bob.client.get(start).status_code == 404


def change_a_price_in_vain(publishing: Publishing, tea: Stock, vk: VkWorld) -> Publication:
    """A run whose only change VK refuses."""
    publishing.publish()
    tea.put(products=DEARER)
    vk.faults.add("error", method="market.edit", code=100, times=1)
    return publishing.publish()


def take_back_but_one(publishing: Publishing, vk: VkWorld) -> str:
    """Take a run back, of which VK refuses one good; give the address of that."""
    run = publishing.publish()
    vk.faults.add("error", method="market.edit", code=100, times=1)
    address = publishing.owner.client.post(f"/sync/publish/{run.id}/undo").headers["Location"]
    publishing.run_jobs()
    return address


def test_repeating_what_was_refused_sends_that_alone(publishing: Publishing, tea: Stock, vk: VkWorld) -> None:
    run = change_a_price_in_vain(publishing, tea, vk)
    assert run.failed == 1
    client = publishing.owner.client
    tea.rule("product", "p2", "exclude")
    assert client.post(f"/sync/publish/{run.id}/again").headers["Location"] == "/sync/plan"
    assert "Эти товары снова в плане" in client.get("/sync/plan").text
    publishing.run_jobs()
    assert not publishing.items["A-2"].hidden and publishing.items["A-1"].price == 35_000
    tea.rule("product", "p2", None)
    client.post(f"/sync/publish/{run.id}/again")
    publishing.run_jobs()
    assert publishing.items["A-1"].price == 36_000


def test_repeating_what_could_not_be_taken_back_takes_it_back(
    publishing: Publishing, tea: Stock, vk: VkWorld
) -> None:
    undo = take_back_but_one(publishing, vk)
    assert sum(item.hidden for item in publishing.items.values()) == 2
    assert publishing.owner.client.post(f"{undo}/again").headers["Location"] != undo
    publishing.run_jobs()
    assert all(item.hidden for item in publishing.items.values())


def test_repeating_what_could_not_be_taken_back_leaves_what_was_published_again_since(
    publishing: Publishing, tea: Stock, vk: VkWorld
) -> None:
    undo = take_back_but_one(publishing, vk)
    (refused,) = (item.id for item in publishing.items.values() if not item.hidden)
    publishing.publish()
    assert not any(item.hidden for item in publishing.items.values())
    publishing.owner.client.post(f"{undo}/again")
    publishing.run_jobs()
    assert [item.id for item in publishing.items.values() if item.hidden] == [refused]


def test_repeating_what_was_refused_approves_nothing_that_waits_for_its_day(
    app: Flask, publishing: Publishing, tea: Stock, vk: VkWorld
) -> None:
    run = change_a_price_in_vain(publishing, tea, vk)
    app.extensions["settings"] = replace(app.extensions["settings"], vk_daily_limit=3)
    tea.put(products=[*DEARER, product("p9", "Мёд липовый", price=500)])
    answer = publishing.owner.client.post(f"/sync/publish/{run.id}/again")
    assert answer.headers["Location"] == "/sync/plan"
