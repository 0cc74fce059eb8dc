"""Time the synchronisation page and a bulk change: 100 000 goods, half of them changed at once.

`python -m bench.rules [--goods N]` does it on SQLite and PostgreSQL, in databases that are thrown away. Each
figure stands beside a baseline from the same run: an empty Flask page of as many bytes, and rules written
one by one through the ORM.
"""

import argparse
import secrets
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from cryptography.fernet import Fernet
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from sqlalchemy import insert, text

from app.accounts.models import SignIn, User
from app.config import Settings, with_psycopg
from app.data.db import db
from app.data.types import now
from app.factory import create_app
from app.mirror.models import CachedGroup, CachedProduct, CachedStore, GroupSize
from app.rules.models import SyncFilter
from app.rules.read import config_of
from app.web.extensions import limiter
from bench.databases import databases
from bench.product import sign_in

GOODS = 100_000
GOODS_A_GROUP = 100
SUBGROUPS = 9  # Of every ten groups, so many lie in the first.
HALF, REST = "half", "rest"
CHANGE_SECONDS = 3.0
REPEATS = 15
ONE_BY_ONE = 1_000


class Figure(NamedTuple):
    """One measure in seconds, its baseline, and the most it may take (None: no goal of its own)."""

    name: str
    seconds: float
    baseline: float
    goal: float | None

    @property
    def is_reached(self) -> bool:
        return self.goal is None or self.seconds <= self.goal


