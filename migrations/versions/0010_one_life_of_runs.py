"""Runs are known by a token, and an owner has one export under way; a confirmed drop names its goods."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_INTERRUPTED = "Фоновый процесс остановился, не закончив работу"
_ACTIVE = "status IN ('queued', 'running')"


def upgrade() -> None:
    for table in ("catalog_refreshes", "catalog_exports"):
        op.add_column(table, sa.Column("token", sa.String(length=32), server_default="", nullable=False))
    op.add_column("catalog_refreshes", sa.Column("problem", sa.String(length=40), nullable=True))
    op.add_column(
        "catalog_exports", sa.Column("step", sa.String(length=300), server_default="", nullable=False)
    )
    op.add_column("catalog_exports", sa.Column("started_at", sa.DateTime(timezone=True), nullable=True))
    # How many goods the owner was shown is not known any more, so it has to be asked again.
    op.execute("UPDATE catalog_refreshes SET confirmed_drops = '{}'")
    older = f"id NOT IN (SELECT max(id) FROM catalog_exports WHERE {_ACTIVE} GROUP BY user_id)"
    op.execute(
        sa.text(
            "UPDATE catalog_exports SET status = 'failed', error = :error, finished_at = CURRENT_TIMESTAMP"
            f" WHERE {_ACTIVE} AND {older}"
        ).bindparams(error=_INTERRUPTED)
    )
    op.create_index(
        "uq_catalog_exports_active",
        "catalog_exports",
        ["user_id"],
        unique=True,
        sqlite_where=sa.text(_ACTIVE),
        postgresql_where=sa.text(_ACTIVE),
    )


def downgrade() -> None:
    op.drop_index("uq_catalog_exports_active", table_name="catalog_exports")
    op.execute("UPDATE catalog_refreshes SET confirmed_drops = '[]'")
    for column in ("started_at", "step", "token"):
        op.drop_column("catalog_exports", column)
    for column in ("problem", "token"):
        op.drop_column("catalog_refreshes", column)
