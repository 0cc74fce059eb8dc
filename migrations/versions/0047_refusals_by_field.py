"""What VK refused of a listing that it has is asked once more: it was about one field, and all were held.

Which fields those were nobody can tell any more.
"""

from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "UPDATE listings SET refused = '{}', problem = NULL, problem_code = NULL "
        "WHERE item_id IS NOT NULL AND CAST(refused AS TEXT) <> '{}'"
    )


def downgrade() -> None:
    """There is nothing to take back."""
