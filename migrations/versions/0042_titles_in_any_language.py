"""Titles of the history of rules as sentences, to be said in the language of whoever reads them."""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("rule_changes", sa.Column("said", sa.JSON(none_as_null=True)))


def downgrade() -> None:
    op.drop_column("rule_changes", "said")