def main() -> None:
    """Print the figures of both databases; exit with 1 when a goal is missed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--goods", type=int, default=GOODS)
    goods = parser.parse_args().goods
    missed = []
    for database, url in databases():
        print(f"rules: {goods} goods, {goods // 2} of them changed at once, {database}", flush=True)
        for figure in measure(url, goods):
            print(_line(figure), flush=True)
            if not figure.is_reached:
                missed.append(figure.name)
    if missed:
        sys.exit("the goal is missed")


def measure(database_url: str, goods: int = GOODS) -> list[Figure]:
    """Fill an empty database with one owner of so many goods, and time pages and changes of half of them."""
    app = application(database_url)
    with app.app_context():
        upgrade()
        user_key = fill(goods)
        rule_by_rule = _one_by_one(user_key) * (goods // 2)
        settle()
    client = sign_in(app, user_key)
    return [*_pages(client, "no rules"), *_bulk_change(app, client, rule_by_rule)]


def _pages(client: FlaskClient, state: str) -> Iterator[Figure]:
    body = client.get("/sync").data
    yield Figure(f"/sync, {state}", _median(client, "/sync"), _bare(body), None)


def _bulk_change(app: Flask, client: FlaskClient, rule_by_rule: float) -> Iterator[Figure]:
    """Time a change of every good of a store as the owner makes it: plan, look, apply; then take it back."""
    bulk = f"/catalog/bulk?type=products&store_id={HALF}"
    plan_url = ""

    def plan() -> None:
        nonlocal plan_url
        answer = client.post(bulk, data={"scope": "found", "filter_mode": "exclude"})
        plan_url = answer.headers["Location"]

    def post(url: str) -> None:
        assert client.post(url).status_code == 303  # noqa: S101 (a measure of a refusal is none)

    steps = [_seconds(plan), _seconds(lambda: client.get(plan_url))]
    change_url = plan_url.partition("?")[0]
    steps.append(_seconds(lambda: post(f"{change_url}/apply")))
    for name, seconds in zip(("plan", "its page", "apply"), steps, strict=True):
        yield Figure(f"bulk change: {name}", seconds, rule_by_rule, None)
    yield Figure("bulk change, whole", sum(steps), rule_by_rule, CHANGE_SECONDS)
    with app.app_context():
        settle()
    yield from _pages(client, "a rule on every second good")
    undo = _seconds(lambda: post(f"{change_url}/undo"))
    yield Figure("bulk change taken back", undo, rule_by_rule, CHANGE_SECONDS)


def application(database_url: str) -> Flask:
    """The product with nothing but a database behind it, forms without tokens."""
    app = create_app(
        Settings(
            secret_key=secrets.token_urlsafe(32),
            token_keys=(Fernet.generate_key().decode(),),
            database_url=with_psycopg(database_url),
            redis_url="redis://127.0.0.1:9/0",
        )
    )
    app.config["WTF_CSRF_ENABLED"] = False
    limiter.enabled = False
    return app


def fill(goods: int, email: str = "bench@example.org") -> str:
    """Make an owner with two stores of half the goods each; give the key of their session."""
    user = User(email=email, password_hash="-")  # noqa: S106
    db.session.add(user)
    db.session.flush()
    for store_id in (HALF, REST):
        here = {"user_id": user.id, "store_evotor_id": store_id}
        fetched = {"fetched_at": now()}
        store = {"user_id": user.id, "evotor_id": store_id, "name": f"Магазин {store_id}"}
        db.session.execute(insert(CachedStore).values(**store, **fetched))
        groups = range(goods // 2 // GOODS_A_GROUP)
        rows: list[dict[str, Any]] = [
            {**here, **fetched, "evotor_id": f"g{group}", "name": f"Группа {group}"}
            | {"parent_evotor_id": f"g{group - group % (SUBGROUPS + 1)}" if group % (SUBGROUPS + 1) else None}
            for group in groups
        ]
        db.session.execute(insert(CachedGroup), rows)
        sizes = [{**here, "group_evotor_id": f"g{group}", "products": GOODS_A_GROUP} for group in groups]
        db.session.execute(insert(GroupSize), sizes)
        for group in groups:
            numbers = range(group * GOODS_A_GROUP, (group + 1) * GOODS_A_GROUP)
            names = {number: f"товар № {number}" for number in numbers}
            rows = [
                {**here, **fetched, "evotor_id": f"{store_id}-{number}", "group_evotor_id": f"g{group}"}
                | {"name": name.capitalize(), "sort_name": name, "search_text": name, "price": number}
                for number, name in names.items()
            ]
            db.session.execute(insert(CachedProduct), rows)
    db.session.add(SignIn.of(user))
    db.session.commit()
    key = user.get_id()
    db.session.commit()
    return str(key)


def _one_by_one(user_key: str) -> float:
    """Seconds a rule, when each is an object that is looked for and then written."""
    user_id = db.session.scalars(db.select(User.id)).one()
    config = config_of(user_id)
    db.session.commit()

    def write() -> None:
        for number in range(ONE_BY_ONE):
            key = {"entity_type": "product", "store_evotor_id": HALF, "entity_id": str(number)}
            if db.session.scalar(db.select(SyncFilter).filter_by(sync_config_id=config.id, **key)) is None:
                rule = SyncFilter(**key, sync_config_id=config.id, entity_name="-", filter_mode="exclude")
                db.session.add(rule)
                db.session.flush()

    seconds = _seconds(write)
    db.session.rollback()
    return seconds / ONE_BY_ONE


def settle() -> None:
    """Do what PostgreSQL does by itself within a minute of a big change."""
    if db.engine.dialect.name == "postgresql":
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))


def _median(client: FlaskClient, url: str) -> float:
    return statistics.median(_seconds(lambda: client.get(url)) for _ in range(REPEATS))


def _bare(body: bytes) -> float:
    app = Flask("bare")
    app.add_url_rule("/", view_func=lambda: body)
    return _median(app.test_client(), "/")


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _line(figure: Figure) -> str:
    goal = "" if figure.goal is None else f"  (goal: {figure.goal * 1000:.0f} ms)"
    ratio = figure.seconds / figure.baseline
    return (
        f"  {figure.name:36} {figure.seconds * 1000:8.1f} ms  baseline {figure.baseline * 1000:9.1f} ms"
        f"  × {ratio:.2f}{goal}"
    )


if __name__ == "__main__":
    main()
