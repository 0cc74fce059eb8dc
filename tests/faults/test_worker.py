"""A worker finishes what it has begun, and a big catalogue does not keep it from everybody else."""

import os
import signal

import psutil
import redis
from flask import Flask
from rq import Worker
from rq.serializers import JSONSerializer
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.mirror.models import CatalogRefresh, GroupSize
from app.mirror.refresh.requests import BIG_CATALOGUE
from tests.mirror.refresh.conftest import SIDE, TOKEN, Shop
from tests.owners import Owner, add_owner
from tests.product import WorkerStarter, wait_until


def last_run(session: Session, owner: Owner) -> CatalogRefresh:
    session.expire_all()
    return session.scalars(
        select(CatalogRefresh).filter_by(user_id=owner.id).order_by(CatalogRefresh.id.desc())
    ).first()  # type: ignore[return-value]


def workers(valkey_url: str) -> int:
    with redis.Redis.from_url(valkey_url) as connection:
        return len(Worker.all(connection=connection, serializer=JSONSerializer))


def test_told_to_stop_it_finishes_the_run_that_has_begun(
    owner: Owner, shop: Shop, runs, start_worker: WorkerStarter, valkey_url: str
) -> None:
    shop.world.faults.add("slow", store=SIDE, resource="products", page=2, seconds=60)
    owner.client.post("/catalog/refresh")
    worker = start_worker()
    wait_until(lambda: runs()[-1].done)
    # All of them, as systemd and container runtimes may do.
    family = psutil.Process(worker.pid)
    for each in (family, *family.children(recursive=True)):
        each.terminate()
    shop.world.faults.clear()
    assert worker.wait(20) == 0
    assert runs()[-1].status == "done"
    assert workers(valkey_url) == 0


def test_a_lane_that_dies_takes_the_other_with_it_so_that_both_are_started_anew(
    app: Flask, start_worker: WorkerStarter, valkey_url: str
) -> None:
    worker = start_worker()
    wait_until(lambda: workers(valkey_url) == 2)
    with redis.Redis.from_url(valkey_url) as connection:
        lane = Worker.all(connection=connection, serializer=JSONSerializer)[0].pid or 0
    os.kill(lane, signal.SIGKILL)
    assert worker.wait(20) == 1


def test_big_catalogues_do_not_keep_a_small_one_waiting(
    app: Flask, owner: Owner, bob: Owner, shop: Shop, db_session: Session, start_worker: WorkerStarter
) -> None:
    charlie = add_owner(app, db_session, "Charlie")
    bob.connect_evotor(TOKEN)
    charlie.connect_evotor(TOKEN)
    for each in (bob, charlie):
        size = {"store_evotor_id": SIDE, "group_evotor_id": "", "products": BIG_CATALOGUE + 1}
        db_session.execute(insert(GroupSize).values(user_id=each.id, **size))
    start_worker()
    shop.world.faults.add("slow", store=SIDE, resource="products", page=2, seconds=60, times=1)
    bob.client.post("/catalog/refresh")
    wait_until(lambda: last_run(db_session, bob).done)
    charlie.client.post("/catalog/refresh")
    owner.client.post("/catalog/refresh")
    wait_until(lambda: last_run(db_session, owner).status == "done")
    assert last_run(db_session, bob).status == "running"
    assert last_run(db_session, charlie).status == "queued"
    shop.world.faults.clear()
    wait_until(lambda: last_run(db_session, charlie).status == "done")
    assert last_run(db_session, bob).status == "done"
