"""Types of goods in capitals and without blanks around them, as they are read by now.

Who sends the same words again is not read anew, so that alcohol with a blank before it would stay in VK.
"""

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None

_BLANKS = " \t\r\n\xa0"


def upgrade() -> None:
    told = sa.column("product_type", sa.String)
    read = sa.func.substr(sa.func.upper(sa.func.trim(told, _BLANKS)), 1, 50)
    goods = sa.table("cached_products", told)
    op.execute(goods.update().where(told != read).values(product_type=sa.func.nullif(read, "")))


def downgrade() -> None:
    """There is nothing to take back."""
