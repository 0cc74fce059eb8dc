"""Owners of shops: Alice, and Bob who must never see what is hers."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.security import generate_password_hash

from app.accounts.models import SignIn, User
from app.connections.evotor.account import connect_evotor
from app.data.db import db
from app.work.queue import CHECKS_QUEUE_NAME
from tests.checking_client import CheckedResponse, CheckingClient
from tests.jobs import work_off
from tests.product import CHEAP_HASH, AppMaker

PASSWORD = "чай-и-вода-2026"
DEMO_TOKEN = "demo-evotor-token"
_HASH = generate_password_hash(PASSWORD, CHEAP_HASH)


@dataclass
class Owner:
    """A registered owner and the browser in which they are signed in."""

    id: int
    email: str
    password: str
    client: CheckingClient
    app: Flask

    def sign_in_again(self, session: Session) -> None:
        """Sign in past the form: something before may have signed the owner out of every session."""
        session.expire_all()
        user = session.get_one(User, self.id)
        session.add(SignIn.of(user))
        session.flush()
        user_key = user.get_id()
        with self.client.session_transaction() as cookie:
            cookie["_user_id"] = user_key

    def check(self, provider: str) -> CheckedResponse:
        """Press «Проверить сейчас», let a worker do it, and give the card that the poll then brings."""
        asked = self.client.htmx_post(f"/connections/{provider}/check")
        assert asked.status_code == 200, asked.text
        work_off(self.app, [CHECKS_QUEUE_NAME])
        return self.client.htmx_get(f"/connections/{provider}/card")

    def connect_evotor(self, token: str = DEMO_TOKEN) -> None:
        """Connect the owner to the sandbox's Evotor cloud."""
        with self.app.app_context():
            connect_evotor(self.id, token)
            db.session.commit()

    def disconnect(self, provider: str = "evotor", **options: Any) -> CheckedResponse:
        """Go to the page that asks, and agree."""
        page = self.client.get(f"/connections/{provider}/delete").page
        (seen,) = page.select("//input[@name='seen']/@value")
        return self.client.post(f"/connections/{provider}/delete", data={"seen": seen}, **options)


def add_owner(app: Flask, session: Session, name: str) -> Owner:
    """Register an owner straight in the database and sign them in."""
    user = User(email=f"{name.lower()}@example.org", name=name, password_hash=_HASH)
    session.add(user)
    session.flush()
    session.add(SignIn.of(user))
    session.flush()
    user_key = user.get_id()
    client = app.test_client()
    assert isinstance(client, CheckingClient)
    with client.session_transaction() as cookie:
        cookie["_user_id"] = user_key
        cookie["_fresh"] = True
    return Owner(user.id, user.email, PASSWORD, client, app)


@pytest.fixture
def alice(app: Flask, db_session: Session) -> Owner:
    """An owner, signed in."""
    return add_owner(app, db_session, "Alice")


@pytest.fixture
def bob(app: Flask, db_session: Session) -> Owner:
    """Another owner, signed in."""
    return add_owner(app, db_session, "Bob")


@pytest.fixture
def cut_off(make_app: AppMaker, alice: Owner, tmp_path: Path) -> CheckingClient:
    """Alice's browser at an installation whose database does not answer."""
    client = make_app(database_url=f"sqlite:///{tmp_path / 'missing' / 'vitrina.db'}").test_client()
    assert isinstance(client, CheckingClient)
    with client.session_transaction() as cookie:
        cookie["_user_id"] = f"{alice.id}:anything"
    return client
