"""PostgreSQL is told that a store has one owner: it took each store for a single row, and any index for good.

With hundreds of owners it multiplied the chance of an owner by that of a store, though one follows from the
other. Whatever looked up a good by owner, store and Evotor's id then read the whole store for each.
"""

from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

TABLES = ("cached_products", "cached_groups")


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for table in TABLES:
        columns = f"user_id, store_evotor_id FROM {table}"
        op.execute(f"CREATE STATISTICS {table}_of_stores (dependencies) ON {columns}")
        op.execute(f"ANALYZE {table}")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table in TABLES:
            op.execute(f"DROP STATISTICS {table}_of_stores")
