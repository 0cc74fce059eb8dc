"""Time the synchronisation page and a bulk change: 100 000 goods, half of them changed at once.

`python -m bench.rules [--goods N]` does it on SQLite and PostgreSQL, in databases that are thrown away. Each
figure is of the processor and stands beside a baseline of the same round: the page where nothing has a rule,
and rules written one by one through the ORM.
"""

import argparse
import secrets
import sys
import time
from collections.abc import Callable
from statistics import fmean
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
from bench.busy import busy_seconds, database_processes
from bench.databases import databases
from bench.middle import middle
from bench.product import sign_in
from bench.report.line import times

GOODS = 100_000
GOODS_A_GROUP = 100
SUBGROUPS = 9  # Of every ten groups, so many lie in the first.
HALF, REST = "half", "rest"
WHOLE, TAKEN_BACK = "bulk change, whole", "bulk change taken back"
GOALS = {WHOLE: 3.0, TAKEN_BACK: 3.0}
# A change of few goods takes a few milliseconds.
MOST_ROUNDS, CHANGED, REPEATS = 15, 200_000, 9
ONE_BY_ONE = 200


class Figure(NamedTuple):
    """One measure in seconds, its baseline, and the most it may take (None: no goal of its own).

    ratio: to the baseline, the middle of what the rounds give.
    """

    name: str
    seconds: float
    baseline: float
    goal: float | None
    ratio: float

    @property
    def is_reached(self) -> bool:
        return self.goal is None or self.seconds <= self.goal


class Watch:
    """Tells seconds of the processor, in this process and in the database."""

    def __init__(self, database: tuple[int, ...]) -> None:
        self._database = database

    def seconds(self, work: Callable[[], object]) -> float:
        """So many does this take."""
        beside, own = busy_seconds(self._database), time.process_time()
        work()
        return time.process_time() - own + busy_seconds(self._database) - beside


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
        settle()
        with db.engine.connect() as connection:
            watch = Watch(database_processes(connection))
    client = sign_in(app, user_key)
    rounds = [_round(app, client, watch, goods) for _ in range(min(MOST_ROUNDS, max(2, CHANGED // goods)))]
    return [
        Figure(
            name,
            middle(each[name][0] for each in rounds),
            middle(each[name][1] for each in rounds),
            GOALS.get(name),
            middle(seconds / baseline for seconds, baseline in (each[name] for each in rounds)),
        )
        for name in rounds[0]
    ]


def _round(app: Flask, client: FlaskClient, watch: Watch, goods: int) -> dict[str, tuple[float, float]]:
    """Time a change of every good of a store as the owner makes it: plan, look, apply; then take it back.

    Gives seconds and those of the baseline by the name of the figure. The baseline is written on either side
    of what stands beside it: a machine that slows down between them is no figure of ours.
    """
    bulk = f"/catalog/bulk?type=products&store_id={HALF}"
    plan_url = ""

    def plan() -> None:
        nonlocal plan_url
        answer = client.post(bulk, data={"scope": "found", "filter_mode": "exclude"})
        plan_url = answer.headers["Location"]

    def post(url: str) -> None:
        assert client.post(url).status_code == 303  # noqa: S101 (a measure of a refusal is none)

    def rule_by_rule() -> float:
        with app.app_context():
            return _one_by_one(watch) * (goods // 2)

    without = _page(client, watch)
    before = rule_by_rule()
    steps = [watch.seconds(plan), watch.seconds(lambda: client.get(plan_url))]
    change_url = plan_url.partition("?")[0]
    steps.append(watch.seconds(lambda: post(f"{change_url}/apply")))
    with app.app_context():
        settle()
    around_change = fmean((before, rule_by_rule()))
    ruled = _page(client, watch)
    before = rule_by_rule()
    undo = watch.seconds(lambda: post(f"{change_url}/undo"))
    with app.app_context():
        settle()
    around_undo = fmean((before, rule_by_rule()))
    names = ("bulk change: plan", "bulk change: its page", "bulk change: apply")
    return {
        **{name: (seconds, around_change) for name, seconds in zip(names, steps, strict=True)},
        WHOLE: (sum(steps), around_change),
        TAKEN_BACK: (undo, around_undo),
        "/sync, a rule on every second good, beside none": (ruled, without),
    }


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


def _one_by_one(watch: Watch) -> float:
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

    seconds = watch.seconds(write)
    db.session.rollback()
    return seconds / ONE_BY_ONE


def settle() -> None:
    """Do what PostgreSQL does by itself within a minute of a big change."""
    if db.engine.dialect.name == "postgresql":
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))


def _page(client: FlaskClient, watch: Watch) -> float:
    client.get("/sync")
    return middle(watch.seconds(lambda: client.get("/sync")) for _ in range(REPEATS))


def _line(figure: Figure) -> str:
    goal = "" if figure.goal is None else f"  (goal: {figure.goal * 1000:.0f} ms)"
    return (
        f"  {figure.name:36} {figure.seconds * 1000:8.1f} ms  baseline {figure.baseline * 1000:9.1f} ms"
        f"  {times(figure.ratio)}{goal}"
    )


if __name__ == "__main__":
    main()
