"""What was in VK by days: the overview draws it. It begins with what is there today."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "shop_days",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("live", sa.Integer(), nullable=False),
        sa.Column("prices", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], ondelete="CASCADE", name="fk_shop_days_user_id_users"
        ),
        sa.PrimaryKeyConstraint("user_id", "community_id", "day", name="pk_shop_days"),
    )
    op.execute(
        "INSERT INTO shop_days (user_id, community_id, day, live, prices) "
        "SELECT user_id, community_id, CURRENT_DATE, count(*), 0 FROM listings WHERE state = 'live' "
        "GROUP BY user_id, community_id"
    )


def downgrade() -> None:
    op.drop_table("shop_days")
