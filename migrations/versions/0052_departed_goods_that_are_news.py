"""Which goods that have left the catalogue are to be decided about when they come back."""

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "departed_goods", sa.Column("is_news", sa.Boolean(), nullable=False, server_default=sa.false())
    )


def downgrade() -> None:
    # Without the column all of them are no news: the release before would publish what waits.
    usual = "coalesce(product_type, '?') IN ('NORMAL', 'SERVICE', '?')"
    op.execute(f"DELETE FROM departed_goods WHERE is_news AND {usual}")
    op.drop_column("departed_goods", "is_news")
