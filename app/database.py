"""What each of the two databases needs from its connections."""

import sqlite3
from typing import Any

from flask import Flask
from sqlalchemy import Connection, Table, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, scoped_session

from app.extensions import db


def engine_options(url: str) -> dict[str, Any]:
    """Give SQLAlchemy's engine options for `url`; what people entered stays out of error texts and logs."""
    if url.startswith("sqlite"):
        # Seconds that a writer waits for another one: a refresh applies a big store in one transaction.
        return {"hide_parameters": True, "connect_args": {"timeout": 30}}
    return {"hide_parameters": True, "pool_pre_ping": True, "connect_args": {"connect_timeout": 5}}


def insert_or_update(dialect_name: str, table: Any) -> Any:
    """Begin an INSERT that knows `on_conflict_do_update`, which both databases spell alike."""
    dialect = sqlite if dialect_name == "sqlite" else postgresql
    return dialect.insert(table)


def insert_if_missing(table: Any, **values: object) -> None:
    """Insert a row unless its key is there already, also when somebody else inserts it at this moment.

    In the session's transaction; columns left out get NULL or their server default.
    """
    statement = insert_or_update(db.engine.dialect.name, table).values(**values)
    db.session.execute(statement.on_conflict_do_nothing())


def join_in_bulk(connection: Connection) -> None:
    """Let the rest of this transaction join big tables whose sizes PostgreSQL has not measured yet.

    It takes rows written a moment ago for a handful, and would look at each of them for each of the others.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL enable_nestloop = off"))


def measure_table(session: Session | scoped_session[Any], table: Table) -> None:
    """Tell PostgreSQL what a table holds after many rows were written to it, also within the transaction.

    It would do so by itself a minute later, and plan as if the rows were not there until then.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f"ANALYZE {table.name}"))


def init_engine(app: Flask) -> None:
    """Prepare every new SQLite connection: readers beside a writer, foreign keys, fewer syncs."""
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            event.listen(db.engine, "connect", _prepare_sqlite)


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()
