"""How Alembic reaches the application's database: always through the running application."""

from alembic import context
from flask import current_app
from sqlalchemy import Connection, event

database = current_app.extensions["migrate"].db
options = dict(current_app.extensions["migrate"].configure_args)


def begin_at_once(connection: Connection) -> None:
    """Put what changes SQLite's tables into the transaction, too: its driver begins one for rows only."""
    if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
        connection.exec_driver_sql("BEGIN IMMEDIATE")


with database.engine.connect() as connection:
    if connection.dialect.name == "sqlite":
        event.listen(connection, "begin", begin_at_once)
    context.configure(
        connection=connection,
        target_metadata=database.metadata,
        # Both databases can: a migration that is killed has done nothing, and is run again.
        transactional_ddl=True,
        transaction_per_migration=True,
        **options,
    )
    with context.begin_transaction():
        context.run_migrations()
