"""How many goods of a catalogue a refresh has put into other groups."""

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("catalog_refreshes", sa.Column("moved", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_column("catalog_refreshes", "moved")
