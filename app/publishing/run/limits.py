"""VK's quotas as they stand for a community at this moment."""

from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import func, select

from app.data.db import db
from app.data.types import now
from app.publishing.ledger.models import Listing
from app.publishing.planning.albums import AlbumLimits
from app.publishing.planning.quotas import Limits

_DAY = timedelta(days=1)


def added_of_late(community_id: int) -> list[datetime]:
    """When each good was added in the last 24 hours, by whoever, in that order."""
    of_late = (Listing.community_id == community_id, Listing.added_at.between(now() - _DAY, now()))
    moments = db.session.scalars(select(Listing.added_at).where(*of_late).order_by(Listing.added_at))
    return [moment for moment in moments if moment is not None]


def limits_of(community_id: int) -> Limits:
    """Count what was added in the last 24 hours, by whoever; the quotas come from the settings."""
    settings = current_app.extensions["settings"]
    added = db.session.scalar(
        select(func.count())
        .select_from(Listing)
        # Whatever was added in the future, before the clock was set back, is no part of these hours.
        .where(Listing.community_id == community_id, Listing.added_at.between(now() - _DAY, now()))
    )
    in_albums = AlbumLimits(settings.vk_album_limit, settings.vk_album_item_limit)
    return Limits(settings.vk_item_limit, settings.vk_daily_limit, added or 0, in_albums)
