"""What Evotor's deliveries bring store by store is judged as if it came at once."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import update

from app.data.types import now
from app.mirror.models import CatalogRefresh
from app.mirror.refresh.lately import LATELY
from app.mirror.refresh.requests import request_refresh
from sandbox.world import Store
from tests.databases import on_both, on_sqlite
from tests.mirror.refresh.conftest import MAIN, SIDE, Shop, said
from tests.mirror.refresh.test_vanishing_goods import agree, confirm_forms
from tests.owners import Owner

Runs = Callable[[], list[CatalogRefresh]]


@pytest.fixture
def deliver(
    app: Flask, owner: Owner, run_jobs, runs: Runs, no_waiting: None
) -> Callable[[str], CatalogRefresh]:
    """Refresh one store, as a delivery has it refreshed; give the run."""

    def run(store_id: str) -> CatalogRefresh:
        with app.app_context():
            request_refresh(owner.id, only_store=store_id)
        run_jobs()
        return runs()[-1]

    return run


@pytest.fixture
def kiosks(shop: Shop) -> list[Store]:
    """Six more stores of twelve goods in a group each."""
    shop.manners(page_size=20)
    found = []
    for number in range(6):
        kiosk = shop.merchant.add_store({"id": f"kiosk-{number}", "name": f"Ларёк {number}"})
        kiosk.groups.put({"id": "g", "name": "Под прилавком"})
        for place in range(12):
            shop.put(kiosk, f"k{number}-{place}", parent_id="g")
        found.append(kiosk)
    return found


@on_both
def test_what_a_delivery_has_of_every_day_comes_at_once_and_from_its_store_alone(
    refresh, deliver, shop, kiosks, goods
) -> None:
    refresh()
    kiosks[0].products.remove("k0-0")
    kiosks[0].products.change("k0-1", {"price": 7, "parent_id": None})
    shop.put(kiosks[0], "new")
    shop.put(kiosks[1], "new in another")
    run = deliver("kiosk-0")
    assert (run.only_store, run.status) == ("kiosk-0", "done")
    assert (run.added, run.changed, run.removed) == (1, 1, 1)


@pytest.mark.parametrize("fault", ["emptied_store", pytest.param("no_parents", marks=on_sqlite)])
@on_both
def test_stores_that_come_empty_or_without_groups_one_after_another_wait_from_the_first_on(
    refresh, deliver, shop, kiosks, goods, owner, fault: str
) -> None:
    refresh()
    for kiosk in kiosks:
        shop.world.faults.add(fault, store=kiosk.id)
    for kiosk in kiosks[:3]:
        run = deliver(kiosk.id)
        assert (run.status, run.removed, run.changed) == ("partial", 0, 0)
    # What all stores have said once need not be asked of them with each delivery.
    assert run.only_store == "kiosk-2"
    for kiosk in kiosks:
        assert [good.group_evotor_id for good in goods(kiosk.id).values()] == ["g"] * 12
    assert said(owner).count("Ларёк") >= 6


def test_a_small_store_that_is_emptied_alone_is_emptied_at_once(refresh, deliver, kiosks, goods) -> None:
    refresh()
    for place in range(12):
        kiosks[0].products.remove(f"k0-{place}")
    run = deliver("kiosk-0")
    assert (run.only_store, run.status, run.removed) == (None, "done", 12)
    assert goods("kiosk-0") == {}


@on_both
def test_goods_that_move_to_a_store_that_is_refreshed_alone_leave_the_other_one(
    refresh, deliver, shop, kiosks, goods
) -> None:
    refresh()
    shop.main.products.remove("p4")
    shop.put(shop.side, "p4")
    run = deliver(SIDE)
    assert (run.status, run.added, run.removed) == ("done", 1, 1)
    assert "p4" in goods(SIDE) and "p4" not in goods(MAIN)


def test_they_wait_while_the_other_store_does_not_answer(refresh, deliver, shop, goods) -> None:
    refresh()
    shop.main.products.remove("p4")
    shop.put(shop.side, "p4")
    shop.world.faults.add("status_500", store=MAIN, resource="products")
    for only_store in (None, SIDE):
        run = deliver(SIDE)
        assert (run.only_store, run.status, run.added) == (only_store, "partial", 0)
        assert "p4" in goods(MAIN) and "p4" not in goods(SIDE)


def test_goods_that_come_in_bulk_by_new_ids_are_judged_with_all_stores(
    refresh, deliver, shop, goods, owner
) -> None:
    shop.manners(page_size=20)
    for number in range(40):
        shop.put(shop.main, f"m{number}")
    refresh()
    for number in range(30):
        shop.main.products.remove(f"m{number}")
        shop.put(shop.side, f"other-{number}", name=f"Товар m{number}")
    run = deliver(SIDE)
    assert (run.only_store, run.status, run.added, run.removed) == (None, "partial", 0, 0)
    assert "Удалить 30 товаров из каталога" in said(owner)
    assert deliver(SIDE).only_store == SIDE
    assert (len(goods(MAIN)), len(goods(SIDE))) == (45, 4)


def test_a_run_that_goes_on_with_all_stores_brings_in_new_ones_too(
    refresh, deliver, shop, kiosks, goods
) -> None:
    refresh()
    shop.put(shop.merchant.add_store({"id": "late", "name": "Новый"}), "n1")
    for place in range(12):
        kiosks[0].products.remove(f"k0-{place}")
    deliver("kiosk-0")
    assert goods("late").keys() == {"n1"}


def test_new_goods_come_in_though_another_store_is_not_listed_any_more(
    refresh, deliver, shop, kiosks, goods
) -> None:
    refresh()
    shop.merchant.remove_store(SIDE)
    shop.put(kiosks[0], "new")
    run = deliver("kiosk-0")
    assert (run.status, run.added, run.removed) == ("done", 1, 4)


@pytest.fixture
def sixty(shop: Shop, refresh) -> Shop:
    """The main store with sixty goods in one group, which have been refreshed, three pages of them."""
    shop.manners(page_size=20)
    for number in range(60):
        shop.put(shop.main, f"p{number}", parent_id="g0")
    refresh()
    return shop


def sell_out(shop: Shop, first: int, last: int) -> None:
    for number in range(first, last):
        shop.main.products.remove(f"p{number}")


@on_both
def test_goods_that_go_little_by_little_are_as_many_as_at_once(
    sixty, deliver, refresh, goods, owner, run_jobs
) -> None:
    sell_out(sixty, 0, 20)
    assert deliver(MAIN).removed == 20
    sell_out(sixty, 20, 40)
    assert (deliver(MAIN).removed, refresh().removed, len(goods(MAIN))) == (0, 0, 40)
    agree(owner, *confirm_forms(owner).popitem())
    run_jobs()
    assert len(goods(MAIN)) == 20
    # The owner has seen them all go: what goes next is counted anew.
    sell_out(sixty, 40, 45)
    assert deliver(MAIN).status == "done"


def test_what_went_a_day_ago_does_not_count(sixty, deliver, db_session) -> None:
    sell_out(sixty, 0, 20)
    deliver(MAIN)
    db_session.execute(update(CatalogRefresh).values(requested_at=now() - LATELY))
    db_session.commit()
    sell_out(sixty, 20, 40)
    assert deliver(MAIN).removed == 20


@pytest.mark.parametrize("then", ["moves", "goes"])
def test_goods_that_move_little_by_little_are_as_many_as_at_once(sixty, deliver, goods, then: str) -> None:
    for number in range(25):
        sixty.main.products.change(f"p{number}", {"parent_id": "g1"})
    assert deliver(MAIN).status == "done"
    if then == "goes":
        sell_out(sixty, 25, 50)
    for number in range(25, 50 if then == "moves" else 25):
        sixty.main.products.change(f"p{number}", {"parent_id": "g1"})
    assert deliver(MAIN).status == "partial"
    assert [goods(MAIN)[f"p{number}"].group_evotor_id for number in range(25, 50)] == ["g0"] * 25


def test_small_stores_that_are_emptied_one_after_another_are_as_many_as_at_once(
    refresh, deliver, kiosks, goods
) -> None:
    refresh()
    for number, kiosk in enumerate(kiosks):
        for place in range(12):
            kiosk.products.remove(f"k{number}-{place}")
        deliver(kiosk.id)
    # Three are less than half of all goods.
    assert [len(goods(kiosk.id)) for kiosk in kiosks] == [0] * 3 + [12] * 3
