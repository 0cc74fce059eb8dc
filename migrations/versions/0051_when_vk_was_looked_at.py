"""Drop a moment of publication's settings that nothing has read since 0.15: how far a look came says it."""

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_column("publication_settings", "looked_at")


def downgrade() -> None:
    op.add_column("publication_settings", sa.Column("looked_at", sa.DateTime(timezone=True)))
