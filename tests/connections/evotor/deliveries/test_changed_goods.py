"""A pushed change refreshes its one store, once however many messages tell of it."""

import tracemalloc
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.data.types import now
from app.mirror.models import CachedProduct, CachedStore, CatalogRefresh, PushedStore
from app.mirror.refresh.requests import request_refresh
from app.mirror.refresh.schedule import refresh_pushed_stores
from app.work.runs.row import CANCELLED, DONE, PARTIAL
from sandbox.world import Merchant, World
from tests.connections.evotor.deliveries.conftest import Cloud
from tests.databases import on_both
from tests.owners import Owner

RunJobs = Callable[[], None]


@pytest.fixture
def stores(app: Flask, alice: Owner, merchant: Merchant, run_jobs: RunJobs, db_session: Session) -> list[str]:
    """Alice's stores, refreshed an hour ago."""
    alice.connect_evotor()
    with app.app_context():
        request_refresh(alice.id)
    run_jobs()
    let_time_pass(db_session)
    return list(merchant.stores)


def let_time_pass(session: Session) -> None:
    session.execute(update(CatalogRefresh).values(requested_at=now() - timedelta(hours=1)))
    session.execute(update(PushedStore).values(tried_at=None))


def runs(session: Session) -> list[CatalogRefresh]:
    session.expire_all()
    return list(session.scalars(select(CatalogRefresh).order_by(CatalogRefresh.id)))


def new_product(merchant: Merchant, store_id: str, id: str) -> None:
    merchant.stores[store_id].products.put({"id": id, "name": "Новый чай", "price": 1})


def is_cached(session: Session, id: str) -> bool:
    return session.scalar(select(func.count()).select_from(CachedProduct).filter_by(evotor_id=id)) == 1


@on_both
def test_a_push_refreshes_that_store_and_no_other(
    cloud: Cloud, merchant: Merchant, stores: list[str], run_jobs: RunJobs, db_session: Session, world: World
) -> None:
    new_product(merchant, stores[0], "new-0")
    new_product(merchant, stores[1], "new-1")
    assert cloud.goods(merchant, stores[0]).status_code == 200
    run_jobs()
    assert is_cached(db_session, "new-0") and not is_cached(db_session, "new-1")
    last = runs(db_session)[-1]
    assert (last.only_store, last.status, last.added) == (stores[0], DONE, 1)
    assert db_session.scalars(select(PushedStore)).all() == []
    assert db_session.scalar(select(func.count()).select_from(CachedStore)) == 3


def test_many_messages_about_a_store_are_one_run(
    cloud: Cloud, merchant: Merchant, stores: list[str], run_jobs: RunJobs, db_session: Session
) -> None:
    for _ in range(20):
        cloud.goods(merchant, stores[0])
    run_jobs()
    assert len(runs(db_session)) == 2


def test_what_comes_while_a_run_is_young_waits_for_the_clock(
    app: Flask, cloud: Cloud, merchant: Merchant, stores: list[str], run_jobs: RunJobs, db_session: Session
) -> None:
    cloud.goods(merchant, stores[0])
    run_jobs()
    new_product(merchant, stores[1], "new-1")
    cloud.goods(merchant, stores[1])
    run_jobs()
    assert not is_cached(db_session, "new-1")
    with app.app_context():
        refresh_pushed_stores()
    run_jobs()
    assert is_cached(db_session, "new-1")


def test_the_clock_starts_nothing_without_a_push(
    app: Flask, stores: list[str], run_jobs: RunJobs, db_session: Session
) -> None:
    with app.app_context():
        refresh_pushed_stores()
    assert len(runs(db_session)) == 1


