"""Migrations run up and down on both databases and end in what the models say."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask, current_app
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect

from app.config import ROOT, Settings, with_psycopg
from app.data.db import db
from app.factory import create_app
from app.mirror.search import is_of_search

# SQLite cannot say what an index on an expression is made of.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index"),
    pytest.mark.filterwarnings("ignore:autogenerate skipping metadata-specified expression-based index"),
]


@cache
def script() -> ScriptDirectory:
    """The migrations, read once and not for each of some hundred steps."""
    return ScriptDirectory(str(ROOT / "migrations"))


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """The application on a database that nobody has migrated yet."""
    monkeypatch.setattr(ScriptDirectory, "from_config", lambda _: script())
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'empty.db'}"
    else:
        server = request.getfixturevalue("postgres_url")
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute("DROP DATABASE IF EXISTS migrations")
            connection.execute("CREATE DATABASE migrations")
        url = with_psycopg(_renamed(server, "migrations"))
    app = create_app(Settings(secret_key="migration", token_keys=(), database_url=url))
    with app.app_context():
        yield app
        db.engine.dispose()


def _renamed(url: str, database: str) -> str:
    head, _, query = url.partition("?")
    return f"{head.rpartition('/')[0]}/{database}" + (f"?{query}" if query else "")


def tables() -> set[str]:
    names = inspect(db.engine).get_table_names()
    return {name for name in names if not is_of_search(name)} - {"alembic_version"}


def differences() -> list[object]:
    with db.engine.connect() as connection:
        options = current_app.extensions["migrate"].configure_args
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), db.metadata))


def test_up_down_and_up_again_end_in_the_models(empty: Flask) -> None:
    upgrade()
    assert tables() == set(db.metadata.tables)
    assert differences() == []
    downgrade(revision="base")
    assert tables() == set()
    upgrade()
    assert tables() == set(db.metadata.tables)
    assert differences() == []


def test_every_single_step_can_be_taken_back(empty: Flask) -> None:
    revisions = [revision.revision for revision in script().walk_revisions()][::-1]
    assert len(script().get_heads()) == 1
    for revision in revisions:
        upgrade(revision=revision)
        downgrade(revision="-1")
        upgrade(revision=revision)
    assert differences() == []


def test_running_them_twice_changes_nothing(empty: Flask) -> None:
    upgrade()
    upgrade()
    assert differences() == []
