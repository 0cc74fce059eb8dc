"""Under which mark a listing was last found as it should be, so that plans need not compare it again."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("listings", sa.Column("settled", sa.String(length=32), nullable=True))


def downgrade() -> None:
    op.drop_column("listings", "settled")
