"""Conditions on goods, and the changes of them in the history."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_ADDED = (("sync_configs", "policy"), ("rule_changes", "policy_before"), ("rule_changes", "policy_after"))


def upgrade() -> None:
    for table, column in _ADDED:
        op.add_column(table, sa.Column(column, sa.JSON(none_as_null=True), nullable=True))


def downgrade() -> None:
    # A plan without its conditions would look like one that changes nothing.
    changes = sa.table("rule_changes", sa.column("policy_after", sa.JSON), sa.column("applied_at"))
    is_draft = changes.c.policy_after.is_not(None) & changes.c.applied_at.is_(None)
    op.execute(changes.delete().where(is_draft))
    for table, column in _ADDED:
        op.drop_column(table, column)
