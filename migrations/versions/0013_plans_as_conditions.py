"""Plans that say which rules they mean as a condition; drafts found by their age."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

INDEX = "ix_rule_changes_applied_at_planned_at"


def upgrade() -> None:
    op.add_column("rule_changes", sa.Column("condition", sa.JSON(), nullable=True))
    op.create_index(INDEX, "rule_changes", ["applied_at", "planned_at"])


def downgrade() -> None:
    # A plan without its condition would look like one that changes nothing.
    changes = sa.table("rule_changes", sa.column("condition"), sa.column("applied_at"))
    op.execute(changes.delete().where(changes.c.condition.is_not(None), changes.c.applied_at.is_(None)))
    op.drop_index(INDEX, "rule_changes")
    op.drop_column("rule_changes", "condition")
