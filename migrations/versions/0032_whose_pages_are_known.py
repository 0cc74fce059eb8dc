"""Which run wrote the known pages of a store: known they are while no other has written it since."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    # Pages from before are known of no run; the next one looks their goods up once more.
    op.add_column("known_pages", sa.Column("refreshed_by", _KEY, nullable=True))


def downgrade() -> None:
    op.drop_column("known_pages", "refreshed_by")
