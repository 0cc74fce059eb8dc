"""No secret of VK is anywhere but encrypted in the database."""

import json
import logging
from collections.abc import Callable

import pytest
import redis
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.connections.jobs import request_check
from app.connections.models import CloudAccount
from sandbox.vk.world import Community, Person, VkWorld
from tests.connections.vk.conftest import check_in_background, choose, decide
from tests.owners import Owner
from tests.security.test_secrets_stay_inside import read_database

Stored = Callable[[Owner], CloudAccount | None]


def everything_queued(url: str) -> str:
    """The text of everything the queue server holds."""
    with redis.Redis.from_url(url) as server:
        return "".join(str(server.dump(key)) + str(key) for key in server.keys("*"))


def test_no_secret_is_seen_on_the_whole_way(
    app: Flask,
    alice: Owner,
    maria: Person,
    teahouse: Community,
    vk: VkWorld,
    db_session: Session,
    valkey_url: str,
    caplog: pytest.LogCaptureFixture,
    stored: Stored,
) -> None:
    caplog.set_level(logging.DEBUG)
    # The client library of these tests writes the consent page's address down; the product's own may not.
    caplog.set_level(logging.INFO, logger="urllib3")
    secrets: set[str] = set()
    shown: list[str] = []

    def remember() -> None:
        with app.app_context():
            for connection in db_session.scalars(select(CloudAccount)):
                db_session.refresh(connection)
                secret = connection.secret
                secrets.update((secret["access_token"], secret["refresh_token"], secret["device_id"]))

    def show(path: str) -> None:
        shown.append(alice.client.get(path).text)

    path = decide(alice, maria)
    secrets.add(path.partition("code=")[2].partition("&")[0])
    shown.append(alice.client.get(path).text)
    remember()
    show("/connections/vk/community")
    choose(alice, teahouse.id)
    connection = stored(alice)
    assert connection is not None
    for trouble in (None, "captcha", "status_500", "html_body", "internal"):
        vk.trouble = trouble
        vk.expire_access()
        check_in_background(app, connection.id)
        shown.append(alice.check("vk").text)
        remember()
        for page in ("/connections", "/connections/vk/delete", "/catalog", "/sync", "/profile"):
            show(page)
    vk.trouble = None
    vk.grants.clear()
    shown.append(alice.check("vk").text)
    show("/connections")

    with app.app_context():
        request_check(connection.id)

    assert len(secrets) >= 5
    records = "".join(repr(vars(record)) for record in caplog.records)
    places = {
        "pages": "".join(shown),
        "log": caplog.text + records,
        "database": read_database(db_session),
        "queue": everything_queued(valkey_url),
        "profile": json.dumps([each.profile for each in db_session.scalars(select(CloudAccount))]),
    }
    for place, content in places.items():
        assert content
        assert [secret for secret in secrets if secret in content] == [], place
