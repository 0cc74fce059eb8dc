"""Stage only what differs, and keep what the last refresh changed."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def _sorted_text(length: int) -> sa.String:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def _big_id() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("cached_stores", sa.Column("refreshed_by", sa.Integer(), nullable=True))
    op.add_column("cached_products", sa.Column("added_by", sa.Integer(), nullable=True))
    _recreate_staged_products(
        sa.Column("cached_id", _big_id(), nullable=True),
    )
    op.create_index(
        "ix_staged_products_refresh_id_store_evotor_id",
        "staged_products",
        ["refresh_id", "store_evotor_id"],
        unique=False,
    )
    op.create_table(
        "catalog_changes",
        sa.Column("id", _big_id(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("refresh_id", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(length=10), nullable=False),
        sa.Column("store_evotor_id", sa.String(length=255), nullable=False),
        sa.Column("evotor_id", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("sort_name", _sorted_text(255), server_default="", nullable=False),
        sa.Column("text_was", sa.String(length=255), nullable=True),
        sa.Column("text_now", sa.String(length=255), nullable=True),
        sa.Column("number_was", sa.Numeric(precision=12, scale=3), nullable=True),
        sa.Column("number_now", sa.Numeric(precision=12, scale=3), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_catalog_changes_user_id_users", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_catalog_changes"),
    )
    op.create_index(
        "ix_catalog_changes_user_id_what_sort_name_id",
        "catalog_changes",
        ["user_id", "what", "sort_name", "id"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_table("catalog_changes")
    _recreate_staged_products(
        sa.UniqueConstraint(
            "refresh_id",
            "store_evotor_id",
            "evotor_id",
            name="uq_staged_products_refresh_id_store_evotor_id_evotor_id",
        ),
    )
    op.drop_column("cached_products", "added_by")
    op.drop_column("cached_stores", "refreshed_by")


def _recreate_staged_products(*more: sa.schema.SchemaItem) -> None:
    """Only runs under way have rows there, and those fetch again what they miss."""
    op.drop_table("staged_products")
    op.create_table(
        "staged_products",
        sa.Column("id", _big_id(), nullable=False),
        sa.Column("refresh_id", sa.Integer(), nullable=False),
        sa.Column("evotor_id", sa.String(length=255), nullable=False),
        sa.Column("store_evotor_id", sa.String(length=255), nullable=False),
        sa.Column("group_evotor_id", sa.String(length=255), nullable=True),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("sort_name", _sorted_text(255), server_default="", nullable=False),
        sa.Column("price", sa.Numeric(precision=12, scale=2), nullable=True),
        sa.Column("quantity", sa.Numeric(precision=12, scale=3), nullable=True),
        sa.Column("measure_name", sa.String(length=20), nullable=True),
        sa.Column("article_number", _sorted_text(100), nullable=True),
        sa.Column("allow_to_sell", sa.Boolean(), nullable=True),
        sa.Column("code", sa.String(length=100), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("barcodes", sa.Text(), nullable=True),
        sa.Column("product_type", sa.String(length=50), nullable=True),
        sa.Column("search_text", sa.Text(), server_default="", nullable=False),
        sa.Column("digest", sa.String(length=32), server_default="", nullable=False),
        *more,
        sa.ForeignKeyConstraint(
            ["refresh_id"],
            ["catalog_refreshes.id"],
            name="fk_staged_products_refresh_id_catalog_refreshes",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_staged_products"),
        prefixes=["UNLOGGED"] if op.get_bind().dialect.name == "postgresql" else [],
    )
