"""Runs of `run/read_config.py` as a shell script makes them."""

import os
import subprocess
import sys
from collections.abc import Callable

import pytest

from app.config import ROOT
from app.connections.models import EVOTOR, ONLINE, VK, CloudAccount
from app.data.db import db
from tests.owners import Owner

EVOTOR_TOKEN = "evotor-secret"
Reader = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def read_config(alice: Owner, environment: dict[str, str]) -> Reader:
    """Run the script for Alice; only the database's address and the keys are in its environment."""

    def run(*arguments: str, user: str | None = None, **more: str) -> subprocess.CompletedProcess[str]:
        names = ("DATABASE_URL", "TOKEN_KEYS")
        done = subprocess.run(
            [sys.executable, "run/read_config.py", "--user", user or alice.email, *arguments],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], **{name: environment[name] for name in names}, **more},
            capture_output=True,
        )
        # Decoded here: reading as text would turn every carriage return into a line feed.
        return subprocess.CompletedProcess(
            done.args, done.returncode, done.stdout.decode(), done.stderr.decode()
        )

    return run


@pytest.fixture
def connect_all(alice: Owner) -> Callable[..., None]:
    """Give Alice both connections, with secrets, and a community of this name."""

    def connect(community: str = "Чайная на Невском", token: str = EVOTOR_TOKEN) -> None:
        with alice.app.app_context():
            for provider, secret in ((EVOTOR, {"token": token}), (VK, {"access_token": "vk-secret"})):
                profile = {"community": {"id": 123, "name": community}} if provider == VK else {}
                connection = CloudAccount(user_id=alice.id, provider=provider, profile=profile)
                connection.secret = secret
                connection.is_online, connection.status = True, ONLINE
                db.session.add(connection)
            db.session.commit()

    return connect


@pytest.fixture
def switched_on(alice: Owner) -> None:
    """Synchronisation is on and confirmed."""
    alice.client.post("/sync", data={"is_enabled": "1", "confirm": "1"})
