"""Evotor's cloud as it calls us."""

import itertools
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.connections.models import EVOTOR, CloudAccount
from sandbox.world import Merchant, World
from tests.checking_client import CheckedResponse, CheckingClient
from tests.owners import DEMO_TOKEN, Owner

SECRET = "evotor-app-secret"
START = datetime(2026, 3, 6, 12, 0, tzinfo=UTC)

State = Callable[[Owner], CloudAccount | None]


class Cloud:
    """Sends the deliveries; `secret` is what it shows for itself."""

    def __init__(self, client: CheckingClient) -> None:
        self._client = client
        self._numbers = itertools.count(1)
        self.secret = SECRET

    def post(self, path: str, body: Any, **headers: str) -> CheckedResponse:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        authorization = {"Authorization": f"Bearer {self.secret}"} if self.secret else {}
        return self._client.post(
            path, data=data, csrf=False, content_type="application/json", headers={**authorization, **headers}
        )

    def token(self, merchant: Merchant, token: str) -> CheckedResponse:
        return self.post("/api/v1/user/token", {"userId": merchant.id, "token": token})

    def verify(self, merchant: Merchant, email: str, password: str) -> CheckedResponse:
        body = {"userId": merchant.id, "username": email, "password": password, "customField": ""}
        return self.post("/api/v1/user/verify", body)

    def event(self, merchant: Merchant, kind: str, minutes: float = 0, id: str = "") -> CheckedResponse:
        """Tell of an installation or its end, `minutes` after the start of all things here."""
        body = {
            "id": id or f"event-{next(self._numbers)}",
            "timestamp": int((START + timedelta(minutes=minutes)).timestamp() * 1000),
            "version": 2,
            "type": f"Application{kind}",
            "data": {"productId": "vitrina", "userId": merchant.id},
        }
        return self.post("/installation/event", body)

    def goods(self, merchant: Merchant, store_id: str) -> CheckedResponse:
        goods = [{"uuid": "p1", "name": "Сидр", "price": 123.12, "group": False, "barCodes": []}]
        path = f"/inventories/stores/{store_id}/products"
        return self.post(path, goods, **{"X-Evotor-User-Id": merchant.id})


@pytest.fixture
def cloud(client: CheckingClient) -> Cloud:
    """Evotor's cloud, which knows our secret."""
    return Cloud(client)


@pytest.fixture
def merchant(world: World) -> Merchant:
    """The demo merchant, of whom Evotor tells us."""
    found = world.merchant_of(DEMO_TOKEN)
    assert found is not None
    return found


@pytest.fixture
def state_of(app: Flask, db_session: Session) -> State:
    """Read an owner's Evotor connection as it is now, None when there is none."""

    def read(owner: Owner) -> CloudAccount | None:
        db_session.expire_all()
        return db_session.scalar(select(CloudAccount).filter_by(user_id=owner.id, provider=EVOTOR))

    return read
