"""A worker finishes what it has begun, and a big catalogue does not keep it from everybody else."""

import psutil
import redis
from flask import Flask
from rq import Worker
from rq.serializers import JSONSerializer
from rq.worker import WorkerStatus
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.catalog.export.requests import forget_expired
from app.mirror.models import CatalogRefresh, GroupSize
from app.mirror.refresh.requests import BIG_CATALOGUE
from app.work.queue import CHECKS_QUEUE_NAME, LANES, queue
from tests.mirror.refresh.conftest import SIDE, TOKEN, Shop
from tests.owners import Owner, add_owner
from tests.processes import WorkerStarter, is_alive, wait_until


def last_run(session: Session, owner: Owner) -> CatalogRefresh:
    session.expire_all()
    return session.scalars(
        select(CatalogRefresh).filter_by(user_id=owner.id).order_by(CatalogRefresh.id.desc())
    ).first()  # type: ignore[return-value]


def states(valkey_url: str) -> list[str]:
    """What each lane that is registered says of itself."""
    with redis.Redis.from_url(valkey_url) as connection:
        return [each.get_state() for each in Worker.all(connection=connection, serializer=JSONSerializer)]


def hear_signals(lanes: list[str]) -> bool:
    """Whether all lanes are there and none is still starting: that one just dies of a signal."""
    return len(lanes) == len(LANES) and {WorkerStatus.IDLE, WorkerStatus.BUSY}.issuperset(lanes)


def test_told_to_stop_it_finishes_the_run_that_has_begun(
    owner: Owner, shop: Shop, runs, start_worker: WorkerStarter, valkey_url: str
) -> None:
    shop.world.faults.add("slow", store=SIDE, resource="products", page=2, seconds=60)
    owner.client.post("/catalog/refresh")
    worker = start_worker()
    wait_until(lambda: runs()[-1].done)
    wait_until(lambda: hear_signals(states(valkey_url)))
    # All of them, as systemd and container runtimes may do.
    family = psutil.Process(worker.pid)
    for each in (family, *family.children(recursive=True)):
        each.terminate()
    shop.world.faults.clear()
    assert worker.wait(60) == 0
    assert runs()[-1].status == "done"
    assert states(valkey_url) == []


def test_a_lane_that_dies_is_started_anew_and_the_others_go_on(
    app: Flask, start_worker: WorkerStarter, valkey_url: str
) -> None:
    worker = start_worker()
    wait_until(lambda: len(states(valkey_url)) == len(LANES))
    first, *others = psutil.Process(worker.pid).children()
    first.kill()
    wait_until(lambda: len(psutil.Process(worker.pid).children()) == len(LANES) and not first.is_running())
    assert all(lane.is_running() for lane in others)
    wait_until(lambda: len(states(valkey_url)) == len(LANES) + 1, 30)


def test_when_the_worker_is_killed_its_lanes_finish_what_they_have_begun_and_end(
    owner: Owner, shop: Shop, runs, start_worker: WorkerStarter
) -> None:
    shop.world.faults.add("slow", store=SIDE, resource="products", page=2, seconds=60)
    owner.client.post("/catalog/refresh")
    worker = start_worker()
    wait_until(lambda: runs()[-1].done)
    lanes = psutil.Process(worker.pid).children()
    worker.kill()
    shop.world.faults.clear()
    # The dead may stay in the list of processes for as long as whoever inherits them looks elsewhere.
    wait_until(lambda: not any(is_alive(lane) for lane in lanes), 60)
    assert runs()[-1].status == "done"


def test_two_catalogues_that_take_long_do_not_keep_a_check_waiting(
    app: Flask, owner: Owner, bob: Owner, shop: Shop, db_session: Session, start_worker: WorkerStarter
) -> None:
    bob.connect_evotor(TOKEN)
    start_worker()
    shop.world.faults.add("slow", store=SIDE, resource="products", page=2, seconds=60, times=2)
    for each in (bob, owner):
        each.client.post("/catalog/refresh")
        wait_until(lambda each=each: last_run(db_session, each).done)  # type: ignore[misc]
    with app.app_context():
        queue.enqueue(forget_expired, job_id="short", timeout=60, queue_name=CHECKS_QUEUE_NAME)
        wait_until(lambda: not queue.holds("short"))
    assert [last_run(db_session, each).status for each in (bob, owner)] == ["running", "running"]
    shop.world.faults.clear()
    wait_until(lambda: last_run(db_session, owner).status == "done")


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
