"""When a run is expected to end; where stock comes from, and which goods of several stores are one."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("publications", sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "publication_settings",
        sa.Column("stock_from", sa.String(length=10), server_default="sum", nullable=False),
    )
    op.create_table(
        "same_goods",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("merge_by", sa.String(length=10), nullable=False),
        sa.Column("mark", sa.String(length=255), nullable=False),
        sa.Column("is_one", sa.Boolean(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_same_goods_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "merge_by", "mark", name=op.f("pk_same_goods")),
    )


def downgrade() -> None:
    op.drop_table("same_goods")
    op.drop_column("publication_settings", "stock_from")
    op.drop_column("publications", "ends_at")
