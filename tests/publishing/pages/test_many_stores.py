"""However many stores an owner has, no page holds all of them."""

import pytest
from sqlalchemy import insert
from sqlalchemy.orm import Session

from app.data.types import now
from app.mirror.models import CachedStore, CatalogRefresh, GroupSize
from app.mirror.refresh.progress import FETCHING, GUARDED, STORE_DONE, STORE_FAILED, WAITING
from app.publishing.settings.read import settings_of
from tests.owners import Owner
from tests.publishing.conftest import Publishing
from tests.stock import Stock

IDS = [f"s{number:03}" for number in range(120)]
STORE_ROWS = "//tr[@data-store-id]/@data-store-id"


@pytest.fixture
def chain(publishing: Publishing, db_session: Session) -> Owner:
    """Alice, with three times as many stores as a page holds, each of two goods."""
    owner = publishing.owner
    own = [{"user_id": owner.id, "evotor_id": id, "name": f"Точка {id}", "fetched_at": now()} for id in IDS]
    db_session.execute(insert(CachedStore), own)
    sizes = [{"user_id": owner.id, "store_evotor_id": id, "group_evotor_id": "", "products": 2} for id in IDS]
    db_session.execute(insert(GroupSize), sizes)
    return owner


def test_the_overview_counts_all_stores_and_lists_some_with_a_way_to_the_rest(chain: Owner) -> None:
    found, address = [], "/sync"
    for _ in range(3):
        page = chain.client.get(address).page
        assert page.texts("//dd[@data-result='published']") == ["240"]
        found.append(page.select(STORE_ROWS))
        address = (page.select("//nav[@class='pager']//a[@rel='next']/@href") or [""])[0]
    assert found == [IDS[:50], IDS[50:100], IDS[100:]] and not address
    assert chain.client.get("/sync?page=99").page.select(STORE_ROWS) == IDS[100:]
    assert chain.client.get("/sync?page=nothing").page.select(STORE_ROWS) == IDS[:50]


def test_the_page_that_switches_on_says_how_many_more_there_are(chain: Owner) -> None:
    chain.client.post("/sync", data={"is_enabled": "0"})
    page = chain.client.get("/sync/switch-on").page
    assert page.select(STORE_ROWS) == IDS[:50] and "И ещё 70 магазинов" in page.text
    assert "240 товаров" in page.text


def test_a_store_far_down_is_put_before_all_others_by_one_click(
    chain: Owner, publishing: Publishing, bob: Owner
) -> None:
    rows = "//ol[@class='store-order']/li/@data-store-id"
    page = chain.client.get("/sync/settings?stores=3").page
    assert page.select(rows) == IDS[100:]
    step = {"store_id": "s110", "move": "first", "stores": "3"}
    assert bob.client.post("/sync/settings/stores", data=step).status_code == 404
    moved = chain.client.post("/sync/settings/stores", data=step)
    assert moved.location == "/sync/settings?stores=3#store-order"
    assert chain.client.get("/sync/settings").page.select(rows) == ["s110", *IDS[:49]]
    fragment = chain.client.htmx_post("/sync/settings/stores", data={**step, "move": "down"}).page
    assert fragment.select(rows)[0] == "s099", "the part that was looked at"
    with chain.app.app_context():
        assert settings_of(chain.id).store_order[:2] == ("s000", "s110")


def test_a_refresh_tells_the_state_of_the_stores_that_need_attention(
    chain: Owner, db_session: Session
) -> None:
    states = dict.fromkeys(IDS, WAITING) | dict.fromkeys(IDS[:30], STORE_DONE)
    states |= {"s050": FETCHING, "s051": FETCHING, "s040": STORE_FAILED}
    stores = [
        {"store_id": id, "name": f"Точка {id}", "state": state, "error": "не отвечает" * (state == "failed")}
        for id, state in states.items()
    ]
    run = CatalogRefresh(user_id=chain.id, status="running", heartbeat_at=now(), stores=stores)
    db_session.add(run)
    db_session.flush()
    fragment = chain.client.htmx_get(f"/catalog/refresh/{run.id}").page
    shown = fragment.select("//ul[@class='store-states']/li/@data-state")
    assert shown[:3] == [STORE_FAILED, FETCHING, FETCHING] and len(shown) == 20
    assert "готово 30 из 120 магазинов" in fragment.text
    run.status, run.finished_at = "partial", now()
    run.stores = [dict(store, state=STORE_FAILED, error="не отвечает") for store in stores]
    db_session.flush()
    page = chain.client.get("/catalog").page
    assert len(page.select("//*[@id='refresh']//p[b]")) == 20 and "И ещё 100 магазинов" in page.text
    assert "и ещё 115 магазинов" in chain.client.get("/sync/history").page.text


def test_a_store_that_waits_for_an_answer_is_asked_about_however_many_failed(
    chain: Owner, db_session: Session
) -> None:
    states = dict.fromkeys(IDS[:95], STORE_FAILED) | dict.fromkeys(IDS[95:], GUARDED)
    stores = [
        {"store_id": id, "name": f"Точка {id}", "state": state, "error": "не оплачено", "would_remove": 40}
        for id, state in states.items()
    ]
    run = CatalogRefresh(user_id=chain.id, status="partial", finished_at=now(), stores=stores)
    db_session.add(run)
    db_session.flush()
    asked = f"//form[contains(@action, '/catalog/refresh/{run.id}/confirm')]"
    page = chain.client.get("/catalog").page
    assert len(page.select(asked)) == 20 and "И ещё 5 магазинов, где товаров намного меньше" in page.text
    assert len(page.select("//*[@id='refresh']//p[b[starts-with(., 'Не удалось')]]")) == 20
    assert "И ещё 75 магазинов: там тоже" in page.text


def test_few_stores_stand_on_one_page(publishing: Publishing, stock: Stock) -> None:
    stock.put("s1", "Чайная")
    stock.put("s2", "Склад")
    for address in ("/sync", "/sync/settings"):
        page = publishing.owner.client.get(address).page
        assert not page.select("//nav[@class='pager']") and "Первым" not in page.text
