"""On SQLite, too, the key of a deleted row is never given out again.

SQLite can change a key's kind only by building the table anew. The statements that made a table, its indexes
and its triggers are taken from the database itself, since some of them nothing else could spell again.
"""

import re
from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TABLES = (
    *("users", "connections", "sync_configs", "sync_filters", "rule_changes"),
    *("catalog_refreshes", "cached_stores", "cached_groups", "cached_products"),
    *("staged_products", "catalog_changes"),
)
_NEW = "built_anew"
_AUTO = "PRIMARY KEY AUTOINCREMENT"

Rewrite = Callable[[str, str], str]


def upgrade() -> None:
    _build_anew(_never_again, is_done=lambda statement: _AUTO in statement)


def downgrade() -> None:
    _build_anew(_as_before, is_done=lambda statement: _AUTO not in statement)


def _never_again(table: str, statement: str) -> str:
    plain = re.sub(rf",\s*CONSTRAINT pk_{table} PRIMARY KEY \(id\)", "", statement)
    return re.sub(
        r"\bid INTEGER NOT NULL",
        f"id INTEGER NOT NULL CONSTRAINT pk_{table} PRIMARY KEY AUTOINCREMENT",
        plain,
        count=1,
    )


def _as_before(table: str, statement: str) -> str:
    plain = statement.replace(f" CONSTRAINT pk_{table} PRIMARY KEY AUTOINCREMENT", "", 1)
    head, parenthesis, tail = plain.rpartition(")")
    return f"{head}, CONSTRAINT pk_{table} PRIMARY KEY (id){parenthesis}{tail}"


def _build_anew(rewrite: Rewrite, *, is_done: Callable[[str], bool]) -> None:
    if op.get_bind().dialect.name != "sqlite":
        return
    with op.get_context().autocommit_block():
        connection = op.get_bind()
        # Otherwise all rows would go with the old table of owners. Within a transaction it has no effect.
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        try:
            for table in TABLES:
                _rebuild(connection, table, rewrite, is_done)
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
            if broken:
                raise RuntimeError(f"rows refer to nothing: {broken[:5]}")
        except BaseException:
            connection.exec_driver_sql("ROLLBACK")
            raise
        else:
            connection.exec_driver_sql("COMMIT")
        finally:
            connection.exec_driver_sql("PRAGMA foreign_keys = ON")


def _rebuild(connection: sa.Connection, table: str, rewrite: Rewrite, is_done: Callable[[str], bool]) -> None:
    made = connection.exec_driver_sql(
        "SELECT type, sql FROM sqlite_master WHERE tbl_name = ? AND sql IS NOT NULL ORDER BY rowid", (table,)
    ).all()
    (statement,) = [sql for kind, sql in made if kind == "table"]
    if is_done(statement):
        # Killed after it had built them, before the new revision was noted.
        return
    wanted = rewrite(table, statement)
    if wanted == statement:
        raise RuntimeError(f"the table {table} is not as expected: {statement}")
    connection.exec_driver_sql(re.sub(rf'CREATE TABLE "?{table}"?', f"CREATE TABLE {_NEW}", wanted, count=1))
    connection.exec_driver_sql(f"INSERT INTO {_NEW} SELECT * FROM {table}")
    connection.exec_driver_sql(f"DROP TABLE {table}")
    connection.exec_driver_sql(f"ALTER TABLE {_NEW} RENAME TO {table}")
    for kind, sql in made:
        if kind != "table":
            connection.exec_driver_sql(sql)
