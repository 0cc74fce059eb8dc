"""Uploads of many photos, looked through before anything is kept."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_ACTIVE = sa.text("status IN ('queued', 'running')")


def _big_id() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "photo_archives",
        sa.Column("id", _big_id(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("phase", sa.String(length=10), nullable=False),
        sa.Column("upload", sa.String(length=64), nullable=True),
        sa.Column("parts", sa.JSON(), nullable=False),
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
            ["user_id"], ["users.id"], name="fk_photo_archives_user_id_users", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_photo_archives"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_photo_archives_user_id_id", "photo_archives", ["user_id", "id"])
    op.create_index(
        "uq_photo_archives_active",
        "photo_archives",
        ["user_id"],
        unique=True,
        sqlite_where=_ACTIVE,
        postgresql_where=_ACTIVE,
    )
    op.create_table(
        "archive_pictures",
        sa.Column("id", _big_id(), nullable=False),
        sa.Column("archive_id", _big_id(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("sentence", sa.String(length=500), nullable=False),
        sa.Column("good_name", sa.String(length=300), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.Column("goods", sa.JSON(), nullable=False),
        sa.Column("choices", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["archive_id"],
            ["photo_archives.id"],
            name="fk_archive_pictures_archive_id_photo_archives",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_archive_pictures"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_archive_pictures_archive_id_state_number", "archive_pictures", ["archive_id", "state", "number"]
    )


def downgrade() -> None:
    op.drop_table("archive_pictures")
    op.drop_table("photo_archives")
