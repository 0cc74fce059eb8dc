"""What a plan was made of when it was looked at by itself: the moment of a look says nothing of it."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("publication_settings", sa.Column("looked", sa.String(length=100)))


def downgrade() -> None:
    op.drop_column("publication_settings", "looked")
