"""Prices for 100 g, former prices, the lowest price, and what VK suggests for groups."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for column in (
        sa.Column("per_100g", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("old_price_days", sa.Integer(), server_default="0", nullable=False),
        sa.Column("old_price_percent", sa.Integer(), server_default="5", nullable=False),
        sa.Column("price_floor", sa.Numeric(precision=12, scale=2), server_default="0", nullable=False),
    ):
        op.add_column("publication_settings", column)
    op.add_column("group_settings", sa.Column("per_100g", sa.Boolean(), nullable=True))
    op.create_table(
        "former_prices",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("store_evotor_id", sa.String(length=255), nullable=False),
        sa.Column("evotor_id", sa.String(length=255), nullable=False),
        sa.Column("price", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_former_prices_user_id_users", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "store_evotor_id", "evotor_id", name="pk_former_prices"),
    )
    op.create_table(
        "category_suggestions",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("category_ids", sa.JSON(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_category_suggestions_user_id_users", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "name", name="pk_category_suggestions"),
    )


def downgrade() -> None:
    op.drop_table("category_suggestions")
    op.drop_table("former_prices")
    op.drop_column("group_settings", "per_100g")
    for name in ("price_floor", "old_price_percent", "old_price_days", "per_100g"):
        op.drop_column("publication_settings", name)
