"""VK's quotas as they stand for a community at this moment."""

from datetime import timedelta

from flask import current_app
from sqlalchemy import func, select

from app.data.db import db
from app.data.types import now
from app.publishing.ledger.models import Listing
from app.publishing.planning.quotas import Limits

_DAY = timedelta(days=1)


def limits_of(community_id: int) -> Limits:
    """Count what was added in the last 24 hours, by whoever; the quotas come from the settings."""
    settings = current_app.extensions["settings"]
    added = db.session.scalar(
        select(func.count())
        .select_from(Listing)
        # Whatever was added in the future, before the clock was set back, is no part of these hours.
        .where(Listing.community_id == community_id, Listing.added_at.between(now() - _DAY, now()))
    )
    return Limits(settings.vk_item_limit, settings.vk_daily_limit, added or 0)
