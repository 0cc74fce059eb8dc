"""A file of any size leaves in pieces, while the database is still reading."""

import tracemalloc
from collections.abc import Generator
from itertools import islice

import pytest
import requests
from flask import Flask

from app.catalog.export.csv_stream import PRODUCTS, stream
from app.catalog.export.sheets import with_group_name, with_store_name
from app.catalog.lists.address import ListQuery
from app.catalog.lists.shelf import Shelf, select_products
from app.catalog.lists.surroundings import find_store
from app.data.db import db
from app.web.sheet import DIALECTS
from tests.databases import listening
from tests.owners import Owner
from tests.processes import wait_until
from tests.servers import HttpServer
from tests.stock import Stock, product

pytestmark = pytest.mark.databases("sqlite", "postgresql")

ROWS = 6_000


@pytest.fixture
def stock(stock: Stock) -> Stock:
    stock.put(
        products=(product(f"p{number:05}", f"Чай с именем обычной длины {number}") for number in range(ROWS))
    )
    return stock


def pieces_of(owner: Owner) -> Generator[bytes, None, None]:
    store = find_store(owner.id, "s1")
    assert store is not None
    statement = with_store_name(
        select_products(Shelf(owner.id, "s1", None), ListQuery("catalog.products")), store.name
    )
    pieces = stream(db.engine, with_group_name(statement), PRODUCTS, DIALECTS["csv"])
    assert isinstance(pieces, Generator)
    return pieces


def test_the_headers_leave_before_the_database_is_asked(app: Flask, stock: Stock, alice: Owner):
    with app.app_context():
        pieces = pieces_of(alice)
        asked: list[object] = []
        with listening(db.engine, "checkout", lambda *args: asked.append(args)):
            assert next(pieces).decode().startswith("\ufeffМагазин,")
            assert asked == []
            assert 0 < next(pieces).count(b"\r\n") < ROWS / 10
            assert asked
            pieces.close()


def test_memory_does_not_grow_with_the_file(app: Flask, stock: Stock, alice: Owner):
    with app.app_context():
        pieces = pieces_of(alice)
        list(islice(pieces, 4))
        tracemalloc.start()
        try:
            lines = sum(piece.count(b"\r\n") for piece in pieces)
            grown = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert lines > ROWS * 0.6
    assert grown < 2_000_000


def test_a_visitor_who_leaves_early_costs_nothing_more(
    app: Flask, stock: Stock, alice: Owner, live_server: HttpServer
):
    with app.app_context():
        pool = db.engine.pool
    in_use = pool.checkedout()  # type: ignore[attr-defined]
    cookie = alice.client.get_cookie("session")
    assert cookie is not None
    address = f"{live_server.url}/catalog/export?type=products&store_id=s1"
    with requests.get(address, cookies={"session": cookie.value}, stream=True, timeout=10) as answer:
        assert next(answer.iter_content(10)).startswith(b"\xef\xbb\xbf")
        assert "Content-Length" not in answer.headers
    whole = requests.get(address, cookies={"session": cookie.value}, timeout=30)
    assert whole.content.count(b"\r\n") == ROWS + 1
    wait_until(lambda: pool.checkedout() == in_use)  # type: ignore[attr-defined]
