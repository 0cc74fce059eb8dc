"""Whatever the cloud does, no row is lost, the other stores go on, and nobody is told of a success."""

from typing import Any

import pytest

from app.connections.models import CloudAccount
from sandbox.faults import FAULTS
from tests.faults.matrix import EVOTOR, HARMLESS
from tests.mirror.refresh.conftest import MAIN, SIDE, Shop, said, state

FAILURES = list(EVOTOR)
FAMILIES = {
    "refusals": [fault for fault in FAILURES if fault.startswith("status_4")],
    "breakdowns": [fault for fault in FAILURES if fault.startswith("status_5")] + ["timeout", "truncated"],
    "nonsense": ["html_body", "invalid_json", "wrong_types", "items_not_list", "repeated_cursor", "redirect"],
    "others": ["connection_reset", "gigantic_body", "nested_body", "revoked_token"],
}
# A store for every place in which a list can fail.
PLACES: dict[str, dict[str, Any]] = {
    "no-groups": {"resource": "groups"},
    "no-first-page": {"resource": "products", "page": 1},
    "no-later-page": {"resource": "products", "page": 2},
}


@pytest.fixture
def wide_shop(shop: Shop) -> Shop:
    """The shop with a store more for each place that can fail."""
    for store_id in PLACES:
        store = shop.merchant.add_store({"id": store_id, "name": f"Лавка {store_id}"})
        store.groups.put({"id": "g0", "name": "Группа"})
        for number in range(5):
            shop.put(store, f"p{number}")
    return shop


def test_every_fault_of_the_cloud_is_tried() -> None:
    assert EVOTOR.keys() | HARMLESS == FAULTS.keys()
    assert sorted(FAILURES) == sorted(fault for family in FAMILIES.values() for fault in family)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_store_that_fails_keeps_its_rows_and_the_others_go_on(
    refresh, wide_shop, goods, owner, family: str
) -> None:
    shop = wide_shop
    refresh()
    for price, fault in enumerate(FAMILIES[family], start=1):
        before = {store_id: rows(goods(store_id)) for store_id in PLACES}
        for store_id, place in PLACES.items():
            # Swallowing the gigantic body takes its time: once will do.
            if fault != "gigantic_body" or store_id == "no-first-page":
                shop.world.faults.add(fault, store=store_id, merchant=shop.merchant.id, megabytes=66, **place)
            shop.merchant.stores[store_id].products.change("p0", {"price": price})
        shop.side.products.change("p0", {"price": price})
        run = refresh()
        struck = {each["store_id"]: each["error"] for each in run.stores if each["state"] == "failed"}
        shop.world.faults.clear()

        # From the moment of its revocation the whole account is closed: who else fails is a race.
        if fault != "revoked_token":
            assert run.status == "partial", fault
            assert struck.keys() == (PLACES.keys() if fault != "gigantic_body" else {"no-first-page"}), fault
            assert goods(SIDE)["p0"].price == price, fault
        assert run.status in ("partial", "failed"), fault
        words = said(owner)
        for store_id, error in struck.items():
            if store_id in before:
                assert rows(goods(store_id)) == before[store_id], fault
            assert EVOTOR[fault].said in error, fault
            assert run.status == "failed" or error in words, fault
        assert "Изменений нет" not in words, fault

    assert refresh().status == "done"
    assert all(goods(store_id)["p0"].price == len(FAMILIES[family]) for store_id in PLACES)
    assert "не удалось" not in said(owner)


def test_a_list_of_stores_that_fails_loses_nothing(refresh, shop, goods, owner) -> None:
    refresh()
    before = rows(goods(MAIN)), rows(goods(SIDE))
    for fault in FAILURES:
        if fault == "gigantic_body":
            continue
        shop.world.faults.add(fault, merchant=shop.merchant.id, resource="stores")
        run = refresh()
        shop.world.faults.clear()
        assert run.status == "failed", fault
        assert (rows(goods(MAIN)), rows(goods(SIDE))) == before, fault
        # Of a list of stores there is nothing that could be gone.
        expected = "Эвотор" if fault == "status_404" else EVOTOR[fault].said
        assert expected in (run.error or ""), fault
    assert state(owner) == "failed"
    words = said(owner)
    assert "Не удалось обновить каталог." in words and "Ничего не потеряно" in words


@pytest.mark.parametrize("fault", ["status_402", "status_500", "html_body"])
def test_when_every_store_fails_the_run_failed(refresh, shop, goods, owner, fault: str) -> None:
    refresh()
    shop.world.faults.add(fault, merchant=shop.merchant.id, resource="products")
    run = refresh()
    assert run.status == "failed" and EVOTOR[fault].said in (run.error or "")
    assert (len(goods(MAIN)), len(goods(SIDE))) == (5, 4)
    assert state(owner) == "failed"


def test_a_first_run_that_fails_says_that_it_can_be_started_again(refresh, shop, owner) -> None:
    shop.world.faults.add("status_500")
    assert refresh().status == "failed"
    page = owner.client.get("/catalog").page
    assert "загрузку можно начать снова" in page.text
    assert "Последнее обновление" not in page.text
    assert page.select("//*[@id='refresh']//form[@action='/catalog/refresh']")


def test_a_failure_that_passes_within_a_run_is_not_noticed(refresh, shop) -> None:
    for fault in ("status_429", "connection_reset", "timeout"):
        shop.world.faults.add(fault, store=MAIN, resource="products", page=2, times=1)
    assert refresh().status == "done"


@pytest.mark.parametrize("where", ["stores", "groups", "products"])
def test_a_token_that_is_revoked_makes_the_card_ask_for_a_new_one(
    refresh, shop, owner, db_session, where: str
) -> None:
    refresh()
    shop.world.faults.add("revoked_token", merchant=shop.merchant.id, resource=where)
    refresh()
    assert "Переподключите" in owner.client.get("/connections").page.text
    db_session.expire_all()
    (connection,) = db_session.query(CloudAccount).filter_by(user_id=owner.id)
    assert not connection.is_online


def test_one_unpaid_store_does_not_make_the_connection_bad(refresh, shop, owner) -> None:
    refresh()
    shop.world.faults.add("status_402", store=MAIN)
    assert refresh().status == "partial"
    assert "На связи" in owner.client.get("/connections").page.text


def test_beside_an_error_nothing_says_that_nothing_has_changed(refresh, shop, owner) -> None:
    refresh()
    shop.world.faults.add("status_402", store=MAIN)
    refresh()
    # Of the store that failed nobody knows.
    assert "В остальных магазинах изменений нет" in said(owner)
    shop.world.faults.add("status_500")
    refresh()
    for address in ("/catalog", "/catalog/changes", "/sync/history"):
        page = owner.client.get(address).page
        lines = page.texts("//section[@id='refresh'] | //div[@class='empty'] | //li[@data-status='failed']")
        assert lines and not [line for line in lines if "изменений нет" in line.lower()], address


def test_a_partial_run_counts_as_the_last_refresh_of_what_it_brought(refresh, shop, owner) -> None:
    shop.world.faults.add("status_402", store=MAIN)
    assert refresh().status == "partial"
    page = owner.client.get("/catalog").page
    assert "Последнее обновление: " in page.text
    assert page.texts("//tr[@data-entity='store']/th") == ["Склад"]


def rows(products: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [(p.id, p.evotor_id, p.name, p.price, p.digest, p.fetched_at) for p in products.values()]
