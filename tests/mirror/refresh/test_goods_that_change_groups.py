"""Goods that come in other groups, in bulk, keep those they had until the owner's word."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.mirror.models import CachedGroup
from tests.databases import on_both, on_sqlite
from tests.mirror.refresh.conftest import MAIN, Shop, said
from tests.mirror.refresh.test_vanishing_goods import confirm_forms
from tests.owners import Owner


@pytest.fixture
def stocked(shop: Shop) -> Shop:
    """The main store with forty goods, two pages of them, in two groups, each within another one."""
    shop.manners(page_size=20)
    for number in range(40):
        shop.put(shop.main, f"p{number}", parent_id=f"g{number % 2}")
    for number in range(2):
        shop.main.groups.change(f"g{number}", {"parent_id": f"g{number + 2}"})
    return shop


def groups_of(goods: dict[str, Any]) -> dict[str, str | None]:
    return {evotor_id: good.group_evotor_id for evotor_id, good in goods.items()}


def confirm(owner: Owner, **numbers: str) -> None:
    ((action, _),) = confirm_forms(owner).items()
    page = owner.client.get("/catalog").page
    shown = {name: page.select(f"//input[@name='{name}']/@value")[0] for name in ("products", "moves")}
    assert owner.client.post(action, data={**shown, **numbers}).status_code == 303


@pytest.mark.parametrize("lie", ["no_parents", pytest.param("other_parents", marks=on_sqlite)])
@on_both
def test_they_wait_in_the_groups_they_had(refresh, stocked, goods, owner, lie: str) -> None:
    refresh()
    before = groups_of(goods(MAIN))
    stocked.world.faults.add(lie, store=MAIN, resource="products")
    stocked.put(stocked.main, "new", parent_id="g1")
    for price in (7, 8):
        # The same goods with a price or without any other difference, and both anew.
        stocked.main.products.change("p3", {"price": price})
        run = refresh()
        assert (run.status, run.added, run.changed, run.removed) == ("partial", 0, 1, 0)
        assert groups_of(goods(MAIN)) == before and goods(MAIN)["p3"].price == price
    words = said(owner)
    assert "Чайная: у 40 товаров Эвотор прислал другую группу или ни одной" in words
    assert "В том же ответе 1 товар, которого раньше не было" in words
    assert "Сменить группу у 40 товаров" in words and "намного меньше" not in words
    assert (
        "40 товаров перешли в другие группы, 1 новый товар, ждём вашего слова"
        in owner.client.get("/sync/history").page.text
    )

    stocked.world.faults.clear()
    assert refresh().status == "done"
    assert groups_of(goods(MAIN)) == before | {"new": "g1"} and not confirm_forms(owner)


def test_the_owners_word_lets_them_move(refresh, stocked, goods, owner, run_jobs, runs) -> None:
    refresh()
    before = groups_of(goods(MAIN))
    stocked.world.faults.add("no_parents", store=MAIN)
    assert refresh().status == "partial"
    for wrong in ({"moves": "39"}, {"moves": ""}, {"products": "40", "moves": "0"}):
        confirm(owner, **wrong)
    run_jobs()
    assert groups_of(goods(MAIN)) == before and len(runs()) == 2
    confirm(owner)
    run_jobs()
    assert (runs()[-1].status, set(groups_of(goods(MAIN)).values())) == ("done", {None})
    assert refresh().status == "done"


def test_the_word_for_moves_lets_no_goods_go(refresh, stocked, goods, owner, run_jobs, runs) -> None:
    refresh()
    fault = stocked.world.faults.add("no_parents", store=MAIN)
    refresh()
    confirm(owner)
    stocked.world.faults.clear(fault.id)
    stocked.world.faults.add("emptied_store", store=MAIN)
    run_jobs()
    assert (runs()[-1].status, len(goods(MAIN))) == ("partial", 40)


def test_groups_that_lie_elsewhere_wait_with_their_goods(
    refresh, stocked, owner: Owner, db_session: Session, run_jobs
) -> None:
    parents = select(CachedGroup.evotor_id, CachedGroup.parent_evotor_id)
    parents = parents.filter_by(user_id=owner.id, store_evotor_id=MAIN)
    before = {"g0": "g2", "g1": "g3", "g2": None, "g3": None}
    refresh()
    stocked.world.faults.add("no_parents", store=MAIN, resource="groups")
    assert refresh().status == "partial"
    assert {evotor_id: parent for evotor_id, parent in db_session.execute(parents)} == before
    assert "у 40 товаров" in said(owner)
    # Of an answer without goods, too, the groups are those of all that there were.
    stocked.world.faults.add("emptied_store", store=MAIN)
    refresh()
    assert {evotor_id: parent for evotor_id, parent in db_session.execute(parents)} == before
    assert "Удалить 40 товаров и сменить группу у 40 товаров" in said(owner)
    stocked.world.faults.clear()
    stocked.world.faults.add("no_parents", store=MAIN, resource="groups")
    refresh()
    confirm(owner)
    run_jobs()
    db_session.expire_all()
    assert set(db_session.scalars(parents.with_only_columns(CachedGroup.parent_evotor_id))) == {None}


@pytest.mark.parametrize("moved", [0, 19])
def test_a_few_goods_move_unasked(refresh, stocked, goods, moved: int) -> None:
    refresh()
    for number in range(moved):
        stocked.main.products.change(f"p{number}", {"parent_id": "g3"})
    assert refresh().status == "done"
    assert list(groups_of(goods(MAIN)).values()).count("g3") == moved


def test_goods_that_all_come_into_one_group_wait(refresh, stocked, goods) -> None:
    refresh()
    for number in range(40):
        stocked.main.products.change(f"p{number}", {"parent_id": "g1"})
    # Twenty are half.
    assert refresh().status == "done"
    for number in range(40):
        stocked.main.products.change(f"p{number}", {"parent_id": "g0"})
    assert refresh().status == "partial"
    assert set(groups_of(goods(MAIN)).values()) == {"g1"}


@on_both
def test_what_goes_and_what_moves_are_too_much_together(refresh, stocked, goods, owner, run_jobs) -> None:
    refresh()
    for number in range(18):
        stocked.main.products.remove(f"p{number}")
        stocked.main.products.change(f"p{number + 20}", {"parent_id": None})
    before = groups_of(goods(MAIN))
    for _ in range(2):
        assert refresh().status == "partial"
        assert groups_of(goods(MAIN)) == before
    assert "Удалить 18 товаров и сменить группу у 18 товаров" in said(owner)
    confirm(owner)
    run_jobs()
    assert list(groups_of(goods(MAIN)).values()).count(None) == 18 and len(goods(MAIN)) == 22
