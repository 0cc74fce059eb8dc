"""Measure pages in the server, in a process of its own: `python -m bench.pages DATABASE_URL`.

Prints one line of JSON: a list of measures, each with its name, the median of its milliseconds, the number of
SQL statements and of bytes, and `bare_ms`: how long an empty Flask application takes for as many bytes.
"""

import json
import logging
import re
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, func, select
from werkzeug.test import TestResponse

from app.accounts.models import SignIn, User
from app.catalog.lists.address import PRODUCT_SORTS
from app.catalog.lists.sorting import sort_key
from app.data.db import db
from app.mirror.models import CachedProduct, CachedStore
from app.web.cursor import Cursor
from bench.product import EMAIL, application

REPEATS = 25
SEARCHES = {
    "search: part of a name": "амоВАР",
    "search: rare part of a name": "№ 4321",
    "search: start of an article": "00432",
    "search: start of a barcode": "200000000432",
    "search: nothing found": "такого товара нет",
}


def main() -> None:
    """Measure every page of the list, as the owner who owns the goods."""
    logging.disable(logging.INFO)
    app = application(sys.argv[1])
    with app.app_context():
        user = db.session.scalars(select(User).filter_by(email=EMAIL)).one()
        store_id = db.session.scalars(select(CachedStore.evotor_id).filter_by(user_id=user.id)).one()
        db.session.add(SignIn.of(user))
        db.session.commit()
        user_key, deep = user.get_id(), {sort: _middle(user.id, sort) for sort in PRODUCT_SORTS}
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = user_key, True

    meter = Meter(app, client)
    page = f"/catalog/products?store_id={store_id}"
    for sort in PRODUCT_SORTS:
        for direction in ("asc", "desc"):
            url = f"{page}&sort={sort}&dir={direction}"
            meter.get(f"page: {sort} {direction}, first", url)
            meter.get(f"page: {sort} {direction}, deep", f"{url}&after={deep[sort]}")
    for name, words in SEARCHES.items():
        meter.get(name, f"{page}&q={words}")
    meter.toggle(page, store_id)
    print(json.dumps(meter.measures))


class Meter:
    """Asks again and again, and keeps what it measures in `measures`."""

    def __init__(self, app: Flask, client: FlaskClient) -> None:
        self.measures: list[dict[str, Any]] = []
        self._client = client
        self._statements = 0
        with app.app_context():
            event.listen(db.engine, "before_cursor_execute", self._count)

    def get(self, name: str, url: str) -> None:
        """Measure a page."""
        self._measure(name, lambda: self._client.get(url))

    def toggle(self, page_url: str, store_id: str) -> None:
        """Measure clicks on the rule of one product."""
        html = self._client.get(page_url).get_data(as_text=True)
        token = re.findall(r'name="csrf_token" value="([^"]+)"', html)[0]
        product_id = re.findall(r'data-evotor-id="([^"]+)"', html)[0]
        modes = ["include", "exclude"]

        def click() -> TestResponse:
            modes.reverse()
            return self._client.post(
                "/catalog/filter",
                data={
                    "entity_type": "product",
                    "entity_id": product_id,
                    "store_id": store_id,
                    "filter_mode": modes[0],
                    "csrf_token": token,
                },
                headers={"HX-Request": "true", "HX-Request-Type": "partial"},
            )

        self._measure("toggle", click)

    def _measure(self, name: str, ask: Callable[[], TestResponse]) -> None:
        answer = ask()
        if answer.status_code != 200:
            raise SystemExit(f"{name}: status {answer.status_code}")
        self._statements = 0
        body = ask().data
        statements = self._statements
        ms, bare_ms = _medians(ask, _bare(body))
        self.measures.append(
            {"name": name, "ms": ms, "statements": statements, "bytes": len(body), "bare_ms": bare_ms}
        )

    def _count(self, *_: object) -> None:
        self._statements += 1


def _medians(*asks: Callable[[], TestResponse]) -> list[float]:
    """The milliseconds of each, asked in turn, so that a slow moment of the machine meets them all."""
    times: list[list[float]] = [[] for _ in asks]
    for _ in range(REPEATS):
        for ask, taken in zip(asks, times, strict=True):
            started = time.perf_counter()
            ask().get_data()
            taken.append((time.perf_counter() - started) * 1000)
    return [statistics.median(taken) for taken in times]


def _bare(body: bytes) -> Callable[[], TestResponse]:
    app = Flask("bare")
    app.add_url_rule("/", view_func=lambda: body)
    client = app.test_client()
    return lambda: client.get("/")


def _middle(user_id: int, sort: str) -> str:
    key = sort_key(CachedProduct, sort).label("sort_key")
    own = CachedProduct.user_id == user_id
    half = (db.session.scalar(select(func.count()).select_from(CachedProduct).where(own)) or 0) // 2
    goods = select(key, CachedProduct.id).where(own).order_by(key, CachedProduct.id)
    value, row_id = db.session.execute(goods.offset(half).limit(1)).one()
    return Cursor(str(value), row_id, half).encode()


if __name__ == "__main__":
    main()
