"""A run is about one connection: another token ends it, and what the old one heard judges nothing new."""

from threading import Thread

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.connections.models import OFFLINE, ONLINE, RECONNECT, CloudAccount
from app.connections.signals import merchant_changes
from app.data.db import db
from app.mirror.models import CachedStore, StagedProduct
from app.work.runs import running
from tests.mirror.refresh.conftest import MAIN, SIDE, TOKEN, said, state
from tests.owners import Owner
from tests.processes import wait_until

OTHER_TOKEN = "another-token-of-the-small-shop"


@pytest.fixture(autouse=True)
def without_heartbeat(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run learns of its end only when it wants to write."""
    monkeypatch.setattr(running, "BEAT_SECONDS", 60)


def connect(owner: Owner, token: str) -> None:
    assert owner.client.post("/connections/evotor", data={"token": token}).status_code == 303


def test_connecting_begins_a_refresh_whatever_there_was(owner: Owner, shop, refresh, runs, run_jobs) -> None:
    shop.world.faults.add("status_401", resource="stores")
    assert refresh().status == "failed"
    shop.world.faults.clear()
    connect(owner, TOKEN)
    assert state(owner) == "queued"
    run_jobs()
    assert [run.status for run in runs()] == ["failed", "done"]
    connect(owner, TOKEN)
    assert [run.status for run in runs()] == ["failed", "done", "queued"]


def test_a_new_token_ends_the_run_by_the_old_one_and_begins_anew(
    owner: Owner, shop, runs, run_jobs, goods, in_the_middle
) -> None:
    shop.merchant.tokens.add(OTHER_TOKEN)
    owner.client.post("/catalog/refresh")
    thread = in_the_middle(lambda: connect(owner, OTHER_TOKEN))
    run_jobs()
    thread.join()
    run_jobs()
    assert [run.status for run in runs()] == ["cancelled", "done"]
    assert len(goods(SIDE)) == 4


def test_disconnecting_ends_the_run_and_nothing_more_comes_in(
    owner: Owner, runs, run_jobs, goods, db_session: Session, in_the_middle
) -> None:
    owner.client.post("/catalog/refresh")
    thread = in_the_middle(owner.disconnect)
    run_jobs()
    thread.join()
    assert runs()[-1].status == "cancelled"
    assert goods(SIDE) == {}
    assert db_session.scalars(select(StagedProduct)).all() == []


def test_a_token_changed_behind_its_back_ends_the_run_too(
    owner: Owner, runs, run_jobs, goods, db_session: Session, in_the_middle
) -> None:
    def deliver() -> None:
        with owner.app.app_context():
            connection = db.session.scalars(select(CloudAccount)).one()
            connection.secret = {"token": OTHER_TOKEN}
            db.session.commit()

    owner.client.post("/catalog/refresh")
    thread = in_the_middle(deliver)
    run_jobs()
    thread.join()
    assert runs()[-1].status == "cancelled" and goods(SIDE) == {}


def test_the_old_token_does_not_judge_the_new_connection(
    owner: Owner, shop, runs, db_session: Session, run_jobs
) -> None:
    shop.merchant.tokens.add(OTHER_TOKEN)
    owner.client.post("/catalog/refresh")
    shop.world.faults.add("status_401", resource="products")
    shop.world.faults.add("slow", store=SIDE, resource="groups", seconds=60, times=1)

    def deliver() -> None:
        wait_until(lambda: len(shop.world.faults.active()) == 1)
        with owner.app.app_context():
            connection = db.session.scalars(select(CloudAccount)).one()
            connection.secret = {"token": OTHER_TOKEN}
            db.session.commit()
        shop.world.faults.clear()

    thread = Thread(target=deliver)
    thread.start()
    run_jobs()
    thread.join()
    assert db_session.scalars(select(CloudAccount)).one().status == ONLINE


def test_the_token_that_was_refused_does_judge_its_connection(
    owner: Owner, shop, refresh, db_session: Session
) -> None:
    shop.world.faults.add("status_401", resource="products")
    assert refresh().status == "failed"
    assert db_session.scalars(select(CloudAccount)).one().status == RECONNECT
    page = owner.client.get("/catalog").page
    (link,) = page.select("//*[@id='refresh']//a")
    assert (link.get("href"), link.text) == ("/connections/evotor", "Вставить новый токен")
    (field,) = owner.client.get("/connections/evotor").page.select("//input[@name='token']")
    assert field.get("autofocus") is not None


def test_the_end_of_a_refused_refresh_brings_the_banner_and_that_of_a_good_one_takes_it_away(
    owner: Owner, shop, run_jobs, refresh, db_session: Session
) -> None:
    shop.world.faults.add("status_401", resource="products")
    run = refresh()
    ended = owner.client.htmx_get(f"/catalog/refresh/{run.id}").page
    banner = "//hx-partial[@hx-target='#alerts']//*[@data-provider='evotor']"
    assert ended.select(banner)
    shop.world.faults.clear()
    run = refresh()
    ended = owner.client.htmx_get(f"/catalog/refresh/{run.id}").page
    assert ended.select("//hx-partial[@hx-target='#alerts']") and not ended.select(banner)


def test_what_mends_a_refused_refresh_is_told_by_what_is_wrong_now(
    owner: Owner, shop, refresh, db_session: Session
) -> None:
    shop.world.faults.add("status_401", resource="products")
    refresh()
    for status, links in ((OFFLINE, ["Проверить подключение"]), (ONLINE, [])):
        db_session.execute(update(CloudAccount).values(status=status))
        db_session.commit()
        page = owner.client.get("/catalog").page
        assert [link.text for link in page.select("//*[@id='refresh']//a")] == links


def test_what_is_our_fault_sends_nobody_to_the_connections(owner: Owner, make_app, runs) -> None:
    away = make_app(redis_url="redis://127.0.0.1:1/0").test_client()
    cookie = owner.client.get_cookie("session")
    assert cookie is not None
    away.set_cookie("session", cookie.value)
    page = away.htmx_post("/catalog/refresh").page
    assert page.select("//form[@action='/catalog/refresh']")
    assert not page.select("//*[@id='refresh']//a[@href='/connections']")


def test_a_catalogue_goes_as_a_whole_and_only_the_owners(
    owner: Owner, bob: Owner, refresh, goods, run_jobs, db_session: Session
) -> None:
    bob.connect_evotor(TOKEN)
    bob.client.post("/catalog/refresh")
    refresh()
    with owner.app.app_context():
        merchant_changes.send(user_id=owner.id)
        db.session.rollback()
    assert len(goods(MAIN)) == 5
    with owner.app.app_context():
        merchant_changes.send(user_id=owner.id)
        db.session.commit()
    assert goods(MAIN) == goods(SIDE) == {}
    left = db_session.scalars(select(CachedStore.user_id)).all()
    assert set(left) == {bob.id}


def test_a_refresh_that_finds_another_merchant_brings_that_one_in(
    owner: Owner, shop, refresh, worker, goods, runs
) -> None:
    refresh()
    shop.world.revoke(TOKEN)
    newcomer = shop.world.add_merchant(TOKEN, "Другая лавка")
    store = newcomer.add_store({"id": "20250101-OTHER", "name": "Другая"})
    shop.put(store, "other")
    owner.client.post("/catalog/refresh")
    wait_until(lambda: runs()[-1].status == "done" and goods("20250101-OTHER"))
    assert goods(MAIN) == goods(SIDE) == {}
    assert [run.status for run in runs()] == ["done", "cancelled", "done"]


def test_no_refresh_is_offered_without_a_connection(owner: Owner, refresh) -> None:
    refresh()
    owner.disconnect()
    for path in ("/catalog", f"/catalog/products?store_id={MAIN}", "/catalog/changes"):
        assert not owner.client.get(path).page.select("//form[@action='/catalog/refresh']"), path
    assert "Подключите Эвотор" not in said(owner)
