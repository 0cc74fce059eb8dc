"""A page never says that the catalogue is up to date above rows from before."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from app.data.db import db
from app.data.types import now
from app.mirror.models import CatalogChange, CatalogRefresh
from app.work.runs.row import DONE, RUNNING
from tests.databases import listening
from tests.owners import Owner
from tests.stock import Stock, group, product

NEWS = "Новинка"


@pytest.fixture
def stock(alice: Owner) -> Stock:
    stock = Stock(alice)
    stock.put()
    # Else there is no list of all goods.
    stock.put("s2", "Вторая")
    return stock


@pytest.fixture
def begin(stock: Stock, db_session: Session) -> Callable[[], None]:
    """A run is under way that has brought nothing yet."""

    def put() -> None:
        stock.put()
        db_session.execute(delete(CatalogChange))
        db_session.execute(update(CatalogRefresh).values(status=RUNNING, heartbeat_at=now()))

    return put


@pytest.fixture
def end(stock: Stock, db_session: Session) -> Callable[[], None]:
    """The run brings in the last store and is over."""

    def put() -> None:
        stock.put(name=NEWS, groups=[group("g", NEWS)], products=[product("p", NEWS)])
        db_session.execute(update(CatalogRefresh).values(status=DONE, finished_at=now()))

    return put


@pytest.mark.parametrize(
    "address",
    [
        *("/catalog", "/catalog/groups?store_id=s1", "/catalog/products?store_id=s1", "/catalog/all"),
        "/catalog/changes?what=new",
    ],
)
def test_whenever_the_last_store_comes_in_the_page_is_honest(
    app: Flask, alice: Owner, begin: Callable[[], None], end: Callable[[], None], address: str
) -> None:
    with app.app_context():
        engine = db.engine
    for moment in range(1, 100):
        begin()
        count = 0

        def run_ends(*_: object, moment: int = moment) -> None:
            nonlocal count
            count += 1
            if count == moment:
                end()

        with listening(engine, "after_cursor_execute", run_ends):
            page = alice.client.get(address).page
        if count < moment:
            assert moment > 3
            return
        (state,) = page.select("//*[@id='refresh']/@data-state")
        has_news = any(NEWS in row for row in page.texts("//tbody/tr"))
        assert has_news or state == RUNNING, f"after statement {moment}"
    raise AssertionError("the page never ended")
