"""Plans that nobody has applied are forgotten within a day, and long ones once there are newer ones."""

from datetime import timedelta

from sqlalchemy import delete, select

from app.data.db import db
from app.data.types import now
from app.rules.changes.plan import FILE
from app.rules.models import RuleChange
from app.work.jobs import job

KEPT_FOR = timedelta(hours=23)
# The plan of a file names every rule: it may take some 30 MB.
FILES_KEPT = 3


@job
def forget_drafts() -> None:
    """Delete the drafts of all owners that have waited too long; the clock asks for it every hour."""
    db.session.execute(
        delete(RuleChange).where(RuleChange.applied_at.is_(None), RuleChange.planned_at < now() - KEPT_FOR)
    )
    db.session.commit()


def make_room_for_file(user_id: int) -> None:
    """Forget the owner's oldest plans of files: with one more there are `FILES_KEPT`. Commits nothing.

    One that is applied at this moment stays.
    """
    is_draft = (RuleChange.user_id == user_id, RuleChange.kind == FILE, RuleChange.applied_at.is_(None))
    older = (
        select(RuleChange.id)
        .where(*is_draft)
        .order_by(RuleChange.id.desc())
        .offset(FILES_KEPT - 1)
        .correlate(None)
    )
    forgotten = delete(RuleChange).where(RuleChange.id.in_(older), *is_draft)
    db.session.execute(forgotten.execution_options(synchronize_session=False))
