"""Changes of a catalogue hold every price that the catalogue itself holds."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

_NUMBERS = ("number_was", "number_now")
_NARROW, _WIDE = sa.Numeric(12, 3), sa.Numeric(13, 3)


def upgrade() -> None:
    # SQLite keeps any number in such a column.
    if op.get_bind().dialect.name == "sqlite":
        return
    for column in _NUMBERS:
        op.alter_column("catalog_changes", column, type_=_WIDE, existing_type=_NARROW)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        return
    for column in _NUMBERS:
        op.execute(f"UPDATE catalog_changes SET {column} = NULL WHERE abs({column}) >= 1e9")
        op.alter_column("catalog_changes", column, type_=_NARROW, existing_type=_WIDE)
