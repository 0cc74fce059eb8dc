"""Plans that nobody has applied are forgotten within a day, and the oldest once there are many newer ones."""

from datetime import timedelta

from sqlalchemy import ColumnElement, delete, select

from app.data.db import db
from app.data.types import now
from app.rules.models import RuleChange
from app.work.jobs import job

KEPT_FOR = timedelta(hours=23)
# One may name a thousand ticked rows, in 20 KB; nobody has more of them open.
KEPT = 50


@job
def forget_drafts() -> None:
    """Delete the drafts of all owners that have waited too long; the clock asks for it every hour."""
    db.session.execute(
        delete(RuleChange).where(RuleChange.applied_at.is_(None), RuleChange.planned_at < now() - KEPT_FOR)
    )
    db.session.commit()


def make_room(user_id: int, kept: int, *conditions: ColumnElement[bool]) -> None:
    """Forget the owner's oldest drafts of which these hold: with one more there are so many. Commits nothing.

    One that is applied at this moment stays, as does one that another request forgets.
    """
    is_draft = (RuleChange.user_id == user_id, RuleChange.applied_at.is_(None), *conditions)
    older = (
        select(RuleChange.id)
        .where(*is_draft)
        .order_by(RuleChange.id.desc())
        .offset(kept - 1)
        .correlate(None)
        .with_for_update(skip_locked=True)
    )
    forgotten = delete(RuleChange).where(RuleChange.id.in_(older), *is_draft)
    db.session.execute(forgotten.execution_options(synchronize_session=False))
