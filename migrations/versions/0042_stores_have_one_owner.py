"""PostgreSQL is told that a store has one owner: it counted on one row for both, and took an index without the good.

With hundreds of owners the chance of an owner and that of a store were multiplied, though one follows from the
other. Whatever looks up a good by owner, store and Evotor's id then read the whole store for each.
"""

from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

TABLES = ("cached_products", "cached_groups")


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for table in TABLES:
        op.execute(f"CREATE STATISTICS {table}_of_stores (dependencies) ON user_id, store_evotor_id FROM {table}")
        op.execute(f"ANALYZE {table}")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table in TABLES:
            op.execute(f"DROP STATISTICS {table}_of_stores")
