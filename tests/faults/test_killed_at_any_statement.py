"""SIGKILL between any two statements leaves a whole database, an honest page and a way on."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import redis
from cryptography.fernet import Fernet
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.connections.models import ONLINE, RECONNECT, CloudAccount
from app.data import crypto
from app.data.db import db
from app.mirror.models import (
    CachedGroup,
    CachedProduct,
    CachedStore,
    CatalogRefresh,
    GroupSize,
    StagedProduct,
)
from app.rules.changes.plan import BULK, plan
from app.rules.decide import EXCLUDE, INCLUDE, PRODUCT
from app.rules.models import RuleChange, SyncFilter
from app.rules.read import Target
from sandbox.vk.world import Community, Person, VkWorld
from tests.connections.vk.conftest import connect
from tests.faults.conftest import Victim
from tests.mirror.refresh.conftest import MAIN, SIDE, Shop, said, state
from tests.mirror.refresh.test_dead_worker import back_in_time
from tests.owners import DEMO_TOKEN, Owner

pytestmark = pytest.mark.databases("sqlite", "postgresql")

Moments = Callable[[int], list[int]]
Catalogue = dict[str, tuple[Any, ...]]


def catalogue(session: Session, owner: Owner) -> Catalogue:
    """What the owner's tables hold, store by store; counts of groups must agree with their goods."""
    session.expire_all()
    found: Catalogue = {}
    for store in session.scalars(select(CachedStore).filter_by(user_id=owner.id)):
        here = {"user_id": owner.id, "store_evotor_id": store.evotor_id}
        groups = session.scalars(select(CachedGroup).filter_by(**here))
        products = session.scalars(select(CachedProduct).filter_by(**here)).all()
        counted = session.scalar(select(func.sum(GroupSize.products)).filter_by(**here)) or 0
        assert counted == len(products)
        found[store.evotor_id] = (
            store.name,
            sorted((group.evotor_id, group.name) for group in groups),
            sorted((item.evotor_id, item.name, item.group_evotor_id, item.price) for item in products),
        )
    return found


def turn_over(shop: Shop, round: int) -> None:
    """Change the cloud's catalogue in every way that a refresh can see."""
    for store in (shop.main, shop.side):
        shop.put(store, "p0", price=1000 + round)
        shop.put(store, f"new-{round}", parent_id="g1")
        if store.products.get(f"new-{round - 1}"):
            store.products.remove(f"new-{round - 1}")
        shop.put(store, "p1", parent_id=f"g{round % 3}")
        store.groups.put({"id": "g0", "name": f"Группа {round}"})


@pytest.fixture
def queue_server(valkey_url: str):
    with redis.Redis.from_url(valkey_url) as connection:
        yield connection


def test_a_killed_refresh_leaves_each_store_old_or_new_and_the_next_one_mends_it(
    owner: Owner,
    shop: Shop,
    refresh,
    runs,
    victim: Victim,
    moments: Moments,
    db_session: Session,
    queue_server,
) -> None:
    assert refresh().status == "done"
    turn_over(shop, 1)
    owner.client.post("/catalog/refresh")
    measured = victim.does("refresh", runs()[-1].id)
    assert measured["ended"] == "done" and runs()[-1].status == "done"

    for round, moment in enumerate(moments(measured["statements"]), start=2):
        before = catalogue(db_session, owner)
        turn_over(shop, round)
        owner.client.post("/catalog/refresh")
        queue_server.flushall()
        run_id = runs()[-1].id
        ended = victim.does("refresh", run_id, dies_at=moment)["ended"]
        middle = catalogue(db_session, owner)
        killed = runs()[-1]
        if killed.status == "running":
            # Delivered a second time, the dead run does nothing.
            victim.does("refresh", run_id)
            assert catalogue(db_session, owner) == middle
        if ended == "killed" and killed.status in ("queued", "running"):
            back_in_time(db_session, heartbeat_at=timedelta(seconds=50), requested_at=timedelta(seconds=50))
            assert state(owner) == "interrupted", moment
            assert "Обновление прервалось" in said(owner) and "Обновлено" not in said(owner)

        assert refresh().status == "done", moment
        after = catalogue(db_session, owner)
        assert after[MAIN] != before[MAIN] and after[SIDE] != before[SIDE]
        for store_id in (MAIN, SIDE):
            assert middle[store_id] in (before[store_id], after[store_id]), moment
        assert db_session.scalars(select(StagedProduct)).all() == []
        active = select(func.count()).select_from(CatalogRefresh).filter(CatalogRefresh.finished_at.is_(None))
        assert db_session.scalar(active) == 0


