"""Rounds of checks, and what they leave behind."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session as DatabaseSession

from app.connections.jobs import check_connections
from app.connections.models import EVOTOR, CloudAccount
from app.data.types import now
from tests.owners import Owner

State = Callable[[Owner], CloudAccount]


@pytest.fixture
def round_of_checks(app: Flask, db_session: DatabaseSession) -> Callable[[], None]:
    """Run a round, as when the next one is due."""

    def run() -> None:
        db_session.execute(
            update(CloudAccount).where(CloudAccount.next_check_at.is_not(None)).values(next_check_at=now())
        )
        with app.app_context():
            check_connections()

    return run


@pytest.fixture
def state_of(db_session: DatabaseSession) -> State:
    """Read an owner's Evotor connection as it is now."""

    def read(owner: Owner) -> CloudAccount:
        db_session.expire_all()
        return db_session.scalars(select(CloudAccount).filter_by(user_id=owner.id, provider=EVOTOR)).one()

    return read
