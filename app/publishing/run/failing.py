"""Runs that break one after another: after some of them nothing is begun by itself for a while.

One that ends every worker that takes it up must not do so for ever. What got on before it broke is none of
these, and what went well ends their count: processes of ours that are killed are no reason to wait.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, literal, select
from sqlalchemy.orm import aliased

from app.data.db import db
from app.data.types import now
from app.publishing.ledger.patience import Patience
from app.publishing.run.models import AUTO, HAND, Publication
from app.publishing.settings.models import PublicationSettings
from app.work.runs.row import FAILED, SUCCESSFUL

# A run that has failed is begun anew so many times.
TRIES, WAIT = 3, timedelta(hours=1)


def of_whole_plan(run: Any, user_id: Any) -> ColumnElement[bool]:
    """Whether a run is an owner's, and about all that the plan names: it sends what any other lacks."""
    is_of_whole: ColumnElement[bool] = (run.user_id == user_id) & run.origin.in_((HAND, AUTO))
    return is_of_whole


def select_tried_at(user_id: Any) -> Any:
    """When the first of too many runs of an owner (or a column of theirs) in a row failed, NULL for none."""
    well = aliased(Publication)
    last = select(func.coalesce(func.max(well.id), 0)).where(
        of_whole_plan(well, user_id), well.status.in_(SUCCESSFUL)
    )
    before = last.correlate(PublicationSettings).scalar_subquery()
    failed = Publication.status == FAILED, Publication.done == 0, Publication.finished_at.is_not(None)
    # The first of so many: an hour after it one less counts.
    return (
        select(Publication.finished_at)
        .where(of_whole_plan(Publication, user_id), *failed, Publication.id > before)
        .order_by(Publication.id.desc())
        .offset(TRIES)
        .limit(1)
        .correlate(PublicationSettings)
    )


def stands_until(tried_at: datetime | None) -> datetime | None:
    """Until when nothing is begun by itself after runs that have failed so; None for no wait."""
    from_now = Patience(now(), WAIT)
    return from_now.until(tried_at) if tried_at is not None and from_now.covers(tried_at) else None


def begins_again_at(user_id: int) -> datetime | None:
    """When an owner's changes go by themselves again, None while nothing keeps them."""
    return stands_until(db.session.scalar(select_tried_at(literal(user_id))))
