"""Runs of `run/read_config.py` as a shell script makes them."""

import io
import os
import runpy
import subprocess
import sys
from collections.abc import Callable
from unittest import mock

import pytest

from app.config import ROOT
from app.connections.models import EVOTOR, ONLINE, VK, CloudAccount
from app.data.db import db
from tests.owners import Owner

EVOTOR_TOKEN = "evotor-secret"
Reader = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def read_config(alice: Owner, environment: dict[str, str]) -> Reader:
    """Run the script for Alice; only the database's address and the keys are in its environment.

    It is run in this process, as `python run/read_config.py` would run it; with `in_process=True` by that.
    """

    def run(
        *arguments: str, user: str | None = None, in_process: bool = False, **more: str
    ) -> subprocess.CompletedProcess[str]:
        names = ("DATABASE_URL", "TOKEN_KEYS")
        env = {"PATH": os.environ["PATH"], **{name: environment[name] for name in names}, **more}
        command = ["run/read_config.py", "--user", user or alice.email, *arguments]
        if in_process:
            done = subprocess.run([sys.executable, *command], cwd=ROOT, env=env, capture_output=True)
        else:
            done = _run_here(command, env)
        # Decoded here: reading as text would turn every carriage return into a line feed.
        return subprocess.CompletedProcess(
            done.args, done.returncode, done.stdout.decode(), done.stderr.decode()
        )

    return run


def _run_here(command: list[str], env: dict[str, str]) -> subprocess.CompletedProcess[bytes]:
    out, error = io.BytesIO(), io.BytesIO()
    with pytest.MonkeyPatch.context() as patch, mock.patch.dict(os.environ, env, clear=True):
        patch.chdir(ROOT)
        patch.setattr(sys, "argv", command)
        patch.setattr(sys, "path", [*sys.path])
        patch.setattr(sys, "stdout", io.TextIOWrapper(out, write_through=True))
        patch.setattr(sys, "stderr", io.TextIOWrapper(error, write_through=True))
        with pytest.raises(SystemExit) as ended:
            runpy.run_path(command[0], run_name="__main__")
        code = ended.value.code
        done = subprocess.CompletedProcess(command, int(code or 0), out.getvalue(), error.getvalue())
    return done


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
