"""Connections are watched; Evotor delivers tokens, events and changed stores."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("connections", sa.Column("failures", sa.Integer(), server_default="0", nullable=False))
    op.add_column("connections", sa.Column("next_check_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "connections",
        sa.Column("reported_status", sa.String(length=20), server_default="online", nullable=False),
    )
    # Nobody is written to about what was so before there were letters.
    op.execute("UPDATE connections SET next_check_at = CURRENT_TIMESTAMP, reported_status = status")
    op.create_index("ix_connections_next_check_at", "connections", ["next_check_at"])

    op.create_table(
        "evotor_accounts",
        sa.Column("external_user_id", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("credentials", sa.Text(), nullable=True),
        sa.Column("token_received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("event_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("event_key", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_evotor_accounts_user_id_users", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("external_user_id", name="pk_evotor_accounts"),
    )
    op.create_index("ix_evotor_accounts_user_id", "evotor_accounts", ["user_id"])

    op.add_column("catalog_refreshes", sa.Column("only_store", sa.String(length=255), nullable=True))
    op.create_table(
        "pushed_stores",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("store_evotor_id", sa.String(length=255), nullable=False),
        sa.Column("pushed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_pushed_stores_user_id_users", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "store_evotor_id", name="pk_pushed_stores"),
    )


def downgrade() -> None:
    op.drop_table("pushed_stores")
    op.drop_column("catalog_refreshes", "only_store")
    op.drop_table("evotor_accounts")
    op.drop_index("ix_connections_next_check_at", "connections")
    op.drop_column("connections", "reported_status")
    op.drop_column("connections", "next_check_at")
    op.drop_column("connections", "failures")
