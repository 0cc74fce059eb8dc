"""How often something new was written of a listing: plans tell by it that nothing has changed."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

# All that a plan compares; what is only told of a listing is not among them.
_COMPARED = "sku, item_id, state, sent, seen, owners, refused, problem"


def upgrade() -> None:
    op.add_column("listings", sa.Column("revision", sa.Integer(), server_default="0", nullable=False))
    # Marks from before stand for the texts that this number now stands for.
    op.execute("UPDATE listings SET settled = NULL")
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(
            f"""CREATE TRIGGER listings_revised AFTER UPDATE OF {_COMPARED} ON listings BEGIN
                UPDATE listings SET revision = revision + 1 WHERE id = new.id;
            END"""
        )
        return
    connection.exec_driver_sql(
        """CREATE FUNCTION count_revision() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            NEW.revision := OLD.revision + 1;
            RETURN NEW;
        END $$"""
    )
    connection.exec_driver_sql(
        f"""CREATE TRIGGER listings_revised BEFORE UPDATE OF {_COMPARED} ON listings
        FOR EACH ROW EXECUTE FUNCTION count_revision()"""
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER listings_revised")
    else:
        op.execute("DROP TRIGGER listings_revised ON listings")
        op.execute("DROP FUNCTION count_revision()")
    op.drop_column("listings", "revision")
