"""With hundreds of owners PostgreSQL still looks up a good of a store by all that names it."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import Connection, text

from app.data.db import db

pytestmark = pytest.mark.databases("postgresql")
TABLES = ("cached_products", "cached_groups")

_OWNERS = (
    "INSERT INTO users (id, email, password_hash, timezone, created_at)"
    " SELECT number, number || '@example.org', '', 'UTC', now() FROM generate_series(1001, 1400) AS number"
)
_THINGS = (
    " (user_id, store_evotor_id, evotor_id, name, fetched_at)"
    " SELECT id, id || '-' || store, 'id' || number, '', now()"
    " FROM users, generate_series(1, 2) AS store, generate_series(1, 20) AS number WHERE id > 1000"
)
_LOOK_UP = " WHERE user_id = $1 AND store_evotor_id = $2 AND evotor_id = $3"


@pytest.fixture
def crowded(app: Flask) -> Iterator[Connection]:
    """A transaction that sees four hundred owners of two stores each; none of them stays."""
    with app.app_context(), db.engine.connect() as connection:
        connection.execute(text(_OWNERS))
        for table in TABLES:
            connection.execute(text(f"INSERT INTO {table}" + _THINGS))
            connection.execute(text(f"ANALYZE {table}"))
        yield connection
        connection.rollback()
        for table in TABLES:
            connection.execute(text(f"ANALYZE {table}"))
        connection.commit()


@pytest.mark.parametrize("table", TABLES)
def test_the_whole_key_is_looked_up_in_its_index(crowded: Connection, table: str):
    # As the driver prepares a statement, and a trigger its own: for no value in particular.
    crowded.execute(text("SET LOCAL plan_cache_mode = force_generic_plan"))
    found = f"SELECT id FROM {table}"  # noqa: S608
    crowded.exec_driver_sql(f"PREPARE found (bigint, varchar, varchar) AS {found}" + _LOOK_UP)
    plan = "\n".join(crowded.scalars(text("EXPLAIN EXECUTE found (1, '', '')")))
    crowded.exec_driver_sql("DEALLOCATE found")
    assert f"uq_{table}_user_id_store_evotor_id_evotor_id" in plan and "Filter" not in plan, plan