def test_a_store_that_failed_is_tried_again_later(
    app: Flask,
    cloud: Cloud,
    merchant: Merchant,
    stores: list[str],
    run_jobs: RunJobs,
    db_session: Session,
    world: World,
) -> None:
    new_product(merchant, stores[0], "new-0")
    world.faults.add("status_402", store=stores[0])
    cloud.goods(merchant, stores[0])
    run_jobs()
    assert runs(db_session)[-1].status == PARTIAL
    with app.app_context():
        refresh_pushed_stores()
    assert len(runs(db_session)) == 2
    world.faults.clear()
    let_time_pass(db_session)
    with app.app_context():
        refresh_pushed_stores()
    run_jobs()
    assert is_cached(db_session, "new-0")


def test_trouble_of_another_store_stays_in_sight(
    app: Flask,
    cloud: Cloud,
    merchant: Merchant,
    stores: list[str],
    alice: Owner,
    run_jobs: RunJobs,
    db_session: Session,
    world: World,
) -> None:
    world.faults.add("status_402", store=stores[2])
    with app.app_context():
        request_refresh(alice.id)
    run_jobs()
    let_time_pass(db_session)
    cloud.goods(merchant, stores[0])
    run_jobs()
    last = runs(db_session)[-1]
    assert (last.only_store, last.status) == (stores[0], PARTIAL)
    assert "Не удалось обновить" in alice.client.get("/catalog").page.text


def test_the_owners_click_does_not_join_a_run_of_one_store(
    app: Flask,
    cloud: Cloud,
    merchant: Merchant,
    stores: list[str],
    alice: Owner,
    run_jobs: RunJobs,
    db_session: Session,
) -> None:
    new_product(merchant, stores[1], "new-1")
    cloud.goods(merchant, stores[0])
    alice.client.post("/catalog/refresh")
    run_jobs()
    assert [run.status for run in runs(db_session)] == [DONE, CANCELLED, DONE]
    assert is_cached(db_session, "new-1")
    assert db_session.scalars(select(PushedStore)).all() == []


def test_a_push_before_anything_was_loaded_loads_everything(
    cloud: Cloud, merchant: Merchant, alice: Owner, run_jobs: RunJobs, db_session: Session
) -> None:
    alice.connect_evotor()
    cloud.goods(merchant, next(iter(merchant.stores)))
    run_jobs()
    assert runs(db_session)[-1].only_store is None
    assert db_session.scalar(select(func.count()).select_from(CachedStore)) == 3


@on_both
def test_a_store_that_the_cloud_does_not_list_is_let_go(
    cloud: Cloud, merchant: Merchant, stores: list[str], run_jobs: RunJobs, db_session: Session
) -> None:
    cloud.goods(merchant, "20260306-GONE")
    run_jobs()
    assert runs(db_session)[-1].status == DONE
    assert db_session.scalars(select(PushedStore)).all() == []
    assert db_session.scalar(select(func.count()).select_from(CachedStore)) == 3


def test_a_push_about_an_unknown_merchant_is_taken(
    cloud: Cloud, stores: list[str], world: World, db_session: Session
) -> None:
    stranger = world.add_merchant("token-of-a-stranger")
    assert cloud.goods(stranger, stores[0]).status_code == 200
    assert len(runs(db_session)) == 1 and db_session.scalars(select(PushedStore)).all() == []


@pytest.mark.parametrize(
    ("goods", "status"),
    [(b"{}," * 1_400_000, 400), (b'{"a":[' + b"[[[[[[]]]]]]," * 300_000 + b"1]},", 200), (b"1,", 400)],
    ids=["more than there can be", "full of what nobody reads", "no objects"],
)
def test_goods_that_are_told_of_cost_little_memory(
    cloud: Cloud, merchant: Merchant, goods: bytes, status: int
) -> None:
    path, body = "/inventories/stores/any/products", b"[" + goods + b"{}]"
    tracemalloc.start()
    try:
        answer = cloud.post(path, body, **{"X-Evotor-User-Id": merchant.id})
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert answer.status_code == status
    # Read whole, the body alone would be a hundred megabytes and more.
    assert peak < 6 * len(body) + 1_000_000
