"""Goods that vanish in bulk wait for the owner's word; stores that are closed go."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.data.db import db
from app.mirror.models import CachedGroup
from tests.databases import listening, on_both
from tests.mirror.refresh.conftest import MAIN, SIDE, Shop, said, state
from tests.owners import Owner


@pytest.fixture
def stocked(shop: Shop) -> Shop:
    """The main store with forty goods, which come in two pages."""
    shop.manners(page_size=20)
    for number in range(40):
        shop.put(shop.main, f"p{number}")
    return shop


def confirm_forms(owner: Owner) -> dict[str, str]:
    """The forms that let goods go: how many each names, by its address."""
    return forms_about(owner, "products")


def forms_about(owner: Owner, what: str) -> dict[str, str]:
    """The forms of a kind that wait for the owner's word: how many goods each names, by its address."""
    fields = owner.client.get("/catalog").page.select(
        f"//form[contains(@action, '/confirm')]/input[@name='{what}']"
    )
    return {field.getparent().get("action"): field.get("value") for field in fields}


def agree(owner: Owner, action: str, products: str, what: str = "products") -> None:
    assert owner.client.post(action, data={what: products}).status_code == 303


def sell_out(shop: Shop, count: int) -> None:
    for number in range(count):
        shop.main.products.remove(f"p{number}")


def test_a_word_that_comes_while_the_catalogue_is_refreshed_is_answered(
    refresh, stocked, goods, owner, run_jobs
) -> None:
    refresh()
    sell_out(stocked, 30)
    refresh()
    ((action, products),) = confirm_forms(owner).items()
    owner.client.post("/catalog/refresh")
    agree(owner, action, products)
    assert "Каталог уже обновляется, поэтому ничего не удалено" in owner.client.get("/catalog").text
    run_jobs()
    ((action, products),) = confirm_forms(owner).items()
    for _ in range(2):
        agree(owner, action, products)
        assert "ничего не удалено" not in owner.client.get("/catalog").text
    run_jobs()
    assert len(goods(MAIN)) == 10


def test_up_to_half_of_a_store_may_go_unasked(refresh, stocked, goods) -> None:
    refresh()
    sell_out(stocked, 20)
    run = refresh()
    assert (run.status, run.removed) == ("done", 20)
    assert len(goods(MAIN)) == 20


def test_more_than_half_of_a_store_waits_for_the_owners_word(refresh, stocked, goods, owner) -> None:
    refresh()
    sell_out(stocked, 21)
    stocked.put(stocked.main, "new")
    stocked.main.products.change("p30", {"price": 7})
    run = refresh()
    assert (run.status, run.added, run.changed, run.removed) == ("partial", 0, 1, 0)
    assert len(goods(MAIN)) == 40 and goods(MAIN)["p30"].price == 7
    words = said(owner)
    assert "Обновлено не всё: ждём вашего ответа ниже." in words
    assert "Чайная: Эвотор прислал намного меньше товаров, чем было" in words
    assert "Мы ничего не удалили" in words and "Удалить 21 товар из каталога" in words
    assert "В том же ответе 1 товар, которого раньше не было: добавим, когда вы подтвердите" in words
    assert "Изменений нет" not in words


def test_the_owners_word_lets_them_go(refresh, stocked, goods, owner, run_jobs, runs) -> None:
    refresh()
    sell_out(stocked, 30)
    refresh()
    ((action, products),) = confirm_forms(owner).items()
    assert products == "30"
    agree(owner, action, products)
    run_jobs()
    run = runs()[-1]
    assert (run.status, run.removed) == ("done", 30)
    assert len(goods(MAIN)) == 10
    assert not confirm_forms(owner)


def test_the_same_goods_by_other_ids_wait_with_those_that_are_gone(
    refresh, stocked, goods, owner, run_jobs
) -> None:
    refresh()
    fault = stocked.world.faults.add("other_ids", store=MAIN)
    known = set(goods(MAIN))
    for _ in range(2):
        run = refresh()
        assert (run.status, run.added, run.removed) == ("partial", 0, 0)
        assert goods(MAIN).keys() == known
    assert "В том же ответе 40 товаров, которых раньше не было" in said(owner)
    stocked.world.faults.clear(fault.id)
    run = refresh()
    assert (run.status, run.added, run.changed, run.removed) == ("done", 0, 0, 0)
    stocked.world.faults.add("other_ids", store=MAIN)
    refresh()
    agree(owner, *confirm_forms(owner).popitem())
    run_jobs()
    assert goods(MAIN).keys() == {f"N{evotor_id}" for evotor_id in known}
    assert refresh().status == "done"


