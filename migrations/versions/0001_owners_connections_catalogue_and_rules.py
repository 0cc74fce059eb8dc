"""Owners, connections, catalogue and rules."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def _sorted_text(length: int) -> sa.String:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("password_hash", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=True),
        sa.Column("timezone", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
    )
    op.create_index("uq_users_email_lower", "users", [sa.text("lower(email)")], unique=True)
    op.create_table(
        "cached_group_sizes",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("store_evotor_id", sa.String(length=255), nullable=False),
        sa.Column("group_evotor_id", sa.String(length=255), nullable=False),
        sa.Column("products", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_cached_group_sizes_user_id_users", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint(
            "user_id", "store_evotor_id", "group_evotor_id", name="pk_cached_group_sizes"
        ),
    )
    op.create_table(
        "cached_groups",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("evotor_id", sa.String(length=255), nullable=False),
        sa.Column("store_evotor_id", sa.String(length=255), nullable=False),
        sa.Column("parent_evotor_id", sa.String(length=255), nullable=True),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("sort_name", _sorted_text(255), server_default="", nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_cached_groups_user_id_users", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_cached_groups"),
        sa.UniqueConstraint(
            "user_id",
            "store_evotor_id",
            "evotor_id",
            name="uq_cached_groups_user_id_store_evotor_id_evotor_id",
        ),
    )
    op.create_index(
        "ix_cached_groups_user_id_store_evotor_id",
        "cached_groups",
        ["user_id", "store_evotor_id"],
        unique=False,
    )

    op.create_table(
        "cached_products",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
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
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_cached_products_user_id_users", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_cached_products"),
        sa.UniqueConstraint(
            "user_id",
            "store_evotor_id",
            "evotor_id",
            name="uq_cached_products_user_id_store_evotor_id_evotor_id",
        ),
    )
    op.create_index(
        "ix_cached_products_user_id_store_evotor_id_group_evotor_id",
        "cached_products",
        ["user_id", "store_evotor_id", "group_evotor_id"],
        unique=False,
    )
    op.create_index(
        "ix_cached_products_user_id_store_evotor_id_sort_name_id",
        "cached_products",
        ["user_id", "store_evotor_id", "sort_name", "id"],
        unique=False,
    )

    op.create_table(
        "cached_stores",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("evotor_id", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("sort_name", _sorted_text(255), server_default="", nullable=False),
        sa.Column("address", sa.String(length=500), nullable=True),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_cached_stores_user_id_users", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_cached_stores"),
        sa.UniqueConstraint("user_id", "evotor_id", name="uq_cached_stores_user_id_evotor_id"),
    )
    op.create_index("ix_cached_stores_user_id", "cached_stores", ["user_id"], unique=False)

    op.create_table(
        "catalog_refreshes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("step", sa.String(length=300), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("removed", sa.Integer(), nullable=False),
        sa.Column("stores", sa.JSON(), nullable=False),
        sa.Column("confirmed_drops", sa.JSON(), nullable=False),
        sa.Column("error", sa.String(length=500), nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("heartbeat_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_catalog_refreshes_user_id_users", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_catalog_refreshes"),
    )
    op.create_index("ix_catalog_refreshes_user_id_id", "catalog_refreshes", ["user_id", "id"], unique=False)
    op.create_index(
        "uq_catalog_refreshes_active",
        "catalog_refreshes",
        ["user_id"],
        unique=True,
        sqlite_where=sa.text("status IN ('queued', 'running')"),
        postgresql_where=sa.text("status IN ('queued', 'running')"),
    )

    op.create_table(
        "connections",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("provider", sa.String(length=10), nullable=False),
        sa.Column("credentials", sa.Text(), nullable=False),
        sa.Column("profile", sa.JSON(), nullable=False),
        sa.Column("is_online", sa.Boolean(), nullable=False),
        sa.Column("last_checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("last_error", sa.String(length=500), nullable=True),
        sa.Column("external_user_id", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_connections_user_id_users", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_connections"),
        sa.UniqueConstraint("user_id", "provider", name="uq_connections_user_id_provider"),
    )
    op.create_index("ix_connections_external_user_id", "connections", ["external_user_id"], unique=False)

    op.create_table(
        "sync_configs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("is_enabled", sa.Boolean(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("default_mode", sa.String(length=10), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_sync_configs_user_id_users", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_sync_configs"),
        sa.UniqueConstraint("user_id", name="uq_sync_configs_user_id"),
    )
    op.create_table(
        "staged_products",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
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
        sa.ForeignKeyConstraint(
            ["refresh_id"],
            ["catalog_refreshes.id"],
            name="fk_staged_products_refresh_id_catalog_refreshes",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_staged_products"),
        sa.UniqueConstraint(
            "refresh_id",
            "store_evotor_id",
            "evotor_id",
            name="uq_staged_products_refresh_id_store_evotor_id_evotor_id",
        ),
        # Fetched again after a crash anyway, so PostgreSQL need not log it.
        prefixes=["UNLOGGED"] if op.get_bind().dialect.name == "postgresql" else [],
    )
    op.create_table(
        "sync_filters",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sync_config_id", sa.Integer(), nullable=False),
        sa.Column("entity_type", sa.String(length=10), nullable=False),
        sa.Column("entity_id", sa.String(length=255), nullable=False),
        sa.Column("entity_name", sa.String(length=255), nullable=False),
        sa.Column("filter_mode", sa.String(length=10), nullable=False),
        sa.Column("parent_entity_id", sa.String(length=255), nullable=True),
        sa.Column("store_evotor_id", sa.String(length=255), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["sync_config_id"],
            ["sync_configs.id"],
            name="fk_sync_filters_sync_config_id_sync_configs",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_sync_filters"),
        sa.UniqueConstraint(
            "sync_config_id", "entity_type", "store_evotor_id", "entity_id", name="uq_sync_filters_entity"
        ),
    )


def downgrade() -> None:
    op.drop_table("sync_filters")
    op.drop_table("staged_products")
    op.drop_table("sync_configs")

    op.drop_table("connections")

    op.drop_table("catalog_refreshes")

    op.drop_table("cached_stores")

    op.drop_table("cached_products")

    op.drop_table("cached_groups")
    op.drop_table("cached_group_sizes")
    op.drop_table("users")
