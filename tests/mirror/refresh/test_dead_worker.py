"""A worker that dies is noticed, said, and does not stand in the way of the next try."""

import time
from datetime import datetime, timedelta

import pytest
import redis
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.data.types import now
from app.mirror.models import CatalogRefresh, StagedProduct
from app.mirror.refresh.run import refreshes
from app.work.queue import QUEUE_NAME
from app.work.runs.life import SILENCE
from tests.databases import on_both
from tests.mirror.refresh.conftest import MAIN, SIDE, said, state
from tests.owners import Owner
from tests.processes import end_session, wait_until


def back_in_time(session: Session, **columns: timedelta) -> None:
    """Move times of the runs into the past."""
    session.execute(update(CatalogRefresh).values({name: now() - by for name, by in columns.items()}))


@on_both
def test_a_killed_worker_is_noticed_within_a_minute_and_a_restart_works(
    owner: Owner, shop, start_worker, run_jobs, runs, goods, db_session: Session
) -> None:
    shop.world.faults.add("slow", store=SIDE, resource="products", page=2, seconds=60)
    owner.client.post("/catalog/refresh")
    worker = start_worker()
    wait_until(lambda: len(goods(MAIN)) == 5)
    wait_until(lambda: db_session.scalars(select(StagedProduct)).all())
    end_session(worker)
    shop.world.faults.clear()
    assert state(owner) == "running"

    back_in_time(db_session, heartbeat_at=timedelta(seconds=50))
    assert timedelta(seconds=60) > SILENCE
    assert state(owner) == "interrupted"
    words = said(owner)
    assert "Обновление прервалось" in words and "Обновлено" not in words
    assert len(goods(MAIN)) == 5 and goods(SIDE) == {}

    owner.client.post("/catalog/refresh")
    run_jobs()
    assert [run.status for run in runs()] == ["failed", "done"]
    assert len(goods(SIDE)) == 4
    assert db_session.scalars(select(StagedProduct)).all() == []


@on_both
def test_a_click_after_the_death_starts_anew_without_looking_first(
    owner: Owner, runs, run_jobs, db_session: Session
) -> None:
    owner.client.post("/catalog/refresh")
    back_in_time(db_session, heartbeat_at=timedelta(seconds=50))
    db_session.execute(update(CatalogRefresh).values(status="running"))
    owner.client.post("/catalog/refresh")
    run_jobs()
    assert [run.status for run in runs()] == ["failed", "done"]


@on_both
def test_a_worker_that_is_only_slow_is_left_alone(owner: Owner, runs, db_session: Session) -> None:
    owner.client.post("/catalog/refresh")
    back_in_time(db_session, heartbeat_at=timedelta(seconds=30), requested_at=timedelta(hours=2))
    db_session.execute(update(CatalogRefresh).values(status="running"))
    assert state(owner) == "running"


@on_both
def test_a_queued_run_whose_job_was_lost_is_noticed(
    owner: Owner, runs, run_jobs, valkey_url: str, db_session: Session
) -> None:
    owner.client.post("/catalog/refresh")
    with redis.Redis.from_url(valkey_url) as connection:
        connection.flushall()
    assert state(owner) == "queued"
    back_in_time(db_session, requested_at=timedelta(seconds=30))
    assert state(owner) == "interrupted"
    owner.client.post("/catalog/refresh")
    run_jobs()
    assert [run.status for run in runs()] == ["failed", "done"]


def test_a_run_that_waits_long_in_a_long_queue_is_left_alone(
    owner: Owner, runs, run_jobs, db_session: Session
) -> None:
    owner.client.post("/catalog/refresh")
    back_in_time(db_session, requested_at=timedelta(hours=2))
    assert state(owner) == "queued"
    run_jobs()
    assert runs()[-1].status == "done"


@on_both
@pytest.mark.parametrize("clock", [timedelta(0), timedelta(hours=1)], ids=["right", "an hour ahead"])
def test_a_worker_that_died_before_the_run_began_is_noticed(
    owner: Owner, runs, run_jobs, valkey_url: str, db_session: Session, clock: timedelta
) -> None:
    owner.client.post("/catalog/refresh")
    key, worker = f"rq:job:{refreshes.job_id(runs()[-1])}", "rq:worker:of-the-test"
    back_in_time(db_session, requested_at=timedelta(seconds=90))
    with redis.Redis.from_url(valkey_url) as connection:

        def speaks_up(moment: datetime) -> None:
            heard = {"status": "started", "worker_name": "of-the-test"}
            connection.hset(key, mapping={**heard, "last_heartbeat": f"{moment:%Y-%m-%dT%H:%M:%S.%fZ}"})

        connection.hset(worker, "state", "busy")
        speaks_up(now() + clock)
        assert state(owner) == "queued"
        if clock:
            # The server forgets a worker that is silent by its own clock.
            connection.delete(worker)
        else:
            speaks_up(now() - timedelta(seconds=80))
        assert state(owner) == "interrupted"


def test_a_job_that_a_worker_took_along_when_it_died_is_noticed(
    owner: Owner, runs, run_jobs, valkey_url: str, db_session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def take_up(_: float) -> None:
        """A worker says after a moment that it has the job."""
        connection.hset("rq:worker:of-the-test", "state", "busy")
        heard = {"status": "started", "worker_name": "of-the-test"}
        moment = f"{now():%Y-%m-%dT%H:%M:%S.%fZ}"
        connection.hset(job, mapping={**heard, "last_heartbeat": moment})

    owner.client.post("/catalog/refresh")
    job = f"rq:job:{refreshes.job_id(runs()[-1])}"
    back_in_time(db_session, requested_at=timedelta(seconds=30))
    with redis.Redis.from_url(valkey_url) as connection:
        # It is called queued until the worker says otherwise.
        connection.lpop(f"rq:queue:{QUEUE_NAME}")
        monkeypatch.setattr(time, "sleep", take_up)
        assert state(owner) == "queued"
        connection.hset(job, "status", "queued")
        monkeypatch.setattr(time, "sleep", lambda _: None)
    assert state(owner) == "interrupted"
    owner.client.post("/catalog/refresh")
    run_jobs()
    assert [run.status for run in runs()] == ["failed", "done"]


@on_both
def test_a_job_that_failed_before_the_run_began_is_noticed(
    owner: Owner, runs, valkey_url: str, db_session: Session
) -> None:
    owner.client.post("/catalog/refresh")
    with redis.Redis.from_url(valkey_url) as connection:
        connection.hset(f"rq:job:{refreshes.job_id(runs()[-1])}", "status", "failed")
    back_in_time(db_session, requested_at=timedelta(seconds=30))
    assert state(owner) == "interrupted"


def test_a_run_that_nobody_takes_up_says_so_and_what_an_administrator_does(
    owner: Owner, runs, run_jobs, db_session: Session
) -> None:
    owner.client.post("/catalog/refresh")
    assert "не запущен" not in said(owner)
    back_in_time(db_session, requested_at=timedelta(seconds=21))
    assert state(owner) == "queued"
    words = said(owner)
    assert "на сервере не запущен фоновый процесс" in words
    assert "python worker.py" in words and "flask --app wsgi doctor" in words
    run_jobs()
    assert runs()[-1].status == "done"
    assert "не запущен" not in said(owner)