def test_new_stores_wait_while_a_store_or_its_goods_are_gone(
    refresh, stocked, goods, owner, run_jobs, runs
) -> None:
    refresh()
    stocked.merchant.remove_store(MAIN)
    again = stocked.merchant.add_store({"id": MAIN.lower(), "name": "Чайная"})
    for number in range(40):
        stocked.put(again, f"p{number}")
    kiosk = stocked.merchant.add_store({"id": "kiosk", "name": "Ларёк"})
    stocked.put(kiosk, "p1")
    assert refresh().status == "partial"
    assert (len(goods(MAIN)), goods(MAIN.lower()), goods("kiosk")) == (40, {}, {})
    assert "В том же ответе Эвотора 2 новых магазина" in said(owner)
    assert "новый магазин «Ларёк» ждёт вашего слова" in owner.client.get("/sync/history").page.text
    agree(owner, *confirm_forms(owner).popitem())
    run_jobs()
    assert (runs()[-1].status, goods(MAIN)) == ("done", {})
    assert (len(goods(MAIN.lower())), len(goods("kiosk"))) == (40, 1)

    stocked.world.faults.add("emptied_store", store=MAIN.lower())
    stocked.merchant.add_store({"id": "stall", "name": "Лоток"})
    refresh()
    assert [store["state"] for store in runs()[-1].stores if store["store_id"] == "stall"] == ["put_off"]
    stocked.world.faults.clear()
    assert refresh().status == "done"
    assert "Лоток" in owner.client.get("/catalog").page.texts("//tr[@data-entity='store']/th")


def test_the_word_is_given_for_one_store_only(refresh, stocked, goods, owner, run_jobs, runs) -> None:
    for number in range(40):
        stocked.put(stocked.side, f"p{number}")
    refresh()
    stocked.world.faults.add("emptied_store", merchant=stocked.merchant.id)
    refresh()
    forms = confirm_forms(owner)
    assert len(forms) == 2
    agree(owner, *next(form for form in forms.items() if SIDE in form[0]))
    run_jobs()
    assert (len(goods(MAIN)), len(goods(SIDE))) == (40, 0)
    assert runs()[-1].status == "partial"
    (left,) = confirm_forms(owner)
    assert MAIN in left


def test_goods_that_return_need_no_word(refresh, stocked, goods, owner) -> None:
    refresh()
    stocked.world.faults.add("emptied_store", store=MAIN)
    assert refresh().status == "partial"
    stocked.world.faults.clear()
    assert refresh().status == "done"
    assert len(goods(MAIN)) == 40 and not confirm_forms(owner)


def test_a_list_that_breaks_off_does_not_empty_a_store(refresh, stocked, goods) -> None:
    stocked.manners(page_size=3)
    refresh()
    stocked.world.faults.add("missing_paging", store=MAIN, resource="products", page=1)
    assert refresh().status == "partial"
    assert len(goods(MAIN)) == 40


def test_a_small_store_may_empty_itself(refresh, shop, goods) -> None:
    refresh()
    shop.world.faults.add("emptied_store", store=MAIN)
    assert refresh().status == "done"
    assert goods(MAIN) == {}


def test_nothing_can_be_confirmed_that_was_not_withheld(refresh, stocked, owner, goods, run_jobs) -> None:
    run = refresh()
    for store_id in (MAIN, "", "no-such-store"):
        answer = owner.client.post(f"/catalog/refresh/{run.id}/confirm", data={"store_id": store_id})
        assert answer.status_code == 404
    run_jobs()
    assert len(goods(MAIN)) == 40


