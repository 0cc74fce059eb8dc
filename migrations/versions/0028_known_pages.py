"""Which pages of the cloud are in the cache as they are. Empty at first: a store's next refresh fills it."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "known_pages",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("store_evotor_id", sa.String(length=255), nullable=False),
        sa.Column("pages", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_known_pages_user_id_users", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "store_evotor_id", name="pk_known_pages"),
    )


def downgrade() -> None:
    op.drop_table("known_pages")
