"""How many rules the history still has of each of its steps."""

import sqlalchemy as sa
from alembic import op

revision = "0054"
down_revision = "0052"
branch_labels = None
depends_on = None

_changes = sa.table(
    "rule_changes",
    sa.column("id", sa.BigInteger()),
    sa.column("applied_at", sa.DateTime()),
    sa.column("moves", sa.JSON()),
    sa.column("kept_rules", sa.Integer()),
)
_items = sa.table("rule_change_items", sa.column("change_id", sa.BigInteger()))


def upgrade() -> None:
    op.add_column("rule_changes", sa.Column("kept_rules", sa.Integer()))
    count = sa.select(sa.func.count()).where(_items.c.change_id == _changes.c.id)
    # A step that is about no rule has none to keep.
    kept = sa.func.nullif(count.correlate(_changes).scalar_subquery(), 0)
    op.execute(sa.update(_changes).where(_changes.c.applied_at.is_not(None)).values(kept_rules=kept))


def downgrade() -> None:
    # The release before takes back what it finds: of a step that is kept in part it would be a part.
    steps = sa.select(_changes.c.id, _changes.c.moves, _changes.c.kept_rules).where(_changes.c.kept_rules > 0)
    for step in op.get_bind().execute(steps).all():
        if step.kept_rules < sum(move["rules"] for move in step.moves):
            op.execute(sa.delete(_items).where(_items.c.change_id == step.id))
    op.drop_column("rule_changes", "kept_rules")