def test_a_store_that_is_closed_goes_with_its_goods_and_leaves_its_rules(
    refresh, shop, goods, owner, db_session
) -> None:
    refresh()
    rule = {"entity_type": "store", "entity_id": SIDE, "store_id": SIDE, "filter_mode": "exclude"}
    owner.client.post("/catalog/filter", data=rule)
    shop.merchant.remove_store(SIDE)
    run = refresh()
    assert (run.status, run.removed) == ("done", 4)
    assert goods(SIDE) == {} and len(goods(MAIN)) == 5
    assert owner.client.get("/catalog").page.texts("//tr[@data-entity='store']/th") == ["Чайная"]
    assert owner.client.get("/catalog/groups", query_string={"store_id": SIDE}).status_code == 404

    shop.merchant.add_store({"id": SIDE, "name": "Склад"})
    refresh()
    rows = owner.client.get("/catalog").page.texts(f"//tr[@data-evotor-id='{SIDE}']")
    assert "Исключено" in rows[0]


def test_a_big_store_that_is_closed_waits_for_the_owners_word(
    refresh, stocked, goods, owner, run_jobs
) -> None:
    refresh()
    stocked.merchant.remove_store(MAIN)
    assert refresh().status == "partial"
    assert len(goods(MAIN)) == 40
    agree(owner, *confirm_forms(owner).popitem())
    run_jobs()
    assert goods(MAIN) == {}
    assert owner.client.get("/catalog").page.texts("//tr[@data-entity='store']/th") == ["Склад"]


def test_an_empty_list_of_stores_deletes_nothing_however_little_there_is(refresh, shop, goods, owner) -> None:
    refresh()
    shop.world.faults.add("no_stores")
    run = refresh()
    assert (run.status, run.removed) == ("partial", 0)
    assert (len(goods(MAIN)), len(goods(SIDE))) == (5, 4)
    assert len(confirm_forms(owner)) == 2
    assert owner.client.get("/catalog").page.texts("//tr[@data-entity='store']/th") != []


def test_a_list_that_lacks_more_than_half_of_the_stores_deletes_none_however_small(
    refresh, shop, goods, owner, run_jobs
) -> None:
    shop.put(shop.merchant.add_store({"id": "kiosk", "name": "Ларёк"}), "p1")
    refresh()
    shop.merchant.remove_store(SIDE)
    shop.merchant.remove_store("kiosk")
    assert refresh().status == "partial"
    assert (len(goods(SIDE)), len(goods("kiosk"))) == (4, 1)
    assert refresh().status == "partial"
    while forms := confirm_forms(owner):
        agree(owner, *forms.popitem())
        run_jobs()
    assert goods(SIDE) == goods("kiosk") == {}
    assert owner.client.get("/catalog").page.texts("//tr[@data-entity='store']/th") == ["Чайная"]


def test_an_account_without_stores_is_an_honest_empty_page(refresh, shop, owner) -> None:
    shop.world.faults.add("no_stores")
    assert refresh().status == "done"
    assert state(owner) == "done"
    assert "Установите приложение хотя бы на один терминал" in owner.client.get("/catalog").page.text


def test_the_word_is_for_as_many_goods_as_were_shown(refresh, stocked, goods, owner, run_jobs, runs) -> None:
    refresh()
    sell_out(stocked, 30)
    refresh()
    ((action, products),) = confirm_forms(owner).items()
    for number in range(30, 39):
        stocked.main.products.remove(f"p{number}")
    agree(owner, action, products)
    run_jobs()
    assert (runs()[-1].status, runs()[-1].removed) == ("partial", 0)
    assert len(goods(MAIN)) == 40
    ((action, products),) = confirm_forms(owner).items()
    assert products == "39"
    agree(owner, action, products)
    run_jobs()
    assert len(goods(MAIN)) == 1


@on_both
def test_the_word_is_for_the_goods_that_were_shown_and_for_no_others(
    refresh, stocked, goods, owner, run_jobs, runs
) -> None:
    refresh()
    sell_out(stocked, 25)
    refresh()
    ((action, products),) = confirm_forms(owner).items()
    for number in range(25):
        stocked.put(stocked.main, f"p{number}")
        if number < 15:
            stocked.main.products.remove(f"p{number + 25}")
    sell_out(stocked, 10)
    agree(owner, action, products)
    run_jobs()
    assert (runs()[-1].status, len(goods(MAIN))) == ("partial", 40)
    agree(owner, *confirm_forms(owner).popitem())
    run_jobs()
    assert goods(MAIN).keys() == {f"p{number}" for number in range(10, 25)}


