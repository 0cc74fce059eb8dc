"""Who registers after somebody has left meets nothing of theirs: no key, no job, no page of long ago."""

from collections.abc import Callable
from inspect import signature
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.accounts.recovery import send_confirmation_letter, send_reset_letter
from app.accounts.registration import send_registration_letter
from app.catalog.export import requests as export_requests
from app.catalog.export.models import CatalogExport
from app.catalog.export.run import run_export
from app.connections.jobs import check_connection, check_for_owner, request_check
from app.connections.models import CloudAccount
from app.data.db import db
from app.data.types import now
from app.mirror.models import CachedProduct, CatalogRefresh
from app.mirror.refresh.run import run_refresh
from app.publishing.photos.archive.models import PhotoArchive
from app.publishing.photos.archive.run import run_archive
from app.publishing.run.auto import publish_what_changed
from app.publishing.run.job import run_publication, run_reading
from app.publishing.run.models import MarketReading, Publication
from app.publishing.run.suggesting import suggest_categories
from app.work import jobs
from app.work.jobs import path_of
from tests.belongings import belongings, fill_every_table
from tests.mirror.refresh.conftest import MAIN, SIDE, Shop
from tests.owners import PASSWORD, Owner, add_owner
from tests.processes import WorkerStarter, wait_until

OTHERS_TOKEN = "token-of-the-newcomer"
# What the first argument of each job is the key of.
ABOUT: dict[Callable[..., None], Any] = {
    run_refresh: CatalogRefresh,
    run_export: CatalogExport,
    run_archive: PhotoArchive,
    run_publication: Publication,
    run_reading: MarketReading,
    check_connection: CloudAccount,
    check_for_owner: CloudAccount,
    publish_what_changed: User,
    suggest_categories: User,
    send_reset_letter: User,
    send_confirmation_letter: User,
}


@pytest.fixture
def shop(world) -> Shop:
    """Alice's shop: two stores with goods of hers; and the newcomer's, with stores of the same ids."""
    shop = Shop(world, world.add_merchant("token-of-alice", "Лавка"))
    theirs = world.add_merchant(OTHERS_TOKEN, "Другая лавка")
    for merchant, whose in ((shop.merchant, "hers"), (theirs, "theirs")):
        merchant.manners = merchant.manners.altered({"page_size": 3})
        for store_id in (MAIN, SIDE):
            store = merchant.add_store({"id": store_id, "name": f"Магазин {store_id}"})
            for number in range(5):
                store.products.put({"id": f"{whose}-{number}", "name": f"Товар {whose}", "price": 100})
    return shop


@pytest.fixture
def newcomer(app: Flask, db_session: Session) -> Callable[[], Owner]:
    """Somebody registers, whose shop is another merchant's."""
    return lambda: add_owner(app, db_session, "Newcomer")


def leave(owner: Owner) -> None:
    answer = owner.client.post("/profile/delete", data={"password": PASSWORD})
    assert (answer.status_code, answer.location) == (303, "/login")


def goods_of(session: Session, owner: Owner) -> set[str]:
    session.expire_all()
    return set(session.scalars(select(CachedProduct.name).filter_by(user_id=owner.id)))


def test_no_key_of_theirs_is_given_out_again(
    alice: Owner, newcomer: Callable[[], Owner], db_session: Session, run_jobs
) -> None:
    fill_every_table(alice, db_session, run_jobs)
    numbered = [table for table in db.metadata.sorted_tables if "id" in table.c]
    last = {table.name: db_session.scalar(select(func.max(table.c.id))) for table in numbered}
    leave(alice)
    assert not any(belongings(db_session, alice.id).values())
    next_owner = newcomer()
    fill_every_table(next_owner, db_session, run_jobs)
    for table in numbered:
        assert db_session.scalar(select(func.min(table.c.id))) > last[table.name], table.name


@pytest.mark.parametrize("moment", ["queued", "running"])
def test_a_refresh_of_theirs_brings_a_newcomer_nothing(
    alice: Owner,
    newcomer: Callable[[], Owner],
    shop: Shop,
    db_session: Session,
    start_worker: WorkerStarter,
    run_jobs: Callable[[], None],
    moment: str,
) -> None:
    alice.connect_evotor("token-of-alice")
    shop.world.faults.add(
        "slow", store=SIDE, resource="products", page=2, seconds=60, times=1, merchant=shop.merchant.id
    )
    alice.client.post("/catalog/refresh")
    if moment == "running":
        start_worker()
        wait_until(lambda: not shop.world.faults.active())
    leave(alice)
    next_owner = newcomer()
    next_owner.connect_evotor(OTHERS_TOKEN)
    next_owner.client.post("/catalog/refresh")
    shop.world.faults.clear()
    if moment == "queued":
        run_jobs()
    run = select(CatalogRefresh.status).filter_by(user_id=next_owner.id)
    wait_until(lambda: db_session.scalar(run) == "done")
    assert goods_of(db_session, next_owner) == {"Товар theirs"}
    assert db_session.scalar(select(func.count()).select_from(CachedProduct)) == 10
    assert db_session.scalars(select(CatalogRefresh.user_id)).all() == [next_owner.id]


