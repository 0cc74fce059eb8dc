"""Which step of the history of rules another one takes back."""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("rule_changes", sa.Column("undoes", sa.BigInteger().with_variant(sa.Integer(), "sqlite")))
    some = sa.text("undoes IS NOT NULL")
    op.create_index(
        "ix_rule_changes_undoes", "rule_changes", ["undoes"], sqlite_where=some, postgresql_where=some
    )


def downgrade() -> None:
    op.drop_index("ix_rule_changes_undoes", "rule_changes")
    op.drop_column("rule_changes", "undoes")
