"""Since when a run is kept from VK: each try of it is asked for anew."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("publications", sa.Column("stuck_since", sa.DateTime(timezone=True)))


def downgrade() -> None:
    op.drop_column("publications", "stuck_since")
