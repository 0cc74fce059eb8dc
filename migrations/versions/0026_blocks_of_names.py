"""Where in the order of names pieces of words occur. Empty at first: a store's next refresh fills it."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def _sorted_text(length: int) -> sa.String:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "name_blocks",
        *_place("name_blocks"),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("first_name", _sorted_text(255), nullable=False),
        sa.Column("end_name", _sorted_text(255), nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("built", _big_id(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "store_evotor_id", "number", name="pk_name_blocks"),
    )
    op.create_table(
        "name_grams",
        *_place("name_grams"),
        sa.Column("gram", _sorted_text(3), nullable=False),
        sa.Column("blocks", sa.LargeBinary(), nullable=False),
        sa.Column("built", _big_id(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "store_evotor_id", "gram", name="pk_name_grams"),
    )


def downgrade() -> None:
    op.drop_table("name_grams")
    op.drop_table("name_blocks")


def _place(table: str) -> tuple[sa.schema.SchemaItem, ...]:
    owner = sa.ForeignKeyConstraint(
        ["user_id"], ["users.id"], name=f"fk_{table}_user_id_users", ondelete="CASCADE"
    )
    return (
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("store_evotor_id", sa.String(length=255), nullable=False),
        owner,
    )


def _big_id() -> sa.BigInteger:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")
