"""What goods were that have left the catalogue: what VK forbids is not shown again for want of its type."""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("departed_goods", sa.Column("product_type", sa.String(50)))


def downgrade() -> None:
    op.drop_column("departed_goods", "product_type")
