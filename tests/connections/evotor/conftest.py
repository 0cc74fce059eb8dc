"""What the pages of connections are tried with."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.connections.models import CloudAccount
from sandbox.world import Merchant, World
from tests.owners import DEMO_TOKEN, Owner


@pytest.fixture
def merchant(world: World) -> Merchant:
    """The merchant whose token the tests paste."""
    found = world.merchant_of(DEMO_TOKEN)
    assert found is not None
    return found


class Stored:
    """The owner's Evotor connection as the database holds it."""

    def __init__(self, app: Flask, session: Session, owner: Owner) -> None:
        self._app, self._session, self._owner = app, session, owner

    @property
    def row(self) -> CloudAccount | None:
        self._session.expire_all()
        return self._session.scalar(select(CloudAccount).filter_by(user_id=self._owner.id))

    @property
    def secret(self) -> dict[str, Any]:
        """The decrypted credentials."""
        assert self.row is not None
        with self._app.app_context():
            return self.row.secret


@pytest.fixture
def stored(app: Flask, db_session: Session, alice: Owner) -> Stored:
    """Alice's connection."""
    return Stored(app, db_session, alice)
