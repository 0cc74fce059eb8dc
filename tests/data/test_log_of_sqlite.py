"""SQLite's log of writes gives the disk back after a big change."""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from app.data import engine
from app.data.db import db

KEPT = 200_000


def test_the_log_shrinks_once_what_filled_it_is_in_the_database(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "_LOG_KEPT", KEPT)
    with app.app_context():
        # Connections are prepared when they are made.
        db.engine.dispose()
        log = Path(f"{db.engine.url.database}-wal")
        with db.engine.begin() as connection:
            connection.execute(text("CREATE TABLE much (value BLOB)"))
            connection.execute(text("INSERT INTO much VALUES (randomblob(1000000))"))
        assert log.stat().st_size > 1_000_000
        with db.engine.connect() as connection:
            connection.execute(text("PRAGMA wal_checkpoint"))
        with db.engine.begin() as connection:
            connection.execute(text("CREATE TABLE little (value BLOB)"))
        assert log.stat().st_size <= KEPT
        with db.engine.begin() as connection:
            connection.execute(text("DROP TABLE much"))
            connection.execute(text("DROP TABLE little"))
        db.engine.dispose()
