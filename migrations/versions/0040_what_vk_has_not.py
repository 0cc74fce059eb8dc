"""Listings that VK has not are found by their community: other accounts' were looked for among all of one."""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

INDEX = "ix_listings_not_in_vk"
_NOT_IN_VK = sa.text("state IN ('gone', 'failed')")


def upgrade() -> None:
    op.create_index(
        INDEX,
        "listings",
        ["community_id", "user_id"],
        sqlite_where=_NOT_IN_VK,
        postgresql_where=_NOT_IN_VK,
    )


def downgrade() -> None:
    op.drop_index(INDEX, "listings")
