"""History of rules: every change as one step that can be taken back."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rule_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("default_before", sa.String(length=10), nullable=True),
        sa.Column("default_after", sa.String(length=10), nullable=True),
        sa.Column("enabled_before", sa.Boolean(), nullable=True),
        sa.Column("enabled_after", sa.Boolean(), nullable=True),
        sa.Column("notes", sa.JSON(), nullable=False),
        sa.Column("moves", sa.JSON(), nullable=False),
        sa.Column("appeared", sa.Integer(), nullable=False),
        sa.Column("hidden", sa.Integer(), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_rule_changes_user_id_users", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_rule_changes"),
    )
    op.create_index("ix_rule_changes_user_id_applied_at_id", "rule_changes", ["user_id", "applied_at", "id"])
    op.create_table(
        "rule_change_items",
        sa.Column("change_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("entity_type", sa.String(length=10), nullable=False),
        sa.Column("store_evotor_id", sa.String(length=255), nullable=False),
        sa.Column("entity_id", sa.String(length=255), nullable=False),
        sa.Column("entity_name", sa.String(length=255), nullable=False),
        sa.Column("parent_entity_id", sa.String(length=255), nullable=True),
        sa.Column("mode_before", sa.String(length=10), nullable=True),
        sa.Column("mode_after", sa.String(length=10), nullable=True),
        sa.ForeignKeyConstraint(
            ["change_id"],
            ["rule_changes.id"],
            name="fk_rule_change_items_change_id_rule_changes",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "change_id", "entity_type", "store_evotor_id", "entity_id", name="pk_rule_change_items"
        ),
    )


def downgrade() -> None:
    op.drop_table("rule_change_items")
    op.drop_index("ix_rule_changes_user_id_applied_at_id", table_name="rule_changes")
    op.drop_table("rule_changes")
