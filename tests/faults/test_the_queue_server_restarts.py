"""The queue server dies and comes back empty: workers, clock and owners go on, and nobody has to help."""

import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import psutil
import pytest
from flask import Flask
from rq import Queue

from app.mirror.models import CatalogRefresh
from app.work.queue import LANES, QUEUE_NAMES, queue
from tests.mirror.refresh.conftest import MAIN, SIDE, Shop, said, state
from tests.owners import Owner
from tests.processes import ClockStarter, WorkerProcess, WorkerStarter, wait_until
from tests.servers import Valkey

pytestmark = pytest.mark.first

PAGES = ("/catalog", f"/catalog/products?store_id={MAIN}", "/connections", "/sync", "/profile")
# Catalogues are due every second, connections once in the life of a test.
DUE = {"CATALOG_REFRESH_INTERVAL_SECONDS": "1", "HEALTH_CHECK_INTERVAL_SECONDS": "3600"}
Runs = Callable[[], list[CatalogRefresh]]
Rounds = Callable[..., list[float]]


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


@pytest.fixture
def rounds(app: Flask) -> Rounds:
    """Give when the clock has queued a round, in seconds; nobody works on them."""

    def times(name: str = "catalogues") -> list[float]:
        with app.app_context():
            queues = [Queue(each, connection=queue.connection) for each in QUEUE_NAMES]
            ids = [job_id.rpartition("-") for each in queues for job_id in each.job_ids]
        return sorted(int(moment) / 1e9 for of, _, moment in ids if of == name)

    return times


@pytest.fixture
def clock_is_known(app: Flask) -> Callable[[], bool]:
    """Tell whether `flask doctor` sees a clock."""

    def is_known() -> bool:
        with app.app_context():
            return queue.clock_is_running()

    return is_known


def lanes(worker: WorkerProcess) -> list[psutil.Process]:
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
    wait_until(lambda: worker_count() == len(LANES))
    refreshes(owner, runs)
    valkey.kill()
    for path in PAGES:
        assert owner.client.get(path).status_code == 200
    owner.client.post("/catalog/refresh")
    assert runs()[-1].status == "failed" and "Очередь заданий недоступна" in said(owner)
    valkey.start()
    wait_until(lambda: worker_count() == len(LANES))
    refreshes(owner, runs)
    assert worker.poll() is None


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
        wait_until(lambda: len(psutil.Process(worker.pid).children(recursive=True)) <= len(LANES))
        valkey.start()
    assert (len(goods(MAIN)), len(goods(SIDE))) == (5, 4)
    wait_until(lambda: worker_count() == len(LANES))
    refreshes(owner, runs)
    assert [run.status for run in runs()] == ["done", "done"]
    assert worker.poll() is None


def test_a_worker_waits_for_a_queue_server_that_is_not_there_yet(
    owner: Owner, runs: Runs, valkey: Valkey, start_worker: WorkerStarter, worker_count, tmp_path: Path
) -> None:
    valkey.kill()
    worker = start_worker()
    wait_until(lambda: "starting the lane" in (tmp_path / "worker-0.log").read_text())
    assert worker.poll() is None
    valkey.start()
    wait_until(lambda: worker_count() == len(LANES))
    refreshes(owner, runs)


def test_a_worker_can_be_stopped_while_the_queue_server_is_away(
    app: Flask, valkey: Valkey, worker, worker_count
) -> None:
    wait_until(lambda: worker_count() == len(LANES))
    valkey.kill()
    worker.send_signal(signal.SIGTERM)
    # A lane says goodbye to the queue server first, and tries that for a while.
    assert worker.wait(60) == 0


def test_the_clock_goes_on_without_a_round_too_many(
    valkey: Valkey,
    start_clock: ClockStarter,
    rounds: Rounds,
    clock_is_known: Callable[[], bool],
    tmp_path: Path,
) -> None:
    clock = start_clock(**DUE)
    wait_until(lambda: len(rounds()) > 1)
    assert len(rounds("checks")) == 1
    valkey.kill()
    with pytest.raises(subprocess.TimeoutExpired):
        clock.wait(4)
    valkey.start()
    wait_until(lambda: len(rounds()) > 2)
    assert all(later - earlier > 0.5 for earlier, later in pairwise(rounds()))
    assert not rounds("checks"), "connections are not due yet"
    assert clock_is_known()
    clock.send_signal(signal.SIGTERM)
    assert clock.wait(30) == 0 and not clock_is_known()
    lines = [json.loads(line) for line in (tmp_path / "clock-0.log").read_text().splitlines()]
    warnings = {line["message"].partition(":")[0] for line in lines if line["level"] != "info"}
    assert warnings == {"the queue server does not answer"}


def test_of_two_clocks_one_rings(valkey: Valkey, start_clock: ClockStarter, rounds: Rounds) -> None:
    for _ in range(2):
        start_clock(**DUE)
    wait_until(lambda: len(rounds()) > 4)
    # A clock may be held up between its right to ring and its bell; both together would ring twice a second.
    first, *others = rounds()
    assert len(others) <= others[-1] - first + 1
    assert len(rounds("checks")) == 1


def test_the_clock_waits_for_a_queue_server_that_is_not_there_yet(
    valkey: Valkey, start_clock: ClockStarter, rounds: Rounds, clock_is_known: Callable[[], bool]
) -> None:
    valkey.kill()
    clock = start_clock(**DUE)
    with pytest.raises(subprocess.TimeoutExpired):
        clock.wait(4)
    valkey.start()
    wait_until(lambda: rounds() and clock_is_known())
    assert len(rounds("checks")) == 1


def test_the_clock_can_be_stopped_while_the_queue_server_is_away(
    valkey: Valkey, start_clock: ClockStarter, rounds: Rounds
) -> None:
    clock = start_clock(**DUE)
    wait_until(rounds)
    valkey.kill()
    with pytest.raises(subprocess.TimeoutExpired):
        clock.wait(2)
    clock.send_signal(signal.SIGTERM)
    assert clock.wait(30) == 0
