"""Whichever way a good leaves the catalogue: what comes back is judged by what is remembered of it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.connections.signals import merchant_changes
from app.data.db import db
from app.data.types import now
from app.mirror.departed import DepartedGood
from app.rules import new_goods
from tests.catalog.inbox.test_new_goods import INBOX, answer
from tests.catalog.pages import ids_at
from tests.databases import on_both
from tests.mirror.refresh.conftest import MAIN, SIDE, Shop, said
from tests.mirror.refresh.test_goods_without_a_type import types
from tests.mirror.refresh.test_vanishing_goods import confirm_forms
from tests.owners import Owner

pytestmark = on_both
WINES = ["w0", "w1", "w2"]


@pytest.fixture(params=["goods", "store", "merchant"])
def away(request: pytest.FixtureRequest, shop: Shop, owner: Owner, refresh, goods) -> Callable[[], None]:
    """Lets the goods of the second store leave the catalogue; the next answer has them again.

    Two wines were there from the first; of what came later, a wine among it, the owner has left one good to
    the rules.
    """
    for wine in WINES[:2]:
        shop.put(shop.side, wine, type="ALCOHOL_MARKED")
    refresh()
    shop.put(shop.side, WINES[2], type="ALCOHOL_MARKED")
    for later in ("undecided", "decided"):
        shop.put(shop.side, later)
    refresh()
    answer(owner, "decided", "leave")
    assert set(ids_at(owner, INBOX)) == {"undecided", "w2"}

    def go() -> None:
        if request.param == "merchant":
            with owner.app.app_context():
                merchant_changes.send(user_id=owner.id)
                db.session.commit()
        elif request.param == "store":
            shop.merchant.store_list.remove(SIDE)
            assert refresh().status == "done"
            shop.merchant.store_list.restore(SIDE)
        else:
            fault = shop.world.faults.add("emptied_store", store=SIDE, resource="products")
            assert refresh().status == "done"
            shop.world.faults.clear(fault.id)
        assert goods(SIDE) == {} and ids_at(owner, INBOX) == []

    return go


def departed(session: Session) -> dict[str, str | None]:
    session.expire_all()
    rows = session.execute(select(DepartedGood.evotor_id, DepartedGood.product_type))
    return {evotor_id: product_type for evotor_id, product_type in rows}


def test_what_nobody_has_decided_about_is_new_again_and_nothing_else(
    away, refresh, goods, owner, db_session
) -> None:
    away()
    assert departed(db_session)["w0"] == "ALCOHOL_MARKED"
    assert refresh().status == "done"
    assert len(goods(SIDE)) == 9 and set(ids_at(owner, INBOX)) == {"undecided", "w2"}
    assert departed(db_session) == {}, "what has come back is known by itself"
    answer(owner, "undecided", "leave")
    away()
    refresh()
    assert ids_at(owner, INBOX) == ["w2"]


def test_what_has_come_to_the_till_meanwhile_is_new(away, refresh, owner, shop: Shop) -> None:
    away()
    shop.put(shop.side, "meanwhile")
    refresh()
    assert set(ids_at(owner, INBOX)) == {"undecided", "w2", "meanwhile"}


def test_special_goods_that_come_back_as_others_wait_for_the_owners_word(
    away, refresh, shop: Shop, goods, owner, run_jobs, runs, db_session
) -> None:
    away()
    for wine in WINES:
        shop.side.products.change(wine, {"type": "NORMAL"})
    for _ in range(2):
        assert refresh().status == "partial" and goods(SIDE) == {} and len(goods(MAIN)) == 5
        assert set(WINES) <= departed(db_session).keys()
    assert "Склад: у 3 товаров Эвотор прислал другой тип" in said(owner)
    ((action, _),) = confirm_forms(owner).items()
    assert owner.client.post(action, data={"types": "3"}).status_code == 303
    run_jobs()
    assert runs()[-1].status == "done" and types(goods(SIDE))["w0"] == "NORMAL" and len(goods(SIDE)) == 9
    assert set(ids_at(owner, INBOX)) == {"undecided", "w2"}, "the store is the one that it was"
    assert departed(db_session) == {}


def test_what_comes_back_without_a_type_is_of_the_one_that_it_had(away, refresh, shop: Shop, goods) -> None:
    away()
    for wine in WINES:
        shop.side.products.change(wine, {}, ["type"])
    assert refresh().status == "done"
    assert {types(goods(SIDE))[wine] for wine in WINES} == {"ALCOHOL_MARKED"}


def test_after_months_it_is_news_and_what_was_special_is_still_known(
    away, refresh, owner, app: Flask, db_session: Session
) -> None:
    away()
    db_session.execute(update(DepartedGood).values(gone_at=now() - timedelta(days=91)))
    db_session.commit()
    for _ in range(2):
        with app.app_context():
            new_goods.forget_decided()
        assert departed(db_session) == dict.fromkeys(WINES, "ALCOHOL_MARKED")
    refresh()
    assert set(WINES) <= set(ids_at(owner, INBOX))


def test_a_deleted_account_leaves_no_memory(away, owner, db_session: Session) -> None:
    away()
    assert departed(db_session)
    owner.client.post("/profile/delete", data={"password": owner.password})
    assert departed(db_session) == {}
