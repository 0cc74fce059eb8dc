"""«Остановить» ends a queued or a running refresh at once, and what was not applied never is."""

import signal
from contextlib import suppress
from threading import Thread

import psutil
import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.mirror.models import CatalogRefresh, StagedProduct
from app.work.runs import running
from tests.mirror.refresh.conftest import MAIN, SIDE, Shop, said, state
from tests.owners import Owner
from tests.processes import wait_until

pytestmark = pytest.mark.databases("sqlite", "postgresql")


def cancel(owner: Owner, run: CatalogRefresh) -> None:
    assert owner.client.post(f"/catalog/refresh/{run.id}/cancel").status_code == 303


def jobs_of(worker) -> list[psutil.Process]:
    """The processes of the jobs that the worker's lanes are carrying out."""
    with suppress(psutil.NoSuchProcess):
        return [job for lane in psutil.Process(worker.pid).children() for job in lane.children()]
    return []


def test_a_queued_refresh_never_runs(owner: Owner, shop: Shop, run_jobs, runs, goods) -> None:
    owner.client.post("/catalog/refresh")
    shop.world.journal.clear()
    cancel(owner, runs()[-1])
    run_jobs()
    assert [run.status for run in runs()] == ["cancelled"]
    assert shop.world.journal.entries() == []
    assert goods(MAIN) == {}


def test_a_running_refresh_stops_at_once_and_the_worker_goes_on(
    owner: Owner, shop: Shop, worker, runs, goods, db_session: Session
) -> None:
    shop.world.faults.add("slow", store=SIDE, resource="products", page=2, seconds=600)
    owner.client.post("/catalog/refresh")
    wait_until(lambda: len(goods(MAIN)) == 5 and jobs_of(worker))
    cancel(owner, runs()[-1])
    assert state(owner) == "cancelled"
    assert "Обновление остановлено" in said(owner)
    # Long before the cloud would have answered.
    wait_until(lambda: not jobs_of(worker))
    assert worker.poll() is None
    # What a store has brought in whole stays; of the other nothing has come.
    assert len(goods(MAIN)) == 5 and goods(SIDE) == {}
    assert runs()[-1].status == "cancelled"

    shop.world.faults.clear()
    owner.client.post("/catalog/refresh")
    wait_until(lambda: runs()[-1].status == "done")
    assert len(goods(SIDE)) == 4
    assert db_session.scalars(select(StagedProduct)).all() == []


def test_a_run_that_was_cancelled_behind_its_back_cannot_apply_anything(
    owner: Owner, run_jobs, runs, goods, db_session: Session, in_the_middle, monkeypatch
) -> None:
    # Without its heartbeat a run learns of its end only when it wants to apply a store.
    monkeypatch.setattr(running, "BEAT_SECONDS", 60)
    cancelled = update(CatalogRefresh).values(status="cancelled")
    owner.client.post("/catalog/refresh")
    thread = in_the_middle(lambda: db_session.execute(cancelled))
    run_jobs()
    thread.join()
    assert goods(SIDE) == {}
    assert runs()[-1].status == "cancelled"
    assert db_session.scalars(select(StagedProduct)).all() == []


def test_a_run_hears_within_moments_that_it_was_cancelled(
    owner: Owner, run_jobs, runs, goods, db_session: Session, shop: Shop, monkeypatch
) -> None:
    monkeypatch.setattr(running, "BEAT_SECONDS", 0.1)
    shop.world.faults.add("status_503", store=SIDE, resource="products", retry_after="60")
    shop.world.journal.clear()

    def cancel_soon() -> None:
        wait_until(lambda: any(entry.status == 503 for entry in shop.world.journal.entries()))
        db_session.execute(update(CatalogRefresh).values(status="cancelled"))

    owner.client.post("/catalog/refresh")
    thread = Thread(target=cancel_soon)
    thread.start()
    run_jobs()
    thread.join()
    asked = [entry for entry in shop.world.journal.entries() if entry.status == 503]
    assert len(asked) == 1
    assert runs()[-1].status == "cancelled" and goods(SIDE) == {}


def test_an_account_that_is_deleted_meanwhile_stays_deleted(
    owner: Owner, run_jobs, goods, db_session: Session, in_the_middle
) -> None:
    def delete_account() -> None:
        owner.client.post("/profile/delete", data={"password": owner.password})

    owner.client.post("/catalog/refresh")
    thread = in_the_middle(delete_account)
    run_jobs()
    thread.join()
    assert goods(MAIN) == goods(SIDE) == {}
    assert db_session.scalars(select(StagedProduct)).all() == []


def test_what_has_ended_cannot_be_cancelled(owner: Owner, refresh, runs) -> None:
    run = refresh()
    cancel(owner, run)
    assert runs()[-1].status == "done"


def test_the_worker_survives_a_signal_to_its_job(owner: Owner, shop: Shop, worker, runs) -> None:
    shop.world.faults.add("slow", resource="stores", seconds=60)
    owner.client.post("/catalog/refresh")
    (job,) = wait_until(lambda: jobs_of(worker))
    wait_until(lambda: runs()[-1].status == "running")
    job.send_signal(signal.SIGKILL)
    wait_until(lambda: not jobs_of(worker))
    assert worker.poll() is None
