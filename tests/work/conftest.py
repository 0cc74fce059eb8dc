"""Runs of an owner's, begun without anything that they would do."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.mirror.models import CatalogRefresh
from tests.owners import Owner


@pytest.fixture
def context(app: Flask):
    """The application's context, as a job or a request has it."""
    with app.app_context():
        yield


@pytest.fixture
def queued(alice: Owner, db_session: Session) -> int:
    """The key of a run of Alice's that waits."""
    run = CatalogRefresh(user_id=alice.id)
    db_session.add(run)
    db_session.flush()
    return run.id


@pytest.fixture
def row(db_session: Session) -> Callable[[int], CatalogRefresh]:
    """Read a run as it is now."""

    def read(run_id: int) -> CatalogRefresh:
        db_session.expire_all()
        return db_session.scalars(select(CatalogRefresh).filter_by(id=run_id)).one()

    return read


@pytest.fixture
def set_row(db_session: Session) -> Callable[..., None]:
    """Change a run behind everybody's back."""

    def change(run_id: int, **columns: object) -> None:
        db_session.execute(update(CatalogRefresh).filter_by(id=run_id).values(columns))

    return change
