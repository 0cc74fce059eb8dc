"""Plans that nobody has applied are forgotten within a day."""

from datetime import timedelta

from sqlalchemy import delete

from app.data.db import db
from app.data.types import now
from app.rules.models import RuleChange
from app.work.jobs import job

KEPT_FOR = timedelta(hours=23)


@job
def forget_drafts() -> None:
    """Delete the drafts of all owners that have waited too long; the clock asks for it every hour."""
    db.session.execute(
        delete(RuleChange).where(RuleChange.applied_at.is_(None), RuleChange.planned_at < now() - KEPT_FOR)
    )
    db.session.commit()
