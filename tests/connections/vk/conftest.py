"""Alice's way through VK without a browser, and what VK holds meanwhile."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.clients.vk.oauth import Tokens
from app.clients.vk.payload import Community as Chosen
from app.connections.models import ONLINE, VK, CloudAccount
from app.connections.vk.account import SCOPE, check_vk, choose_community, connect_vk
from app.data.db import db
from app.work.queue import CHECKS_QUEUE_NAME
from sandbox.vk.grants import Asked
from sandbox.vk.world import Community, Person, VkWorld
from sandbox.world import World
from tests.checking_client import CheckedResponse
from tests.jobs import work_off
from tests.owners import Owner


@pytest.fixture
def vk(world: World) -> VkWorld:
    """The sandbox's VK, stocked for the demo; a test is quicker than any person, so it may ask more often."""
    world.vk.calls_per_second = 1000
    return world.vk


@pytest.fixture
def maria(vk: VkWorld) -> Person:
    """Alice as VK knows her: she administrates two communities and edits a third."""
    return vk.people[1001]


@pytest.fixture
def teahouse(vk: VkWorld) -> Community:
    """The community with a shop."""
    return vk.communities[2001]


def decide(owner: Owner, person: Person, decision: str = "allow") -> str:
    """Start in the product, decide on the consent page; return the path of the callback."""
    started = owner.client.get("/connections/vk/start")
    assert started.status_code == 302
    decided = requests.post(
        started.location,
        data={"person": person.id, "decision": decision},
        allow_redirects=False,
        timeout=60,
    )
    assert decided.status_code == 302, decided.text
    parts = urlsplit(decided.headers["Location"])
    assert f"{parts.scheme}://{parts.netloc}" == "http://localhost"
    return f"{parts.path}?{parts.query}"


def connect(owner: Owner, person: Person, community: Community | None = None) -> None:
    """Walk the whole way, through the choice of the community when one is given."""
    answer = owner.client.get(decide(owner, person))
    assert answer.location == "/connections/vk/community", answer.text
    work_off(owner.app, [CHECKS_QUEUE_NAME])
    if community:
        choose(owner, community.id)


# Profiles that a check has filled, by all that it asks VK about.
_said: dict[str, dict[str, Any]] = {}


def connect_at_once(owner: Owner, vk: VkWorld, person: Person, community: Community) -> None:
    """Leave what the whole way leaves, without walking it; VK is asked of such an account once."""
    client_id, device_id = owner.app.extensions["settings"].vk_client_id, "a browser of the tests"
    asked = Asked(person, client_id, device_id, "", "", tuple(SCOPE.split()), 0.0)
    grant, access_token = vk.new_grant(asked)
    scope = frozenset(SCOPE.split())
    tokens = Tokens(access_token, grant.refresh_token, int(vk.token_seconds), str(person.id), scope)
    with owner.app.app_context():
        connection = connect_vk(owner.id, tokens, device_id)
        if (about := repr((person, community, vk.communities))) in _said:
            connection.profile = _said[about]
        else:
            # The check puts what VK says of it in its place.
            choose_community(connection, Chosen(community.id, community.name, None, market_on=True))
            db.session.commit()
            check_vk(connection)
            if connection.status == ONLINE:
                _said[about] = connection.profile
        db.session.commit()


def choose(owner: Owner, community_id: int) -> CheckedResponse:
    """Choose a community on its page, and let a worker look at it."""
    answer = owner.client.post("/connections/vk/community", data={"community_id": community_id})
    work_off(owner.app, [CHECKS_QUEUE_NAME])
    return answer


def card(owner: Owner) -> str:
    """The text of the VK card on the page of connections."""
    page = owner.client.get("/connections").page
    [text] = page.texts("//section[@id='connection-vk']")
    return text


@pytest.fixture
def stored(db_session: Session) -> Callable[[Owner], CloudAccount | None]:
    """Read an owner's VK connection out of the database."""

    def read(owner: Owner) -> CloudAccount | None:
        db_session.expire_all()
        return db_session.scalar(select(CloudAccount).filter_by(user_id=owner.id, provider=VK))

    return read


def check_in_background(app: Flask, connection_id: int) -> None:
    """Check the connection as a worker does."""
    with app.app_context():
        connection = db.session.get(CloudAccount, connection_id)
        assert connection is not None
        check_vk(connection)
        db.session.commit()
