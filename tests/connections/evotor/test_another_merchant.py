"""A catalogue belongs to a merchant: another one's token takes it away without a question, and rules stay."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.connections.jobs import check_connections
from app.connections.models import RECONNECT, CloudAccount
from app.data.db import db
from app.data.types import now
from app.mirror.models import CachedProduct, CatalogRefresh
from app.publishing.feed.models import Feed
from app.rules.for_scripts import goods_to_publish
from app.rules.models import SyncFilter
from sandbox.generator import add_generated_merchant
from sandbox.world import Merchant, World
from tests.databases import on_both
from tests.owners import DEMO_TOKEN, Owner

RunJobs = Callable[[], None]
OTHER = "token-of-another-merchant"


@pytest.fixture
def other(world: World) -> Merchant:
    """Another merchant, with a store and goods of their own."""
    return add_generated_merchant(world, OTHER, 3, stores=1)


@pytest.fixture
def browsed(alice: Owner, bob: Owner, run_jobs: RunJobs) -> None:
    """Alice and Bob with the same merchant, their catalogues brought in."""
    for owner in (alice, bob):
        owner.client.post("/connections/evotor", data={"token": DEMO_TOKEN})
    run_jobs()


def names(session: Session, owner: Owner) -> set[str]:
    session.expire_all()
    return set(session.scalars(select(CachedProduct.name).filter_by(user_id=owner.id)))


def published(owner: Owner) -> set[str]:
    with owner.app.app_context(), db.engine.connect() as connection:
        return {good.name for good in goods_to_publish(connection, owner.id)}


@on_both
def test_the_old_goods_go_at_once_and_the_new_ones_come_by_themselves(
    browsed: None, alice: Owner, bob: Owner, other: Merchant, db_session: Session, run_jobs: RunJobs
) -> None:
    before = names(db_session, bob)
    good = db_session.scalars(select(CachedProduct).filter_by(user_id=alice.id).limit(1)).one()
    rule = {"entity_type": "product", "entity_id": good.evotor_id, "store_id": good.store_evotor_id}
    alice.client.post("/catalog/filter", data={**rule, "filter_mode": "exclude"})
    alice.client.post("/connections/evotor", data={"token": OTHER})
    assert names(db_session, alice) == set() and published(alice) == set()
    run_jobs()
    assert len(names(db_session, alice)) == 3 and names(db_session, alice).isdisjoint(before)
    assert published(alice) == names(db_session, alice)
    assert db_session.scalars(select(SyncFilter.entity_id)).all() == [rule["entity_id"]]
    assert names(db_session, bob) == before, "Bob has the merchant that Alice has left"


def test_a_check_that_finds_another_merchant_asks_for_their_catalogue(
    browsed: None,
    alice: Owner,
    other: Merchant,
    world: World,
    merchant: Merchant,
    db_session: Session,
    run_jobs: RunJobs,
) -> None:
    world.revoke(DEMO_TOKEN)
    world.add_token(other, DEMO_TOKEN)
    alice.check("evotor")
    assert names(db_session, alice) == set()
    assert "Прежний каталог убран, загружаем новый" in alice.client.get("/catalog").text
    run_jobs()
    assert len(names(db_session, alice)) == 3
    assert "Прежний каталог" not in alice.client.get("/catalog").text
    alice.check("evotor")
    runs = db_session.scalars(select(CatalogRefresh.status).filter_by(user_id=alice.id)).all()
    assert runs == ["done", "done"], "it is the same merchant from then on"


def test_a_disconnection_in_between_makes_no_difference(
    browsed: None, alice: Owner, other: Merchant, db_session: Session, run_jobs: RunJobs
) -> None:
    db_session.delete(db_session.scalars(select(CloudAccount).filter_by(user_id=alice.id)).one())
    db_session.flush()
    assert len(names(db_session, alice)) > 1, "disconnecting keeps the catalogue"
    alice.client.post("/connections/evotor", data={"token": OTHER})
    run_jobs()
    assert len(names(db_session, alice)) == 3


def test_a_new_token_of_the_same_merchant_keeps_the_catalogue_and_refreshes_it(
    browsed: None,
    alice: Owner,
    merchant: Merchant,
    world: World,
    db_session: Session,
    run_jobs: RunJobs,
) -> None:
    before = names(db_session, alice)
    world.add_token(merchant, "second-token")
    alice.client.post("/connections/evotor", data={"token": "second-token"})
    assert names(db_session, alice) == before
    run_jobs()
    runs = db_session.scalars(select(CatalogRefresh.status).filter_by(user_id=alice.id)).all()
    assert runs == ["done", "done"], "what the page promised has begun"


def test_a_list_that_only_names_another_owner_takes_nothing_away(
    browsed: None,
    alice: Owner,
    merchant: Merchant,
    db_session: Session,
    run_jobs: RunJobs,
    app: Flask,
) -> None:
    before = names(db_session, alice)
    for store_id in merchant.stores:
        merchant.store_list.change(store_id, {"user_id": "01-000000000000999"})
    db_session.execute(update(CloudAccount).values(next_check_at=now()))
    with app.app_context():
        check_connections()
    assert names(db_session, alice) == before, "no merchant has stores of another one"
    alice.client.post("/catalog/refresh")
    run_jobs()
    assert names(db_session, alice) == before
    runs = db_session.scalars(select(CatalogRefresh.status).filter_by(user_id=alice.id)).all()
    assert runs == ["done", "done"]


def test_a_list_of_other_stores_that_names_nobody_is_asked_about(
    browsed: None, alice: Owner, world: World, db_session: Session, run_jobs: RunJobs
) -> None:
    before = names(db_session, alice)
    db_session.add(Feed(user_id=alice.id, digest="of-the-address", credentials=""))
    db_session.flush()
    world.faults.add("unknown_store")
    alice.check("evotor")
    assert names(db_session, alice) == before
    alice.client.post("/catalog/refresh")
    run_jobs()
    assert names(db_session, alice) == before
    assert db_session.scalars(select(Feed.digest).filter_by(user_id=alice.id)).all() == ["of-the-address"]
    runs = db_session.scalars(select(CatalogRefresh.status).filter_by(user_id=alice.id)).all()
    assert runs == ["done", "partial"]
    assert "Мы ничего не удалили" in alice.client.get("/catalog").text


def test_a_connection_that_comes_back_refreshes_the_catalogue(
    browsed: None, alice: Owner, db_session: Session, run_jobs: RunJobs, app: Flask
) -> None:
    lost = {"status": RECONNECT, "is_online": False, "next_check_at": now()}
    db_session.execute(update(CloudAccount).filter_by(user_id=alice.id).values(**lost))
    with app.app_context():
        check_connections()
    run_jobs()
    runs = db_session.scalars(select(CatalogRefresh.status).filter_by(user_id=alice.id)).all()
    assert runs == ["done", "done"]
    with app.app_context():
        check_connections()
    run_jobs()
    assert db_session.query(CatalogRefresh).filter_by(user_id=alice.id).count() == 2
