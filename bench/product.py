"""The product as a benchmark needs it: its application on a given database, and one owner."""

import os

from cryptography.fernet import Fernet
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from sqlalchemy import select

from app.accounts.models import User
from app.config import Settings, with_psycopg
from app.connections.models import EVOTOR, CloudAccount
from app.connections.state import connection_of
from app.data.db import db
from app.factory import create_app
from app.web.extensions import limiter

EMAIL = "bench@example.org"
NOWHERE = "http://127.0.0.1:9/evotor"
_KEY_VARIABLE = "BENCH_TOKEN_KEY"


def application(database_url: str, evotor_url: str = NOWHERE, **more: str) -> Flask:
    """The product with nothing but a database behind it, and a cloud when one is given; more settings."""
    # Processes of one run share it, so that one can read the token that another has stored.
    key = os.environ.setdefault(_KEY_VARIABLE, Fernet.generate_key().decode())
    app = create_app(
        Settings(
            secret_key="only for measuring",  # noqa: S106 (nobody else ever uses this application)
            token_keys=(key,),
            database_url=with_psycopg(database_url),
            evotor_api_url=evotor_url,
            **{"redis_url": "redis://127.0.0.1:9/0", **more},  # type: ignore[arg-type]
        )
    )
    limiter.enabled = False
    return app


def prepare() -> int:
    """Bring the database to the newest revision and make the owner; give the owner's id."""
    upgrade()
    user = db.session.scalar(select(User).filter_by(email=EMAIL))
    if user is None:
        user = User(email=EMAIL, name="Владелец")
        user.set_password("not a secret")
        db.session.add(user)
        db.session.flush()
    user_id = user.id
    db.session.commit()
    return user_id


def connect(user_id: int, token: str) -> None:
    """Let the owner's connection use `token`."""
    connection = connection_of(user_id, EVOTOR) or CloudAccount(user_id=user_id, provider=EVOTOR)
    connection.secret = {"token": token}
    db.session.add(connection)
    db.session.commit()


def sign_in(app: Flask, user_key: str) -> FlaskClient:
    """A browser in which an owner is signed in; `user_key` is what the session calls them."""
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = user_key, True
    return client


def environment_of(settings: Settings) -> dict[str, str]:
    """Give the variables that let a process of its own run the product with these settings."""
    return {
        **os.environ,
        "SECRET_KEY": settings.secret_key,
        "TOKEN_KEYS": ",".join(settings.token_keys),
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "EVOTOR_API_URL": settings.evotor_api_url,
    }
