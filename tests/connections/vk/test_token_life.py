"""Tokens live an hour; whoever needs one exchanges the pair, and only one does."""

import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import redis
from flask import Flask
from sqlalchemy import update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.clients.errors import Unauthorized, Unavailable
from app.clients.vk.api import User
from app.config import Settings
from app.connections.models import ONLINE, CloudAccount
from app.connections.vk import tokens
from app.connections.vk.account import ask_vk
from app.data import crypto
from app.data.db import db
from app.factory import create_app
from app.work.queue import QueueUnavailable, queue
from sandbox.vk.world import Community, Person, VkWorld
from tests.connections.vk.conftest import card, check_in_background, connect, decide
from tests.databases import listening
from tests.owners import Owner
from tests.processes import FORKS
from tests.product import AppMaker

Stored = Callable[[Owner], CloudAccount | None]


def ask_who(app: Flask, connection_id: int) -> User:
    """Call VK with the connection's token."""
    with app.app_context():
        connection = db.session.get(CloudAccount, connection_id)
        assert connection is not None
        return ask_vk(connection, lambda client: client.user())


def ask_in_a_process(settings: Settings, connection_id: int) -> list[str]:
    """Do so twice at once in a process of its own."""
    app = create_app(settings)
    with ThreadPoolExecutor(2) as pool:
        return [user.id for user in pool.map(lambda _: ask_who(app, connection_id), range(2))]


def age(app: Flask, connection: CloudAccount, session: Session) -> None:
    """Let our own clock say that the hour is over."""
    with app.app_context():
        aged = crypto.encrypt({**crypto.decrypt(connection.credentials), "expires_at": int(time.time())})
    session.execute(update(CloudAccount).values(credentials=aged))


@pytest.fixture
def connected(alice: Owner, maria: Person, teahouse: Community, stored: Stored) -> CloudAccount:
    """Alice's connection, with its community."""
    connect(alice, maria, teahouse)
    connection = stored(alice)
    assert connection is not None
    return connection


@pytest.mark.parametrize("noticed_by", ["our clock", "VK"])
def test_four_threads_with_an_expired_token_cause_one_exchange(
    app: Flask, connected: CloudAccount, vk: VkWorld, db_session: Session, noticed_by: str
) -> None:
    if noticed_by == "our clock":
        age(app, connected, db_session)
    vk.expire_access()
    vk.seconds_to_refresh = 0.3
    connection_id = connected.id
    with ThreadPoolExecutor(4) as pool:
        users = list(pool.map(lambda _: ask_who(app, connection_id), range(4)))
    assert [user.name for user in users] == ["Мария Чайкина"] * 4
    assert (vk.rotations, vk.spent_tokens_seen) == (1, 0)


def test_two_threads_in_each_of_two_processes_cause_one_exchange(
    app: Flask, settings: Settings, connected: CloudAccount, vk: VkWorld
) -> None:
    vk.expire_access()
    vk.seconds_to_refresh = 0.3
    with FORKS.Pool(2) as pool:
        users = pool.starmap(ask_in_a_process, [(settings, connected.id)] * 2)
    assert users == [[connected.external_user_id] * 2] * 2
    assert (vk.rotations, vk.spent_tokens_seen) == (1, 0)


def test_a_good_token_is_used_as_it_is(app: Flask, connected: CloudAccount, vk: VkWorld) -> None:
    ask_who(app, connected.id)
    assert vk.rotations == 0


def test_the_new_pair_is_stored_before_it_is_used(
    app: Flask, connected: CloudAccount, vk: VkWorld, stored: Stored, alice: Owner
) -> None:
    with app.app_context():
        connection = db.session.get(CloudAccount, connected.id)
        assert connection is not None
        token = tokens.access_token(connection, refused=connection.secret["access_token"])
        newest = stored(alice)
        assert newest is not None and newest.secret["access_token"] == token
    assert vk.rotations == 1


