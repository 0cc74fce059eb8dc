"""Keys of 64 bits wherever an address, a form or a cursor names a row."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# Each key with the columns that hold it.
KEYS = {
    "cached_stores": (),
    "cached_groups": (),
    "catalog_refreshes": (
        ("staged_products", "refresh_id"),
        ("catalog_changes", "refresh_id"),
        ("cached_stores", "refreshed_by"),
        ("cached_products", "added_by"),
    ),
    "catalog_exports": (("catalog_export_parts", "export_id"),),
    "rule_changes": (("rule_change_items", "change_id"),),
}


def upgrade() -> None:
    _alter(sa.Integer(), sa.BigInteger())


def downgrade() -> None:
    _alter(sa.BigInteger(), sa.Integer())


def _alter(before: sa.types.TypeEngine[int], after: sa.types.TypeEngine[int]) -> None:
    # Every integer of SQLite has 64 bits.
    if op.get_bind().dialect.name == "sqlite":
        return
    for table, holders in KEYS.items():
        # Longer keys need a sequence that counts further.
        op.execute(f"ALTER SEQUENCE {table}_id_seq AS {after.compile(op.get_bind().dialect)}")
        for holder, column in ((table, "id"), *holders):
            op.alter_column(holder, column, type_=after, existing_type=before)
