"""Time pages and files of an owner with three conditions beside one without any, on both databases.

`python -m bench.conditions [--goods N]`: two owners of as many goods, asked in turn, so that a slow moment of
the machine meets both. Looking at a new condition is timed beside looking at a new default.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple

from flask.testing import FlaskClient
from flask_migrate import upgrade
from sqlalchemy import case, update
from werkzeug.test import TestResponse

from app.data.db import db
from app.mirror.models import CachedProduct
from app.rules.criteria.criterion import PRICE, STOCK, WORD, Criterion
from app.rules.decide import EXCLUDE, INCLUDE
from app.rules.policy import Policy
from app.rules.read import config_of
from bench.databases import databases
from bench.product import sign_in
from bench.rules import GOODS, HALF, application, fill, settle

REPEATS = 7
# About every tenth good has too little left, a part is too cheap, a part is what the word says.
CONDITIONS = Policy(
    (
        Criterion("word", INCLUDE, WORD, text="семь"),
        Criterion("stock", EXCLUDE, STOCK, high=Decimal(3), is_below=True),
        Criterion("price", EXCLUDE, PRICE, high=Decimal(100)),
    )
)
_WORDS = ("чай", "кофе", "сахар", "семь", "соль")
_NEW = {"mode": "exclude", "kind": "word", "text": "чай"}
_PAGES = {
    "/catalog": "/catalog",
    "goods of a store": f"/catalog/products?store_id={HALF}",
    "goods of a store, published": f"/catalog/products?store_id={HALF}&result=published",
    "goods of a store, hidden": f"/catalog/products?store_id={HALF}&result=hidden",
    "groups of a store": f"/catalog/groups?store_id={HALF}",
    "/sync": "/sync",
    "CSV of a store": f"/catalog/export?type=products&store_id={HALF}",
    "CSV of a store, published": f"/catalog/export?type=products&store_id={HALF}&result=published",
}


class Pair(NamedTuple):
    """One measure: seconds of an owner with conditions, and of one without."""

    name: str
    seconds: float
    without: float


def main() -> None:
    """Print the figures of both databases."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--goods", type=int, default=GOODS)
    goods = parser.parse_args().goods
    for database, url in databases():
        print(f"conditions: {goods} goods of each owner, {database}", flush=True)
        for pair in measure(url, goods):
            print(
                f"  {pair.name:36} {pair.seconds * 1000:9.1f} ms  without {pair.without * 1000:9.1f} ms"
                f"  × {pair.seconds / pair.without:.2f}",
                flush=True,
            )


def measure(database_url: str, goods: int = GOODS) -> list[Pair]:
    """Fill an empty database with two owners of so many goods, and time the same of both."""
    app = application(database_url)
    with app.app_context():
        upgrade()
        keys = [fill(goods, email) for email in ("with@example.org", "without@example.org")]
        _make_them_differ()
        config_of(int(keys[0].split(":")[0])).policy = CONDITIONS.stored
        db.session.commit()
        settle()
    clients = [sign_in(app, key) for key in keys]
    pairs = [_in_turn(name, *(_getting(each, url) for each in clients)) for name, url in _PAGES.items()]
    sync = _getting(clients[1], "/sync")
    pairs.append(_in_turn("/sync/conditions, beside /sync", _getting(clients[0], "/sync/conditions"), sync))
    return [*pairs, *_plans(clients)]


def _plans(clients: list[FlaskClient]) -> list[Pair]:
    """Look at another condition, and at another default where there is none; then apply both."""
    url = ["", ""]

    def plan(place: int, path: str, sent: dict[str, str]) -> None:
        url[place] = clients[place].post(path, data=sent).headers["Location"]

    with_conditions, without = clients
    return [
        Pair(
            "a condition: plan, beside a default",
            _seconds(lambda: plan(0, "/sync/conditions", _NEW)),
            _seconds(lambda: plan(1, "/sync/default", {"default_mode": "exclude"})),
        ),
        Pair(
            "a condition: number before and after",
            _seconds(_getting(with_conditions, url[0])),
            _seconds(_getting(without, url[1])),
        ),
        Pair(
            "a condition: applied",
            _seconds(_applying(with_conditions, url[0])),
            _seconds(_applying(without, url[1])),
        ),
    ]


def _applying(client: FlaskClient, url: str) -> Callable[[], object]:
    return lambda: _answered(client.post(f"{url.partition('?')[0]}/apply"))


def _getting(client: FlaskClient, url: str) -> Callable[[], object]:
    return lambda: _answered(client.get(url))


def _answered(answer: TestResponse) -> bytes:
    if answer.status_code not in (200, 303):
        raise SystemExit(f"{answer.request.path}: status {answer.status_code}")
    return answer.get_data()


def _make_them_differ() -> None:
    """Give goods stock, prices and names as a shop has them, each by its number; both owners the same."""
    number = CachedProduct.price
    word = case(dict(enumerate(_WORDS)), value=number % len(_WORDS))
    db.session.execute(
        update(CachedProduct)
        .values(
            name=CachedProduct.name + " " + word,
            sort_name=CachedProduct.sort_name + " " + word,
            search_text=CachedProduct.search_text + " " + word,
            quantity=number % 29,
            price=10 + number % 900,
        )
        .execution_options(synchronize_session=False)
    )


def _in_turn(name: str, ask: Callable[[], object], other: Callable[[], object]) -> Pair:
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(REPEATS):
        for call, taken in zip((ask, other), times, strict=True):
            taken.append(_seconds(call))
    return Pair(name, *(statistics.median(taken) for taken in times))


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