def test_a_new_pair_waits_for_a_database_that_is_away(
    app: Flask, connected: CloudAccount, vk: VkWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """VK takes the old pair no more: without the new one the owner would have to connect anew."""
    monkeypatch.setattr(tokens, "_TRIED_EVERY_SECONDS", 0)
    lost = 0

    def go_away(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        nonlocal lost
        if vk.rotations and lost < 3:
            lost += 1
            raise OperationalError(statement, {}, sqlite3.OperationalError("the connection was lost"))

    vk.expire_access()
    with app.app_context():
        engine = db.engine
    with listening(engine, "before_cursor_execute", go_away):
        assert ask_who(app, connected.id).name == "Мария Чайкина"
    assert lost == 3
    assert ask_who(app, connected.id).name == "Мария Чайкина" and vk.rotations == 1


def test_the_next_hours_go_by_without_the_owner(
    app: Flask, connected: CloudAccount, vk: VkWorld, db_session: Session, stored: Stored, alice: Owner
) -> None:
    for hours in range(1, 4):
        connection = stored(alice)
        assert connection is not None
        age(app, connection, db_session)
        vk.expire_access()
        check_in_background(app, connection.id)
        assert vk.rotations == hours
        connection = stored(alice)
        assert connection is not None and connection.status == ONLINE


def test_a_dead_refresh_token_means_connect_anew(app: Flask, connected: CloudAccount, vk: VkWorld) -> None:
    vk.grants.clear()
    with pytest.raises(Unauthorized):
        ask_who(app, connected.id)


def test_while_vk_id_is_away_the_old_pair_stays(
    app: Flask, connected: CloudAccount, vk: VkWorld, db_session: Session
) -> None:
    age(app, connected, db_session)
    vk.trouble = "status_500"
    with pytest.raises(Unavailable):
        ask_who(app, connected.id)
    vk.trouble = None
    assert ask_who(app, connected.id).name == "Мария Чайкина"


def test_without_the_queue_server_the_owner_is_told_and_the_pair_stays(
    app: Flask, alice: Owner, connected: CloudAccount, vk: VkWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    vk.expire_access()
    with monkeypatch.context() as patch:
        patch.setattr(queue, "connection", redis.Redis(port=9, socket_connect_timeout=0.2))
        with pytest.raises(QueueUnavailable):
            ask_who(app, connected.id)
        answer = alice.client.htmx_post("/connections/vk/check")
        assert "очередь заданий не отвечает" in answer.page.text and "Проверяем" not in answer.page.text
    assert vk.rotations == 0
    alice.check("vk")
    assert "На связи" in card(alice)


def test_an_exchange_does_not_overwrite_a_newer_authorisation(
    app: Flask, alice: Owner, maria: Person, connected: CloudAccount, vk: VkWorld, stored: Stored
) -> None:
    vk.expire_access()
    original = vk.rotate

    def connect_meanwhile(*arguments: str) -> object:
        rotated = original(*arguments)
        vk.rotate = original  # type: ignore[method-assign]
        alice.client.get(decide(alice, maria))
        return rotated

    vk.rotate = connect_meanwhile  # type: ignore[method-assign, assignment]
    try:
        assert ask_who(app, connected.id).name == "Мария Чайкина"
    finally:
        del vk.rotate
    connection = stored(alice)
    assert connection is not None
    with app.app_context():
        kept = crypto.decrypt(connection.credentials)["refresh_token"]
    assert kept == vk.grants[-1].refresh_token


def test_new_keys_during_an_exchange_lose_nothing(
    app: Flask, connected: CloudAccount, vk: VkWorld, db_session: Session
) -> None:
    vk.expire_access()
    original = vk.rotate

    def encrypt_anew(*arguments: str) -> object:
        with app.app_context():
            anew = crypto.encrypt(crypto.decrypt(connected.credentials))
        db_session.execute(update(CloudAccount).values(credentials=anew))
        return original(*arguments)

    vk.rotate = encrypt_anew  # type: ignore[method-assign, assignment]
    try:
        ask_who(app, connected.id)
    finally:
        del vk.rotate
    ask_who(app, connected.id)
    assert (vk.rotations, vk.spent_tokens_seen) == (1, 0)


def test_the_token_of_one_owner_does_not_wait_for_anothers(
    app: Flask, make_app: AppMaker, connected: CloudAccount, vk: VkWorld
) -> None:
    vk.expire_access()
    with app.app_context():
        lock = queue.connection.lock(f"vitrina:lock:vk-token:{connected.id + 1}", timeout=3600)
        assert lock.acquire()
        # It would wait in vain.
        ask_who(app, connected.id)
        lock.release()
