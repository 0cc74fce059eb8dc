"""Goods that move between stores come once, and many small stores are together no small loss."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.mirror.models import CachedGroup
from app.mirror.refresh import answer, stores, turns
from app.mirror.refresh.requests import request_refresh
from app.work.queue import BIG_QUEUE_NAME, QUEUE_NAME
from app.work.runs.running import Running
from sandbox.world import Store
from tests.databases import on_both, on_sqlite
from tests.jobs import work_off
from tests.mirror.refresh.conftest import MAIN, SIDE, Shop, said
from tests.mirror.refresh.test_vanishing_goods import agree, confirm_forms, forms_about
from tests.owners import Owner

IN_OTHERS = "В том же ответе Эвотора в других магазинах"


@pytest.fixture
def stocked(shop: Shop) -> Shop:
    """The main store with forty goods, which come in three pages."""
    shop.manners(page_size=20)
    for number in range(40):
        shop.put(shop.main, f"m{number}")
    return shop


def move(shop: Shop, number: int, *, as_ids: str = "m{}") -> None:
    """Move so many goods of the main store to the other one."""
    for place in range(number):
        shop.main.products.remove(f"m{place}")
        shop.put(shop.side, as_ids.format(place), name=f"Товар m{place}")


@pytest.fixture(params=["last", pytest.param("first", marks=on_sqlite)])
def side_comes(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, shop: Shop) -> None:
    """The store that goods move to comes after the one that they leave, and before it."""
    monkeypatch.setattr(stores, "STORES_AT_ONCE", 1)
    if request.param == "first":
        shop.merchant.store_list.put(shop.merchant.store_list.remove(MAIN))


@pytest.mark.parametrize("as_ids", ["m{}", pytest.param("new-{}", marks=on_sqlite)])
@on_both
def test_goods_that_move_to_another_store_wait_with_those_that_are_gone(
    refresh, stocked, goods, owner, run_jobs, side_comes, as_ids: str
) -> None:
    refresh()
    move(stocked, 30, as_ids=as_ids)
    stocked.side.products.change("p1", {"price": 7})
    stocked.side.products.remove("p2")
    for removed, changed in ((1, 1), (0, 0)):
        run = refresh()
        assert (run.status, run.added, run.changed, run.removed) == ("partial", 0, changed, removed)
        assert len(goods(MAIN)) == 45 and goods(SIDE).keys() == {"p0", "p1", "p3"}
    assert goods(SIDE)["p1"].price == 7
    words = said(owner)
    assert "Удалить 30 товаров из каталога" in words
    assert f"{IN_OTHERS} 30 товаров, которых раньше не было" in words
    assert "«Склад»: 30 новых товаров, ждём вашего слова" in owner.client.get("/sync/history").page.text
    agree(owner, *confirm_forms(owner).popitem())
    run_jobs()
    assert (len(goods(MAIN)), len(goods(SIDE))) == (15, 33)
    assert IN_OTHERS not in said(owner)


@on_both
def test_goods_that_move_out_of_a_store_that_does_not_answer_wait_for_it(
    refresh, stocked, goods, owner, side_comes
) -> None:
    refresh()
    move(stocked, 30)
    stocked.put(stocked.side, "new")
    stocked.world.faults.add("status_500", store=MAIN, resource="products")
    for added in (1, 0):
        run = refresh()
        assert (run.status, run.added) == ("partial", added)
        assert len(goods(MAIN)) == 45 and goods(SIDE).keys() == {"p0", "p1", "p2", "p3", "new"}
    history = owner.client.get("/sync/history").page.text
    assert "«Склад»: 30 новых товаров, ждём другие магазины" in history
    assert "ждём вашего слова" not in history
    assert "Склад: ещё 30 товаров, которых раньше не было. Добавим, когда ответят магазины" in said(owner)
    stocked.world.faults.clear()
    refresh()
    assert (len(goods(MAIN)), len(goods(SIDE))) == (45, 5), "the owner is asked, and they wait for the answer"


@on_both
def test_goods_whose_store_never_answers_again_come_in_on_their_owners_word(
    refresh, stocked, goods, owner, run_jobs, side_comes
) -> None:
    refresh()
    move(stocked, 30)
    stocked.world.faults.add("status_402", store=MAIN)
    refresh()
    ((action, new),) = forms_about(owner, "new").items()
    assert new == "30"
    for wrong in ("29", "0", "x"):
        agree(owner, action, wrong, "new")
        run_jobs()
        assert len(goods(SIDE)) == 4
    stocked.put(stocked.side, "another")
    agree(owner, action, new, "new")
    run_jobs()
    assert (len(goods(SIDE)), len(goods(MAIN))) == (4 + 30 + 1, 45)
    assert not forms_about(owner, "new") and "ответят магазины" not in said(owner)


def test_more_goods_than_their_owner_was_shown_wait_on(refresh, stocked, goods, owner, run_jobs) -> None:
    refresh()
    move(stocked, 5)
    stocked.world.faults.add("status_402", store=MAIN)
    refresh()
    stocked.put(stocked.side, "m9")
    agree(owner, *forms_about(owner, "new").popitem(), "new")
    run_jobs()
    assert len(goods(SIDE)) == 4
    assert "Склад: ещё 6 товаров" in said(owner)


def test_goods_that_return_let_new_ones_in(refresh, stocked, goods) -> None:
    refresh()
    stocked.world.faults.add("emptied_store", store=MAIN)
    stocked.put(stocked.side, "new")
    refresh()
    assert "new" not in goods(SIDE)
    stocked.world.faults.clear()
    assert refresh().status == "done"
    assert "new" in goods(SIDE)


def test_they_wait_in_a_run_of_their_store_too(app, refresh, stocked, goods, owner, run_jobs, runs) -> None:
    refresh()
    stocked.world.faults.add("emptied_store", store=MAIN)
    refresh()
    stocked.put(stocked.side, "new")
    stocked.side.products.change("p1", {"price": 7})
    for store_id in (SIDE, MAIN):
        with app.app_context():
            request_refresh(owner.id, only_store=store_id)
        run_jobs()
        assert runs()[-1].status == "partial"
        assert "new" not in goods(SIDE) and goods(SIDE)["p1"].price == 7
        assert f"{IN_OTHERS} 1 товар, которого раньше не было" in said(owner)


def test_goods_of_a_store_that_is_not_listed_are_not_taken_for_new_in_another(
    refresh, stocked, goods, owner, run_jobs
) -> None:
    refresh()
    move(stocked, 40)
    stocked.merchant.remove_store(MAIN)
    assert refresh().status == "partial"
    assert (len(goods(MAIN)), len(goods(SIDE))) == (45, 4)
    agree(owner, *confirm_forms(owner).popitem())
    run_jobs()
    assert (len(goods(MAIN)), len(goods(SIDE))) == (0, 44)


@pytest.fixture
def kiosks(shop: Shop) -> list[Store]:
    """Four more stores of twelve goods each, which come in one page."""
    shop.manners(page_size=20)
    found = []
    for number in range(4):
        found.append(shop.merchant.add_store({"id": f"kiosk-{number}", "name": f"Ларёк {number}"}))
        for place in range(12):
            shop.put(found[-1], f"k{place}")
    return found


def empty(kiosks: list[Store]) -> None:
    for kiosk in kiosks:
        for place in range(12):
            kiosk.products.remove(f"k{place}")


def left(kiosks: list[Store], goods: Callable[[str], dict[str, Any]]) -> list[int]:
    return [len(goods(kiosk.id)) for kiosk in kiosks]


@pytest.mark.parametrize("unlisted", [0, 2])
def test_many_small_stores_that_come_empty_at_once_wait(
    refresh, shop, kiosks, goods, owner, run_jobs, unlisted: int
) -> None:
    refresh()
    empty(kiosks)
    for kiosk in kiosks[:unlisted]:
        shop.merchant.remove_store(kiosk.id)
    # Another store loses no more than it may.
    shop.main.products.remove("p0")
    for removed in (1, 0):
        run = refresh()
        assert (run.status, run.removed) == ("partial", removed)
        assert left(kiosks, goods) == [12] * 4
    forms = confirm_forms(owner)
    assert list(forms.values()) == ["12"] * 4
    agree(owner, *next(form for form in forms.items() if "kiosk-2" in form[0]))
    run_jobs()
    assert left(kiosks, goods) == [12, 12, 0, 12]
    while forms := confirm_forms(owner):
        agree(owner, *forms.popitem())
        run_jobs()
    assert left(kiosks, goods) == [0] * 4


def test_many_small_stores_without_groups_at_once_wait(refresh, shop, kiosks, goods, owner, run_jobs) -> None:
    for kiosk in kiosks:
        kiosk.groups.put({"id": "g", "name": "Под прилавком"})
        for place in range(12):
            kiosk.products.change(f"k{place}", {"parent_id": "g"})
    refresh()
    shop.world.faults.add("no_parents")
    assert refresh().status == "partial"

    def grouped() -> list[int]:
        here = [goods(kiosk.id).values() for kiosk in kiosks]
        return [sum(good.group_evotor_id == "g" for good in found) for found in here]

    assert grouped() == [12] * 4
    action = next(action for action in confirm_forms(owner) if "kiosk-1" in action)
    assert owner.client.post(action, data={"products": "0", "moves": "12"}).status_code == 303
    run_jobs()
    assert grouped() == [12, 0, 12, 12]


def test_small_stores_that_come_empty_count_with_others_that_come_without_groups(
    refresh, shop, kiosks, goods, owner
) -> None:
    for number in range(20):
        shop.put(shop.main, f"m{number}", parent_id="g0")
    for kiosk in kiosks:
        kiosk.groups.put({"id": "g", "name": "Под прилавком"})
        for place in range(12):
            kiosk.products.change(f"k{place}", {"parent_id": "g"})
    refresh()
    empty(kiosks[:2])
    for kiosk in kiosks[2:]:
        shop.world.faults.add("no_parents", store=kiosk.id)
    for _ in range(2):
        assert refresh().status == "partial"
        assert left(kiosks, goods) == [12] * 4
    assert said(owner).count("у 12 товаров Эвотор прислал другую группу или ни одной") == 2


def put_within(kiosk: Store) -> None:
    """Put its goods into a group within another one."""
    kiosk.groups.put({"id": "hidden", "name": "Скрытое"})
    kiosk.groups.put({"id": "g", "name": "Внутри", "parent_id": "hidden"})
    for place in range(12):
        kiosk.products.change(f"k{place}", {"parent_id": "g"})


@pytest.mark.parametrize("lie", ["no_parents", pytest.param("other_parents", marks=on_sqlite)])
@on_both
def test_many_small_stores_whose_groups_lie_elsewhere_at_once_wait(
    refresh, shop, kiosks, goods, owner, run_jobs, db_session, lie: str
) -> None:
    for kiosk in kiosks:
        put_within(kiosk)
    refresh()

    def within() -> list[str]:
        db_session.expire_all()
        here = select(CachedGroup.store_evotor_id).filter_by(user_id=owner.id, parent_evotor_id="hidden")
        return sorted(db_session.scalars(here))

    shop.world.faults.add(lie, resource="groups")
    for price in (7, 8):
        kiosks[0].products.change("k0", {"price": price})
        assert (refresh().status, goods("kiosk-0")["k0"].price) == ("partial", price)
        assert within() == [kiosk.id for kiosk in kiosks]
    assert "Ларёк 3: у 12 товаров Эвотор прислал другую группу или ни одной" in said(owner)
    action = next(action for action in confirm_forms(owner) if "kiosk-1" in action)
    assert owner.client.post(action, data={"products": "0", "moves": "12"}).status_code == 303
    run_jobs()
    assert within() == ["kiosk-0", "kiosk-2", "kiosk-3"]


@pytest.mark.parametrize("grouped", ["goods", "groups"])
def test_what_has_no_groups_outweighs_none_that_lose_theirs(
    refresh, shop, kiosks, goods, owner, grouped: str
) -> None:
    for kiosk in kiosks:
        put_within(kiosk)
        for place in range(15):
            shop.put(kiosk, f"open{place}")
    for number in range(5):
        shop.main.products.change(f"p{number}", {"parent_id": None})
    refresh()
    for kiosk in kiosks:
        if grouped == "groups":
            kiosk.groups.change("g", {"parent_id": None})
        for place in range(12 if grouped == "goods" else 0):
            kiosk.products.change(f"k{place}", {"parent_id": None})
    assert refresh().status == "partial"
    assert said(owner).count("у 12 товаров Эвотор прислал другую группу или ни одной") == 4


def test_up_to_half_of_all_goods_may_go_in_small_stores(refresh, kiosks, goods) -> None:
    refresh()
    empty(kiosks[:2])
    assert refresh().status == "done"
    assert left(kiosks, goods) == [0, 0, 12, 12]


def test_where_no_store_can_wait_for_all_others_it_waits_for_the_owners_word(
    refresh, shop, kiosks, goods, owner, run_jobs, monkeypatch
) -> None:
    refresh()
    monkeypatch.setattr(answer, "_MOST_BYTES", 0)
    empty(kiosks)
    shop.main.products.remove("p0")
    assert refresh().status == "partial"
    assert left(kiosks, goods) == [12] * 4 and "p0" not in goods(MAIN)
    agree(owner, *next(form for form in confirm_forms(owner).items() if "kiosk-2" in form[0]))
    run_jobs()
    assert left(kiosks, goods) == [12, 12, 0, 12]


def test_among_the_slow_each_turn_applies_what_it_has(
    app, owner: Owner, refresh, stocked, goods, runs, monkeypatch
) -> None:
    refresh()
    for store in (stocked.main, stocked.side):
        stocked.put(store, "new")
    monkeypatch.setattr(Running, "keeps_others_waiting", lambda running, onto=None: True)
    monkeypatch.setattr(turns, "LONG_RUN", timedelta(seconds=-1))
    monkeypatch.setattr(turns, "BIG_SHARE", timedelta())
    monkeypatch.setattr(turns.Turn, "patience", lambda turn, usual: usual)
    monkeypatch.setattr(stores, "STORES_AT_ONCE", 1)
    owner.client.post("/catalog/refresh")
    work_off(app, [QUEUE_NAME])
    for new in (1, 2):
        work_off(app, [BIG_QUEUE_NAME], most=1)
        assert ("new" in goods(MAIN)) + ("new" in goods(SIDE)) == new
    assert (runs()[-1].status, runs()[-1].added) == ("done", 2)
