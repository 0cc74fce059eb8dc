"""`flask doctor` finds what is broken and says what to do about it."""

import time
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from flask import Flask
from sqlalchemy import text

from app.data.db import db
from app.work.queue import LANES, queue
from tests.owners import Owner
from tests.processes import ClockStarter, wait_until
from tests.product import AppMaker

on_each = pytest.mark.databases("sqlite", "postgresql")

WELL = {
    "secret_key": "x" * 48,
    "public_url": "https://vitrina.example",
    "smtp_url": None,
}


def examine(app: Flask) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["doctor"])
    return result.exit_code, result.output


@on_each
def test_a_whole_installation_is_found_well(
    make_app: AppMaker, app: Flask, worker, start_clock: ClockStarter
) -> None:
    patient = make_app(**WELL)
    start_clock()
    wait_until(lambda: queue.worker_count() == len(LANES) and queue.clock_is_running())
    code, report = examine(patient)
    assert code == 0, report
    for line in (
        "ok       database",
        "ok       migrations",
        "ok       queue",
        f"ok       worker: {len(LANES)} alive",
    ):
        assert line in report
    assert "ok       clock: runs" in report and "ok       Evotor" in report and "ok       VK API" in report
    assert "SMTP_URL is not set" in report


@pytest.mark.parametrize(
    ("changes", "found", "advice"),
    [
        ({"redis_url": "redis://127.0.0.1:1/0"}, "broken   queue: does not answer", "Start Valkey or Redis"),
        (
            {"database_url": "postgresql+psycopg://127.0.0.1:1/x"},
            "broken   database: does not answer (connection failed",
            "DATABASE_URL",
        ),
        (
            {"evotor_api_url": "http://127.0.0.1:1"},
            "broken   Evotor: 127.0.0.1:1 does not answer",
            "firewall",
        ),
        ({"evotor_ca_bundle": "/nowhere.pem"}, "EVOTOR_CA_BUNDLE is no readable PEM", "Correct the path"),
        ({"smtp_url": "smtp://127.0.0.1:1"}, "broken   mail: no letter can be sent", "Check SMTP_URL"),
        ({"public_url": "http://shop.example"}, "warning  settings: PUBLIC_URL is not https", "TLS"),
        ({}, "broken   worker: none is alive", "Start `python worker.py`"),
        ({}, "broken   clock: is not running", "Start `python clock.py`"),
    ],
)
def test_what_is_broken_is_named_with_what_to_do(
    make_app: AppMaker, app: Flask, changes: dict[str, object], found: str, advice: str
) -> None:
    code, report = examine(make_app(**{**WELL, **changes}))
    assert code == 1
    assert found in report and advice in report
    assert "Traceback" not in report


def test_migrations_that_were_not_run_are_named(make_app: AppMaker, app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "empty.db"
    path.touch()
    code, report = examine(make_app(**WELL, database_url=f"sqlite:///{path}"))
    assert code == 1 and "broken   migrations: at None" in report and "db upgrade" in report


def test_a_database_of_a_newer_version_is_not_to_be_upgraded(
    make_app: AppMaker, app: Flask, tmp_path: Path
) -> None:
    patient = make_app(**WELL, database_url=f"sqlite:///{tmp_path / 'newer.db'}")
    with patient.app_context(), db.engine.begin() as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32))"))
        connection.execute(text("INSERT INTO alembic_version VALUES ('9999')"))
    code, report = examine(patient)
    assert code == 1 and "broken   migrations: at 9999, which is unknown here" in report
    assert "newer version" in report and "db upgrade" not in report


def test_a_rented_queue_server_that_hides_its_settings_is_no_broken_one(
    make_app: AppMaker, app: Flask, valkey_url: str
) -> None:
    path = valkey_url.removeprefix("unix://")
    with app.app_context():
        queue.connection.acl_setuser(
            "tenant",
            enabled=True,
            passwords=["+word"],
            keys=["*"],
            channels=["*"],
            commands=["+@all", "-config"],
        )
    _, report = examine(make_app(**WELL, redis_url=f"unix://tenant:word@{path}"))
    assert "ok       queue: answers" in report
    assert "warning  queue: maxmemory-policy cannot be read" in report and "noeviction" in report


@on_each
def test_secrets_under_a_lost_key_are_counted(make_app: AppMaker, alice: Owner, app: Flask) -> None:
    alice.connect_evotor()
    code, report = examine(make_app(**WELL, token_keys=(Fernet.generate_key().decode(),)))
    assert code == 1 and "broken   stored secrets: 1 cannot be decrypted" in report


@on_each
def test_a_clock_that_is_wrong_is_noticed(
    make_app: AppMaker, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient = make_app(**WELL)
    with app.app_context():
        is_postgresql = db.engine.dialect.name == "postgresql"
        db.session.execute(text("SELECT 1"))
    now = time.time
    monkeypatch.setattr("app.operations.doctor.time.time", lambda: now() - 3600)
    _, report = examine(patient)
    assert "time of the queue: +3600 s from here" in report and "NTP" in report
    assert ("time of the database: +3600 s" in report) is is_postgresql