def test_a_workbook_of_theirs_is_nobodys(
    alice: Owner,
    newcomer: Callable[[], Owner],
    shop: Shop,
    db_session: Session,
    run_jobs,
    monkeypatch,
) -> None:
    monkeypatch.setattr(export_requests, "AT_ONCE", 1)
    listed = f"/catalog/export?type=products&store_id={MAIN}&format=excel"
    alice.connect_evotor("token-of-alice")
    alice.client.post("/catalog/refresh")
    run_jobs()
    hers = alice.client.get(listed).location
    leave(alice)
    next_owner = newcomer()
    next_owner.connect_evotor(OTHERS_TOKEN)
    next_owner.client.post("/catalog/refresh")
    run_jobs()
    assert goods_of(db_session, next_owner)
    theirs = next_owner.client.get(listed).location
    assert theirs != hers
    run_jobs()
    assert db_session.scalar(select(CatalogExport.status)) == "done"
    assert next_owner.client.get(hers).status_code == 404
    with next_owner.client.get(f"{theirs}/file") as file:
        assert file.status_code == 200
    assert db_session.scalars(select(CatalogExport.user_id)).all() == [next_owner.id]


def test_a_check_of_theirs_does_not_judge_a_newcomers_connection(
    app: Flask,
    alice: Owner,
    newcomer: Callable[[], Owner],
    shop: Shop,
    db_session: Session,
    run_jobs,
) -> None:
    alice.connect_evotor("token-of-alice")
    with app.app_context():
        request_check(db_session.scalars(select(CloudAccount.id)).one())
    leave(alice)
    next_owner = newcomer()
    next_owner.connect_evotor(OTHERS_TOKEN)
    db_session.execute(update(CloudAccount).values(last_checked_at=None))
    run_jobs()
    (connection,) = db_session.scalars(select(CloudAccount))
    assert (connection.user_id, connection.last_checked_at) == (next_owner.id, None)


def test_a_second_click_on_disconnect_does_not_reach_a_newcomer(
    alice: Owner, newcomer: Callable[[], Owner], shop: Shop, db_session: Session
) -> None:
    alice.connect_evotor("token-of-alice")
    (seen,) = alice.client.get("/connections/evotor/delete").page.select("//input[@name='seen']/@value")
    leave(alice)
    next_owner = newcomer()
    next_owner.connect_evotor(OTHERS_TOKEN)
    answer = alice.client.post("/connections/evotor/delete", data={"seen": seen})
    assert answer.location.startswith("/login")
    assert db_session.scalars(select(CloudAccount.user_id)).all() == [next_owner.id]


def test_no_job_of_theirs_does_anything_to_a_newcomer(
    app: Flask, alice: Owner, newcomer: Callable[[], Owner], db_session: Session, run_jobs
) -> None:
    def last_keys() -> dict[Callable[..., None], int]:
        keys = {job: select(func.max(table.id)) for job, table in ABOUT.items()}
        return {job: db_session.scalar(key) or 0 for job, key in keys.items()}

    fill_every_table(alice, db_session, run_jobs)
    hers = last_keys()
    leave(alice)
    next_owner = newcomer()
    fill_every_table(next_owner, db_session, run_jobs)
    for table in (CatalogRefresh, CatalogExport, PhotoArchive, Publication, MarketReading):
        db_session.execute(update(table).values(status="queued"))
    db_session.execute(update(CloudAccount).values(last_checked_at=None, checking_since=now()))
    before = belongings(db_session, next_owner.id)
    with app.app_context():
        for job, key in hers.items():
            job(*([key, ["Чай"]] if job is suggest_categories else [key]))
    db_session.expire_all()
    assert belongings(db_session, next_owner.id) == before


def test_every_job_that_is_about_somebody_is_tried() -> None:
    needs_more = {
        path
        for path, job in jobs._known.items()
        if any(each.default is each.empty for each in signature(job).parameters.values())
    }
    # It names an address, and no row of anybody's.
    assert needs_more - {path_of(send_registration_letter)} == set(map(path_of, ABOUT))
