"""What each of the two databases needs from its connections."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from flask import Flask, g, has_request_context
from sqlalchemy import Connection, Engine, bindparam, event, func, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, scoped_session

from app.data.db import db
from app.data.types import UtcDateTime, now
from app.words import gettext_noop


def engine_options(url: str) -> dict[str, Any]:
    """Give SQLAlchemy's engine options for `url`; what people entered stays out of error texts and logs."""
    if url.startswith("sqlite"):
        # Seconds that a writer waits for another one: a refresh applies a big store in one transaction.
        return {"hide_parameters": True, "connect_args": {"timeout": 30}}
    return {
        "hide_parameters": True,
        "pool_pre_ping": True,
        # A server that has gone without a word, or a cable that was pulled, is noticed within a minute.
        "connect_args": {
            "connect_timeout": 5,
            **{"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3},
            "tcp_user_timeout": 60_000,
        },
    }


class Trouble(NamedTuple):
    """What keeps the database from working, for a page and for the owner of a run: one sentence each."""

    page: str
    run: str


AWAY = Trouble(
    gettext_noop("База данных не отвечает. Ваши данные целы. Повторите через минуту."),
    gettext_noop("База данных перестала отвечать; повторите через несколько минут"),
)
FULL = Trouble(
    gettext_noop(
        "На сервере закончилось место: читать можно, сохранить новое — нет. Ничего не потеряно. "
        "Мы уже знаем; повторите позже."
    ),
    gettext_noop("На сервере закончилось место; повторите позже"),
)
BUSY = Trouble(
    gettext_noop("База данных занята другой работой. Ничего не изменилось. Повторите через минуту."),
    gettext_noop("База данных слишком долго была занята; повторите"),
)
READ_ONLY = Trouble(
    gettext_noop(
        "Идут работы на сервере: читать можно, сохранить новое — нет. Ничего не потеряно. Повторите позже."
    ),
    gettext_noop("Идут работы на сервере, сохранять нельзя; повторите позже"),
)
_EACH_TIME = "planned_each_time"
# The moment at which a statement is run that was built before, by our clock.
THIS_MOMENT = bindparam(None, type_=UtcDateTime, callable_=now)
# Of a statement that PostgreSQL has to plan for its very values. What is prepared it goes by a plan for any
# values from the tenth time on: a search then reads what all owners have.
# Reference: https://www.postgresql.org/docs/current/sql-prepare.html#SQL-PREPARE-NOTES
PLANNED_EACH_TIME = {_EACH_TIME: True}
# Kilobytes: with SQLite's usual 2 MB every index of a big table would be read from the disk again and again.
_USUALLY_KEPT, _MUCH_KEPT, _MOST_KEPT = 2000, 16 * 1024, 40 * 1024
# All that SQLite maps at most; it takes only what the file needs.
# Reference: https://www.sqlite.org/mmap.html
_MAPPED = 2**31 - 2**16
# Bytes of the log of writes that stay after a big change: without a limit the file never gets smaller.
# Reference: https://www.sqlite.org/pragma.html#pragma_journal_size_limit
_LOG_KEPT = 64 * 2**20
# Reference: https://www.sqlite.org/rescode.html (primary result codes)
_SQLITE_TROUBLES = {5: BUSY, 6: BUSY, 8: READ_ONLY, 13: FULL}
_SQLITE_WRONG_STATEMENT = 1
# Reference: https://www.postgresql.org/docs/current/errcodes-appendix.html
_POSTGRESQL_TROUBLES = {"53100": FULL, "55P03": BUSY, "40P01": BUSY, "40001": BUSY, "25006": READ_ONLY}


def trouble_of(error: BaseException) -> Trouble | None:
    """Tell what is wrong with the database, by SQLAlchemy's error or its driver's; None for anything else."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    code = getattr(cause, "sqlite_errorcode", None)
    if code == _SQLITE_WRONG_STATEMENT:
        return None
    # The lower byte of an extended code is its primary code.
    found = _SQLITE_TROUBLES.get(code & 0xFF) if code else None
    found = found or _POSTGRESQL_TROUBLES.get(getattr(cause, "sqlstate", None) or "")
    # Every driver has these names: https://peps.python.org/pep-0249/#exceptions
    names = {kind.__name__ for kind in type(cause).__mro__}
    return AWAY if found is None and names & {"OperationalError", "InterfaceError"} else found


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


def measure_table(session: Session | scoped_session[Any] | Connection, table: Any) -> None:
    """Tell PostgreSQL what a table holds after many rows were written to it, also within the transaction.

    It would do so by itself a minute later, and plan as if the rows were not there until then.
    """
    dialect = session.dialect if isinstance(session, Connection) else session.get_bind().dialect
    if dialect.name == "postgresql":
        session.execute(text(f"ANALYZE {table.name}"))


@contextmanager
def much_written(engine: Engine, *, is_alone: bool) -> Iterator[Connection]:
    """A transaction that may write very many rows, with room for what SQLite keeps of its file meanwhile.

    is_alone: nothing else needs much memory at this time.
    """
    with engine.connect() as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        if is_sqlite:
            connection.connection.execute(f"PRAGMA cache_size = -{_MOST_KEPT if is_alone else _MUCH_KEPT}")
        try:
            with connection.begin():
                yield connection
        finally:
            if is_sqlite:
                # Every connection that has ever had it would keep it filled.
                connection.connection.execute(f"PRAGMA cache_size = -{_USUALLY_KEPT}")


@contextmanager
def long_work() -> Iterator[None]:
    """Let a page wait for what it does inside, minutes if need be: a change of very many rows."""
    g.is_long_work = True
    try:
        yield
    finally:
        g.is_long_work = False


def shared_moment(dialect: str) -> Any:
    """The moment at which a statement is run, as a value in it, by a clock that all processes share.

    On another machine than ours ours may be minutes away from theirs; SQLite has but one machine.
    """
    return func.clock_timestamp() if dialect == "postgresql" else THIS_MOMENT


def init_engine(app: Flask) -> None:
    """Prepare every new connection: how SQLite writes and reads, how long a page waits for PostgreSQL."""
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            event.listen(db.engine, "connect", _prepare_sqlite)
            event.listen(db.engine, "checkout", _map_for_pages)
        else:
            event.listen(db.engine, "do_connect", _connect_impatiently)
            event.listen(db.engine, "do_execute", _execute_unprepared)


def _connect_impatiently(_dialect: object, _record: object, arguments: Any, options: Any) -> Any:
    # Not needed by those who have SQLite.
    from app.data.impatient import ImpatientConnection

    return ImpatientConnection.connect(*arguments, **options)


def _execute_unprepared(cursor: Any, statement: str, parameters: Any, context: Any) -> bool:
    """Execute what is to be planned each time; tell whether that was so."""
    if not context.execution_options.get(_EACH_TIME):
        return False
    cursor.execute(statement, parameters, prepare=False)
    return True


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute(f"PRAGMA journal_size_limit = {_LOG_KEPT}")
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _map_for_pages(connection: sqlite3.Connection, _record: object, _proxy: object) -> None:
    """Let pages read the file as memory: a search looks up thousands of goods, page by page.

    Jobs and streamed files come by all goods, so that for them the whole file would count as their memory.
    """
    connection.execute(f"PRAGMA mmap_size = {_MAPPED if has_request_context() else 0}")
