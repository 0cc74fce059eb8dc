"""What becomes of new goods until they are decided about: chosen for all, and for groups."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    kept = sa.Column("new_goods", sa.String(length=10), server_default="rules", nullable=False)
    op.add_column("publication_settings", kept)
    op.add_column("group_settings", sa.Column("new_goods", sa.String(length=10), nullable=True))


def downgrade() -> None:
    op.drop_column("group_settings", "new_goods")
    op.drop_column("publication_settings", "new_goods")
