"""VK's quotas as they stand for a community at this moment."""

from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import and_, bindparam, func, select

from app.data.compiled import read_rows, read_value
from app.data.types import now
from app.publishing.ledger.models import Listing
from app.publishing.planning.albums import AlbumLimits
from app.publishing.planning.days import DAY, Portion, spread, spread_later
from app.publishing.planning.quotas import Limits
from app.publishing.run.models import AUTO, HAND, ONE, Publication

# What a run's `problem` says when VK takes no more new goods of it today.
DAILY_LIMIT = "daily_limit"
LONGEST_PAUSE = DAY
# Whatever was added in the future, before the clock was set back, is no part of these hours.
_IS_OF_LATE = and_(
    Listing.community_id == bindparam("community_id"),
    Listing.added_at.between(bindparam("since"), bindparam("until")),
)
_ADDED_OF_LATE = select(Listing.added_at).where(_IS_OF_LATE).order_by(Listing.added_at)
_COUNT_OF_LATE = select(func.count()).select_from(Listing).where(_IS_OF_LATE)
_LAST_THAT_COULD_ADD = (
    select(Publication.problem, Publication.resume_at)
    .where(
        Publication.user_id == bindparam("user_id"),
        Publication.community_id == bindparam("community_id"),
        Publication.origin.in_((HAND, AUTO, ONE)),
    )
    .order_by(Publication.id.desc())
    .limit(1)
)


def added_of_late(community_id: int) -> list[datetime]:
    """When each good was added in the last 24 hours, by whoever, in that order."""
    return [moment for (moment,) in read_rows(_ADDED_OF_LATE, _last_day_of(community_id))]


def portions_of(community_id: int, goods: int, limits: Limits, seconds_a_good: float) -> list[Portion]:
    """Say on which days new `goods` go, the first of them at this moment if VK takes any today."""
    moment, added = now(), added_of_late(community_id)
    if limits.closed_until is None:
        return spread(goods, added, limits.daily, moment, seconds_a_good)
    # Nobody says how many VK takes in a day: it is held to be as many as it took of this one.
    spent_at = limits.closed_until - DAY
    return spread_later(goods, added, len(added) or limits.daily, moment, spent_at, seconds_a_good)


def limits_of(user_id: int, community_id: int) -> Limits:
    """Count what was added in the last 24 hours, by whoever; the quotas come from the settings.

    Two statements.
    """
    settings = current_app.extensions["settings"]
    added = read_value(_COUNT_OF_LATE, _last_day_of(community_id))
    in_albums = AlbumLimits(settings.vk_album_limit, settings.vk_album_item_limit)
    closed_until = _closed_until(user_id, community_id)
    return Limits(settings.vk_item_limit, settings.vk_daily_limit, added, in_albums, closed_until)


def _last_day_of(community_id: int) -> dict[str, object]:
    return {"community_id": community_id, "since": now() - DAY, "until": now()}


def _closed_until(user_id: int, community_id: int) -> datetime | None:
    """Until when VK takes no new goods, as the owner's last run that could add some was told.

    None once that run has been let go on before: VK is asked again.
    """
    place = {"user_id": user_id, "community_id": community_id}
    for problem, resume_at in read_rows(_LAST_THAT_COULD_ADD, place):
        # What is further away was written before the clock was set back.
        if problem == DAILY_LIMIT and resume_at and timedelta() < resume_at - now() <= LONGEST_PAUSE:
            return resume_at
    return None
