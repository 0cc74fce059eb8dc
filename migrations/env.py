"""How Alembic reaches the application's database: always through the running application."""

from alembic import context
from flask import current_app

database = current_app.extensions["migrate"].db
options = dict(current_app.extensions["migrate"].configure_args)

with database.engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=database.metadata,
        transaction_per_migration=True,
        **options,
    )
    with context.begin_transaction():
        context.run_migrations()
