"""Which goods the owner called one, or several: the same mark on other goods is another question."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("same_goods", sa.Column("goods", sa.JSON()))


def downgrade() -> None:
    op.drop_column("same_goods", "goods")