def test_another_number_than_the_one_shown_lets_nothing_go(
    refresh, stocked, goods, owner, run_jobs, runs
) -> None:
    refresh()
    sell_out(stocked, 30)
    refresh()
    (action,) = confirm_forms(owner)
    for products in ("", "29", "31", "9" * 5000):
        agree(owner, action, products)
        assert "Пока страница была открыта" in owner.client.get("/catalog").page.text
    run_jobs()
    assert len(goods(MAIN)) == 40 and len(runs()) == 2


def test_the_word_for_an_old_run_lets_nothing_go(refresh, stocked, goods, owner, run_jobs, runs) -> None:
    refresh()
    sell_out(stocked, 30)
    refresh()
    ((action, products),) = confirm_forms(owner).items()
    refresh()
    agree(owner, action, products)
    run_jobs()
    assert len(goods(MAIN)) == 40 and len(runs()) == 3


@pytest.fixture
def plans_of(app: Flask, refresh: Callable[[], object]) -> Callable[[str], list[str]]:
    """Refresh on SQLite; give how it carries out each statement that this expression finds."""
    with app.app_context():
        engine = db.engine

    def plans(wanted: str) -> list[str]:
        taken: list[tuple[str, Any]] = []

        def listen(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
            if re.search(wanted, statement):
                taken.append((statement, parameters))

        with listening(engine, "before_cursor_execute", listen):
            refresh()
        with engine.connect() as connection:
            explained = [connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {said}", had) for said, had in taken]
            return ["\n".join(str(row[-1]) for row in rows) for rows in explained]

    return plans


def test_what_goes_is_looked_up_by_its_keys_however_much_there_is(refresh, stocked, plans_of) -> None:
    stocked.main.groups.put({"id": "g", "name": "Группа"})
    refresh()
    sell_out(stocked, 20)
    stocked.main.groups.remove("g")
    plans = plans_of(r"cached_(products|groups)\.id IN")
    # The goods: noted as gone, noted as known, deleted; and the group.
    assert len(plans) == 4
    assert all("USING INTEGER PRIMARY KEY" in plan.splitlines()[0] for plan in plans)


def test_what_comes_back_is_no_longer_looked_for_the_more_of_it_comes(refresh, stocked, plans_of) -> None:
    refresh()
    sell_out(stocked, 20)
    refresh()
    for number in range(20):
        stocked.main.products.restore(f"p{number}")
    # Each good by its whole key: for its type, whether that is another one, whether it is news, and its end.
    plans = plans_of(r"departed_goods\.evotor_id = |= departed_goods\.evotor_id")
    assert len(plans) == 4
    assert all("evotor_id=? AND evotor_id=?" in plan for plan in plans), plans


def test_a_group_stays_while_goods_lie_in_it_whatever_the_cloud_lists(
    refresh, shop, owner: Owner, db_session: Session
) -> None:
    shop.main.groups.change("g1", {"parent_id": "g2"})
    refresh()
    rule = {"entity_type": "group", "entity_id": "g2", "filter_mode": "exclude", "store_id": MAIN}
    owner.client.post("/catalog/filter", data=rule)
    fault = shop.world.faults.add("emptied_store", store=MAIN, resource="groups")
    assert refresh().status == "done"
    kept = select(CachedGroup.evotor_id).filter_by(user_id=owner.id, store_evotor_id=MAIN)
    # Nothing lies in the third.
    assert set(db_session.scalars(kept)) == {"g0", "g1", "g2"}
    page = owner.client.get("/catalog/products", query_string={"store_id": MAIN, "result": "hidden"}).page
    assert page.select("//tr[@data-evotor-id]/@data-evotor-id") == ["p1", "p3"]
    shop.world.faults.clear(fault.id)
    for number in range(5):
        shop.main.products.change(f"p{number}", {"parent_id": "g3"})
    for number in range(3):
        shop.main.groups.remove(f"g{number}")
    refresh()
    assert set(db_session.scalars(kept)) == {"g3"}
