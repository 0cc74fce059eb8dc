"""The databases that tests run on: SQLite, or every kind that a test names.

A test whose SQL is the same to both, or is put to PostgreSQL by another test too, runs on SQLite alone.
Where the SQL differs, it is `@on_both`, or its module has
`pytestmark = pytest.mark.databases("sqlite", "postgresql")`; of its parameters those whose SQL is that of
others are `pytest.param(…, marks=on_sqlite)`. DATABASES=sqlite,postgresql names them for all.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

import pytest
from flask_migrate import upgrade
from sqlalchemy import Engine, event, exists, literal_column, select, union_all

from app.config import Settings, with_psycopg
from app.data.db import db
from app.factory import create_app

MARK = "databases"
on_both = pytest.mark.databases("sqlite", "postgresql")
on_sqlite = pytest.mark.databases("sqlite")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", f"{MARK}(*kinds): the databases that the test runs on, once on each")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database_url" in metafunc.fixturenames:
        metafunc.parametrize("database_url", _kinds(metafunc.definition), indirect=True, scope="session")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if "DATABASES" not in os.environ:
        items[:] = filter(_is_for_its_parameters, items)


def _is_for_its_parameters(item: pytest.Item) -> bool:
    call = getattr(item, "callspec", None)
    if call is None or "database_url" not in call.params:
        return True
    kind = call.params["database_url"]
    return all(kind in mark.args for mark in call.marks if mark.name == MARK)


def _kinds(test: pytest.Item) -> Sequence[str]:
    if everywhere := os.environ.get("DATABASES"):
        return everywhere.split(",")
    mark = test.get_closest_marker(MARK)
    return mark.args if mark else ("sqlite",)


@pytest.fixture(scope="session")
def database_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database migrated to the newest revision."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('database') / 'vitrina.db'}"
    else:
        url = with_psycopg(request.getfixturevalue("postgres_url"))
    app = create_app(Settings(secret_key="migration", token_keys=(), database_url=url))
    with app.app_context():
        upgrade()
        db.engine.dispose()
    return url


@contextmanager
def listening(engine: Engine, moment: str, listener: Callable[..., object]) -> Iterator[None]:
    """Have the listener called at this event of the engine, inside the block only: tests share the engine."""
    event.listen(engine, moment, listener)
    try:
        yield
    finally:
        event.remove(engine, moment, listener)


@contextmanager
def before_it_writes(engine: Engine, value: str, happen: Callable[[], object]) -> Iterator[None]:
    """Let something happen inside the block just before the first UPDATE that writes this value."""
    pending = [happen]

    def look(_connection: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        written = parameters.values() if isinstance(parameters, dict) else parameters
        if pending and statement.startswith("UPDATE") and value in written:
            pending.pop()()

    with listening(engine, "before_cursor_execute", look):
        yield


@contextmanager
def at_checkout(engine: Engine, change: Callable[[Any], object]) -> Iterator[None]:
    """Change each connection that is taken from the pool inside the block; none of them is used after it."""
    try:
        with listening(engine, "checkout", lambda connection, *_: change(connection)):
            yield
    finally:
        engine.dispose()


def empty(engine: Engine) -> None:
    """Delete all rows; tables that hold none are left alone."""
    which_are_filled, deleting = _as_text()
    with engine.begin() as connection:
        filled = set(connection.exec_driver_sql(which_are_filled).scalars())
        for name in deleting:
            if name in filled:
                connection.exec_driver_sql(deleting[name])


@cache
def _as_text() -> tuple[str, dict[str, str]]:
    """The names of tables that hold rows, and how each table is emptied, those that refer to others first.

    As text, since every test begins with it.
    """
    tables = db.metadata.sorted_tables[::-1]
    asked: list[Any] = [
        select(literal_column(repr(table.name))).where(exists().select_from(table)) for table in tables
    ]
    return str(union_all(*asked)), {table.name: str(table.delete()) for table in tables}
