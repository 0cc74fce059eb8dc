"""Groups found by the group they lie in: rules are handed down from group to group."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

INDEX = "ix_cached_groups_user_id_store_evotor_id_parent_evotor_id"


def upgrade() -> None:
    op.create_index(INDEX, "cached_groups", ["user_id", "store_evotor_id", "parent_evotor_id"])


def downgrade() -> None:
    op.drop_index(INDEX, "cached_groups")
