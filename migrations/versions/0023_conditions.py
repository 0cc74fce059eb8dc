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
    for table, column in _ADDED:
        op.drop_column(table, column)