def rules(session: Session) -> dict[str, str]:
    session.expire_all()
    return {rule.entity_id: rule.filter_mode for rule in session.scalars(select(SyncFilter))}


def plan_bulk(app: Flask, owner: Owner, mode: str, goods: int = 40) -> int:
    targets = [
        (Target(PRODUCT, f"p{number}", MAIN, f"Товар {number}", None), mode) for number in range(goods)
    ]
    with app.app_context():
        change = plan(owner.id, BULK, "Много товаров", targets=targets)
        db.session.commit()
        return change.id


def test_a_killed_bulk_change_is_made_whole_or_not_at_all(
    app: Flask, owner: Owner, victim: Victim, moments: Moments, db_session: Session
) -> None:
    measured = victim.does("change of rules", plan_bulk(app, owner, EXCLUDE))
    assert measured["ended"] == "done" and set(rules(db_session).values()) == {EXCLUDE}

    for round, moment in enumerate(moments(measured["statements"])):
        before = rules(db_session)
        mode = EXCLUDE if round % 2 else INCLUDE
        change_id = plan_bulk(app, owner, mode)
        victim.does("change of rules", change_id, dies_at=moment)
        change = db_session.get_one(RuleChange, change_id)
        db_session.refresh(change)
        middle = rules(db_session)
        whole = dict.fromkeys(before, mode)
        assert middle == (whole if change.applied_at else before), moment

        owner.client.post(f"/sync/changes/{change_id}/apply")
        assert rules(db_session) == whole
        owner.client.post(f"/sync/changes/{change_id}/undo")
        assert rules(db_session) == before
        owner.client.post(f"/sync/changes/{change_id}/undo")
        victim.does("change of rules", plan_bulk(app, owner, mode))


def test_a_killed_exchange_of_tokens_leaves_a_secret_that_opens_and_a_state_that_is_true(
    app: Flask,
    alice: Owner,
    maria: Person,
    teahouse: Community,
    vk: VkWorld,
    stored: Callable[[Owner], CloudAccount | None],
    victim: Victim,
    moments: Moments,
    queue_server,
) -> None:
    connect(alice, maria, teahouse)
    connection = stored(alice)
    assert connection is not None
    vk.expire_access()
    measured = victim.does("exchange of tokens", connection.id)
    assert measured["ended"] == "done" and vk.rotations == 1

    for moment in moments(measured["statements"]):
        vk.expire_access()
        victim.does("exchange of tokens", connection.id, dies_at=moment)
        locks = list(queue_server.scan_iter("vitrina:lock:*"))
        for lock in locks:
            assert 0 < queue_server.ttl(lock) <= 60, "a dead process must not hold a lock for ever"
        if locks:
            queue_server.delete(*locks)

        alice.check("vk")
        checked = stored(alice)
        assert checked is not None
        with app.app_context():
            secret = crypto.decrypt(checked.credentials)
        lives = vk.grant_of(secret["access_token"]) is not None
        assert (checked.is_online, checked.status) == ((True, ONLINE) if lives else (False, RECONNECT)), (
            moment
        )
        if not lives:
            # VK had spent the old pair, and the new one died with the process: nobody has it any more.
            connect(alice, maria, teahouse)
            assert "На связи" in alice.client.get("/connections").page.text


def test_a_killed_rotation_of_keys_leaves_every_secret_readable_and_can_be_run_again(
    app: Flask,
    owner: Owner,
    bob: Owner,
    environment: dict[str, str],
    victim: Victim,
    db_session: Session,
    moments: Moments,
) -> None:
    bob.connect_evotor()
    new_key = Fernet.generate_key().decode()
    keys = f"{new_key},{environment['TOKEN_KEYS']}"
    rotating = victim.with_settings(TOKEN_KEYS=keys)
    secrets = {}
    for moment in moments(6):
        rotating.does("rotation of keys", dies_at=moment)
        db_session.expire_all()
        for connection in db_session.scalars(select(CloudAccount)):
            secrets[connection.user_id] = crypto.decrypt(connection.credentials, keys.split(","))["token"]
        assert secrets[bob.id] == DEMO_TOKEN and len(secrets) == 2
    assert rotating.does("rotation of keys")["ended"] == "done"
    db_session.expire_all()
    for connection in db_session.scalars(select(CloudAccount)):
        assert crypto.decrypt(connection.credentials, [new_key])["token"] == secrets[connection.user_id]
