"""The ledger of publication, its runs, settings and pictures."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def _big_id() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "market_categories",
        sa.Column("community_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("category_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("path", sa.String(length=500), nullable=False),
        sa.Column("is_leaf", sa.Boolean(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("community_id", "category_id", name="pk_market_categories"),
    )
    op.create_table(
        "foreign_listings",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("item_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sku", sa.String(length=50), nullable=True),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("is_available", sa.Boolean(), nullable=False),
        sa.Column("is_other", sa.Boolean(), nullable=False),
        sa.Column("seen", sa.JSON(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_foreign_listings_user_id_users", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "community_id", "item_id", name="pk_foreign_listings"),
    )
    op.create_table(
        "group_settings",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("store_evotor_id", sa.String(length=255), nullable=False),
        sa.Column("group_evotor_id", sa.String(length=255), nullable=False),
        sa.Column("category_id", sa.Integer(), nullable=True),
        sa.Column("markup_percent", sa.Numeric(precision=7, scale=2), nullable=True),
        sa.Column("out_of_stock", sa.String(length=10), nullable=True),
        sa.Column("album", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_group_settings_user_id_users", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "store_evotor_id", "group_evotor_id", name="pk_group_settings"),
    )
    op.create_table(
        "listings",
        sa.Column("id", _big_id(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.BigInteger(), nullable=False),
        sa.Column("sku", sa.String(length=50), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("sent", sa.JSON(), nullable=False),
        sa.Column("seen", sa.JSON(), nullable=False),
        sa.Column("owners", sa.JSON(), nullable=False),
        sa.Column("refused", sa.JSON(), nullable=False),
        sa.Column("problem", sa.String(length=500), nullable=True),
        sa.Column("problem_code", sa.String(length=40), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_listings_user_id_users", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_listings"),
        sa.UniqueConstraint("community_id", "item_id", name="uq_listings_community_id_item_id"),
        sa.UniqueConstraint("community_id", "sku", name="uq_listings_community_id_sku"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_listings_user_id_community_id_state",
        "listings",
        ["user_id", "community_id", "state"],
        unique=False,
    )
    op.create_table(
        "market_readings",
        sa.Column("id", _big_id(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.BigInteger(), nullable=False),
        sa.Column("token", sa.String(length=32), server_default="", nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("step", sa.String(length=300), server_default="", nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("error", sa.String(length=500), nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("heartbeat_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_market_readings_user_id_users", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_market_readings"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_market_readings_user_id_community_id_id",
        "market_readings",
        ["user_id", "community_id", "id"],
        unique=False,
    )
    op.create_index(
        "uq_market_readings_active",
        "market_readings",
        ["user_id"],
        unique=True,
        sqlite_where=sa.text("status IN ('queued', 'running')"),
        postgresql_where=sa.text("status IN ('queued', 'running')"),
    )
    op.create_table(
        "photos",
        sa.Column("id", _big_id(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("side", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_photos_user_id_users", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_photos"),
        sa.UniqueConstraint("user_id", "digest", name="uq_photos_user_id_digest"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "publication_settings",
        sa.Column("user_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("default_category_id", sa.Integer(), nullable=True),
        sa.Column("photo_fallback", sa.String(length=10), nullable=False),
        sa.Column("out_of_stock", sa.String(length=10), nullable=False),
        sa.Column("not_on_sale", sa.String(length=10), nullable=False),
        sa.Column("services", sa.String(length=10), nullable=False),
        sa.Column("reserve", sa.Numeric(precision=12, scale=3), nullable=False),
        sa.Column("markup_percent", sa.Numeric(precision=7, scale=2), nullable=False),
        sa.Column("rounding", sa.String(length=10), nullable=False),
        sa.Column("name_template", sa.String(length=500), nullable=False),
        sa.Column("description_template", sa.Text(), nullable=False),
        sa.Column("card_colour", sa.String(length=7), nullable=False),
        sa.Column("albums", sa.Boolean(), nullable=False),
        sa.Column("merge_by", sa.String(length=10), nullable=False),
        sa.Column("store_order", sa.JSON(), nullable=False),
        sa.Column("new_first", sa.String(length=10), nullable=False),
        sa.Column("auto", sa.Boolean(), nullable=False),
        sa.Column("hide_guard_percent", sa.Integer(), nullable=False),
        sa.Column("price_guard_percent", sa.Integer(), nullable=False),
        sa.Column("own_name", sa.String(length=10), nullable=False),
        sa.Column("own_description", sa.String(length=10), nullable=False),
        sa.Column("own_photos", sa.String(length=10), nullable=False),
        sa.Column("own_category", sa.String(length=10), nullable=False),
        sa.Column("own_albums", sa.String(length=10), nullable=False),
        sa.Column("configured_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_publication_settings_user_id_users", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", name="pk_publication_settings"),
    )
    op.create_table(
        "publications",
        sa.Column("id", _big_id(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.BigInteger(), nullable=False),
        sa.Column("token", sa.String(length=32), server_default="", nullable=False),
        sa.Column("origin", sa.String(length=10), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("only", sa.JSON(), nullable=True),
        sa.Column("undoes", _big_id(), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed", sa.JSON(), nullable=False),
        sa.Column("holds", sa.JSON(), nullable=False),
        sa.Column("to_create", sa.Integer(), nullable=False),
        sa.Column("to_change", sa.Integer(), nullable=False),
        sa.Column("to_hide", sa.Integer(), nullable=False),
        sa.Column("to_show", sa.Integer(), nullable=False),
        sa.Column("blocked", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=300), server_default="", nullable=False),
        sa.Column("error", sa.String(length=500), nullable=True),
        sa.Column("problem", sa.String(length=40), nullable=True),
        sa.Column("resume_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("heartbeat_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_publications_user_id_users", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_publications"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_publications_status_resume_at", "publications", ["status", "resume_at"], unique=False)
    op.create_index("ix_publications_user_id_id", "publications", ["user_id", "id"], unique=False)
    op.create_index(
        "uq_publications_active",
        "publications",
        ["user_id"],
        unique=True,
        sqlite_where=sa.text("status IN ('planned', 'queued', 'running', 'held', 'paused')"),
        postgresql_where=sa.text("status IN ('planned', 'queued', 'running', 'held', 'paused')"),
    )
    op.create_table(
        "good_photos",
        sa.Column("id", _big_id(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("photo_id", _big_id(), nullable=False),
        sa.Column("store_evotor_id", sa.String(length=255), nullable=False),
        sa.Column("evotor_id", sa.String(length=255), nullable=True),
        sa.Column("group_evotor_id", sa.String(length=255), nullable=True),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["photo_id"], ["photos.id"], name="fk_good_photos_photo_id_photos", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_good_photos_user_id_users", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_good_photos"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_good_photos_photo_id", "good_photos", ["photo_id"], unique=False)
    op.create_index(
        "ix_good_photos_user_id_store_evotor_id_evotor_id",
        "good_photos",
        ["user_id", "store_evotor_id", "evotor_id"],
        unique=False,
    )
    op.create_index(
        "ix_good_photos_user_id_store_evotor_id_group_evotor_id",
        "good_photos",
        ["user_id", "store_evotor_id", "group_evotor_id"],
        unique=False,
    )
    op.create_table(
        "listing_goods",
        sa.Column("listing_id", _big_id(), nullable=False),
        sa.Column("store_evotor_id", sa.String(length=255), nullable=False),
        sa.Column("evotor_id", sa.String(length=255), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listings.id"], name="fk_listing_goods_listing_id_listings", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_listing_goods_user_id_users", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("listing_id", "store_evotor_id", "evotor_id", name="pk_listing_goods"),
    )
    op.create_index(
        "ix_listing_goods_user_id_store_evotor_id_evotor_id",
        "listing_goods",
        ["user_id", "store_evotor_id", "evotor_id"],
        unique=False,
    )
    op.create_table(
        "publication_items",
        sa.Column("id", _big_id(), nullable=False),
        sa.Column("publication_id", _big_id(), nullable=False),
        sa.Column("listing_id", _big_id(), nullable=True),
        sa.Column("store_evotor_id", sa.String(length=255), nullable=False),
        sa.Column("evotor_id", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("action", sa.String(length=10), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("problem", sa.String(length=500), nullable=True),
        sa.Column("problem_code", sa.String(length=40), nullable=True),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["listing_id"],
            ["listings.id"],
            name="fk_publication_items_listing_id_listings",
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["publication_id"],
            ["publications.id"],
            name="fk_publication_items_publication_id_publications",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_publication_items"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_publication_items_listing_id", "publication_items", ["listing_id"], unique=False)
    op.create_index(
        "ix_publication_items_publication_id_outcome_id",
        "publication_items",
        ["publication_id", "outcome", "id"],
        unique=False,
    )


def downgrade() -> None:
    for table in (
        "publication_items",
        "listing_goods",
        "good_photos",
        "publications",
        "publication_settings",
        "photos",
        "market_readings",
        "listings",
        "group_settings",
        "foreign_listings",
        "market_categories",
    ):
        op.drop_table(table)
