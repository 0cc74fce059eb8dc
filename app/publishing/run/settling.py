"""Listings that a plan found as they should be are noted as such, for the plans that come after it."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select, update

from app.data.db import db
from app.publishing.current import usable_plan
from app.publishing.ledger.models import Listing
from app.publishing.ledger.writing import writing
from app.work.runs.running import Running


def note_settled(running: Running[Any], marks: Mapping[int, str]) -> None:
    """Note the marks of a plan, by listing id. Commits."""
    if marks:
        rows = [{"id": listing_id, "settled": mark} for listing_id, mark in marks.items()]
        with writing(running) as session:
            session.execute(update(Listing), rows)


def settle(running: Running[Any]) -> None:
    """Compare what has just been read, once for all the plans that follow. Commits."""
    user_id, community_id = running.user_id, running.row.community_id
    db.session.rollback()
    listed = select(Listing.id).filter_by(user_id=user_id, community_id=community_id)
    plan = usable_plan(user_id, community_id) if db.session.scalar(select(listed.exists())) else None
    db.session.rollback()
    if plan is not None:
        note_settled(running, plan.settled)
