"""The queue server dies and comes back empty: workers and owners go on, nothing has to be restarted."""

import os
import signal
import subprocess
from collections.abc import Callable, Iterator

import psutil
import pytest
from flask import Flask

from app.catalog.models import CatalogRefresh
from app.extensions import queue
from tests.owners import Owner
from tests.product import WorkerStarter, wait_until
from tests.refresh.conftest import MAIN, SIDE, Shop, said, state
from tests.servers import Valkey

PAGES = ("/catalog", f"/catalog/products?store_id={MAIN}", "/connections", "/sync", "/profile")
Runs = Callable[[], list[CatalogRefresh]]


@pytest.fixture
def valkey() -> Iterator[Valkey]:
    """A queue server that nobody else uses."""
    server = Valkey()
    yield server
    server.close()


@pytest.fixture
def valkey_url(valkey: Valkey) -> str:
    return valkey.url


@pytest.fixture
def worker_count(app: Flask) -> Callable[[], int]:
    """Count the living as `/metrics` and `flask doctor` do."""

    def count() -> int:
        with app.app_context():
            return queue.worker_count()

    return count


def lanes(worker: subprocess.Popen[bytes]) -> list[psutil.Process]:
    return psutil.Process(worker.pid).children()


def refreshes(owner: Owner, runs: Runs) -> None:
    """Click, and see that the worker does it."""
    before = len(runs())
    owner.client.post("/catalog/refresh")
    assert len(runs()) == before + 1
    wait_until(lambda: runs()[-1].status == "done")
    assert state(owner) == "done"


def test_a_worker_that_waits_for_work_waits_on(
    owner: Owner, shop: Shop, runs: Runs, valkey: Valkey, worker, worker_count
) -> None:
    wait_until(lambda: worker_count() == 2)
    refreshes(owner, runs)
    at_work = lanes(worker)
    valkey.kill()
    for path in PAGES:
        assert owner.client.get(path).status_code == 200
    owner.client.post("/catalog/refresh")
    assert runs()[-1].status == "failed" and "Очередь заданий недоступна" in said(owner)
    valkey.start()
    wait_until(lambda: worker_count() == 2)
    refreshes(owner, runs)
    assert worker.poll() is None and lanes(worker) == at_work


@pytest.mark.parametrize("is_back", ["before the refresh ends", "after it has ended"])
def test_a_refresh_that_is_under_way_is_finished(
    owner: Owner, shop: Shop, runs: Runs, goods, valkey: Valkey, worker, worker_count, is_back: str
) -> None:
    shop.world.faults.add("slow", store=SIDE, resource="products", page=2, seconds=60)
    owner.client.post("/catalog/refresh")
    wait_until(lambda: len(goods(MAIN)) == 5)
    valkey.kill()
    for lane in lanes(worker):
        if lane.children():
            # As if half a minute had passed: it speaks up for its job, and nobody listens.
            os.kill(lane.pid, signal.SIGALRM)
    for path in PAGES:
        assert owner.client.get(path).status_code == 200
    assert state(owner) == "running"
    if is_back == "before the refresh ends":
        valkey.start()
    shop.world.faults.clear()
    wait_until(lambda: runs()[-1].status == "done")
    if is_back == "after it has ended":
        # Until the worker has noticed, too, that nobody takes the result.
        wait_until(lambda: not any(lane.children() for lane in lanes(worker)))
        valkey.start()
    assert (len(goods(MAIN)), len(goods(SIDE))) == (5, 4)
    wait_until(lambda: worker_count() == 2)
    refreshes(owner, runs)
    assert [run.status for run in runs()] == ["done", "done"]
    assert worker.poll() is None


def test_a_worker_waits_for_a_queue_server_that_is_not_there_yet(
    owner: Owner, shop: Shop, runs: Runs, valkey: Valkey, start_worker: WorkerStarter, worker_count
) -> None:
    valkey.kill()
    worker = start_worker()
    wait_until(lambda: len(lanes(worker)) == 2)
    with pytest.raises(subprocess.TimeoutExpired):
        worker.wait(2)
    valkey.start()
    wait_until(lambda: worker_count() == 2)
    refreshes(owner, runs)


def test_a_worker_can_be_stopped_while_the_queue_server_is_away(
    app: Flask, valkey: Valkey, worker, worker_count
) -> None:
    wait_until(lambda: worker_count() == 2)
    valkey.kill()
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(20) == 0
