"""Why an owner's publication stands still, if it does, and since when."""

from datetime import datetime, timedelta
from typing import NamedTuple

from flask_babel import gettext
from sqlalchemy import func, select

from app.connections.problems import Kind
from app.data.db import db
from app.data.types import now
from app.publishing.ledger.of_run import TAKEN
from app.publishing.run.lives import publications
from app.publishing.run.models import HELD, PAUSED, Publication, PublicationItem
from app.web.language import translated
from app.work.runs.row import CANCELLED, DONE

# So long may passing troubles last before the owner is told of them.
PATIENCE = timedelta(days=1)


class Standstill(NamedTuple):
    """A publication that does not go on; `reason` is a sentence without its full stop."""

    run: Publication
    title: str
    reason: str
    since: datetime


def standstill_of(user_id: int) -> Standstill | None:
    """Tell what only the owner can end, or what has kept everything from VK for a day."""
    run = publications.latest(user_id)
    if run is None:
        return None
    stopped_at = run.heartbeat_at or run.requested_at
    if run.status == HELD:
        reason = ". ".join(translated(hold["sentence"]) for hold in run.holds)
        return Standstill(run, gettext("Публикация ждёт вашего слова"), reason, stopped_at)
    # Rights that VK gives out by hand come without the owner.
    needs_owner = run.resume_at is None and run.problem != Kind.SCOPE_MISSING
    if run.status == PAUSED and needs_owner:
        return Standstill(run, gettext("Публикация стоит"), translated(run.error or ""), stopped_at)
    since = _failing_since(user_id)
    if run.status in (DONE, CANCELLED) or since is None or now() - since < PATIENCE:
        return None
    reason = translated(run.error or "") or gettext("Публикация не доходит до конца")
    return Standstill(run, gettext("Больше суток ничего не отправлено"), reason, since)


def _failing_since(user_id: int) -> datetime | None:
    """When nothing began to succeed after the last success; None where nothing was tried since."""
    moments = (
        select(func.max(PublicationItem.written_at))
        .join(Publication, Publication.id == PublicationItem.publication_id)
        .where(Publication.user_id == user_id, PublicationItem.outcome == TAKEN),
        select(func.max(Publication.finished_at)).filter_by(user_id=user_id, status=DONE),
    )
    successes = [moment for each in moments if (moment := db.session.scalar(each)) is not None]
    # Each try of a run that was put aside is asked for anew.
    began_at = func.coalesce(Publication.stuck_since, Publication.requested_at)
    first = select(func.min(began_at)).where(Publication.user_id == user_id, Publication.status != CANCELLED)
    if successes:
        first = first.where(began_at > max(successes))
    return db.session.scalar(first)
