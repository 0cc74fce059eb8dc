"""Goods that left the catalogue, with what was decided about them: the till may bring them back."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "departed_goods",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("store_evotor_id", sa.String(length=255), nullable=False),
        sa.Column("evotor_id", sa.String(length=255), nullable=False),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_departed_goods_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "store_evotor_id", "evotor_id", name=op.f("pk_departed_goods")),
    )


def downgrade() -> None:
    op.drop_table("departed_goods")
