"""Lists look for the few goods whose names VK may find too short, on pages that count what is not ready."""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

NAME = "ix_cached_products_of_odd_names"


def upgrade() -> None:
    odd = sa.text(
        "CASE WHEN length(sort_name) < 4 "
        "OR replace(replace(replace(name, '&', ''), '<', ''), 'İ', '') <> name THEN 1 ELSE 0 END = 1"
    )
    op.create_index(NAME, "cached_products", ["user_id"], sqlite_where=odd, postgresql_where=odd)


def downgrade() -> None:
    op.drop_index(NAME, "cached_products")
