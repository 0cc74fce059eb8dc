"""Of the groups of a store each index finds one thing: a group by its id, or the groups that lie in it.

An index of the store alone is the beginning of both. PostgreSQL took either of the three for as good as
another where it believed a store to have one group, and read all of its groups at each step through them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

OF_STORE = "ix_cached_groups_user_id_store_evotor_id"
OF_PARENT = "ix_cached_groups_user_id_store_evotor_id_parent_evotor_id"
COLUMNS = ("user_id", "store_evotor_id", "parent_evotor_id")


def upgrade() -> None:
    op.drop_index(OF_STORE, "cached_groups")
    op.drop_index(OF_PARENT, "cached_groups")
    # Partial, it cannot serve for a group by its id.
    some = sa.text("parent_evotor_id IS NOT NULL")
    op.create_index(OF_PARENT, "cached_groups", COLUMNS, postgresql_where=some)


def downgrade() -> None:
    op.drop_index(OF_PARENT, "cached_groups")
    op.create_index(OF_STORE, "cached_groups", COLUMNS[:2])
    op.create_index(OF_PARENT, "cached_groups", COLUMNS)
