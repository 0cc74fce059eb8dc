"""What VK's limits make of a plan: how much of each is used, how long it takes, and on which days it goes."""

import math
from datetime import datetime
from typing import NamedTuple

from flask import current_app
from flask_babel import gettext

from app.publishing.planning.albums import MAKE
from app.publishing.planning.pace import TOGETHER, Cost, Pace, cost_of
from app.publishing.planning.plan import CREATE, Plan
from app.publishing.planning.quotas import Limits
from app.publishing.planning.reasons import NO_ROOM, WAITS_FOR_TOMORROW
from app.publishing.planning.steps import steps
from app.publishing.run.limits import portions_of
from app.publishing.run.lives import publications


class Quota(NamedTuple):
    """How much of one of VK's limits is used, and would be after the plan.

    is_refused: VK takes no more today, though it should by the numbers.
    """

    title: str
    used: int
    planned: int
    limit: int
    is_refused: bool = False


class Days(NamedTuple):
    """New goods that VK does not take all today: how many later, from when on, and when all will be there.

    is_refused: VK has said so; before that it is our count. `goes_on`: no click is needed.
    """

    later: int
    begins_at: datetime
    ends_at: datetime
    is_refused: bool
    goes_on: bool


def quotas_of(plan: Plan, limits: Limits) -> list[Quota]:
    """VK's limits as a plan uses them."""
    new = plan.counts[CREATE] - len(plan.waiting)
    return [
        Quota(gettext("Товаров в сообществе"), plan.in_vk, new, limits.items),
        Quota(gettext("Новых за сутки"), limits.added_today, new, limits.daily, limits.is_refused),
        *_album_quota(plan, limits.in_albums.albums),
    ]


def _album_quota(plan: Plan, limit: int) -> list[Quota]:
    if plan.albums is None:
        return []
    new = sum(change.kind == MAKE for change in plan.albums.changes)
    return [Quota(gettext("Подборок"), plan.albums.in_vk, new, limit)]


def days_of(plan: Plan, user_id: int, community_id: int, limits: Limits) -> Days | None:
    """Over which days the new goods go at VK's pace; None when all go at once."""
    later = sum(reason is WAITS_FOR_TOMORROW for reason in plan.waiting.values())
    if not later:
        return None
    goods = plan.counts[CREATE] - len(plan.waiting) + later
    a_good = _pace().seconds_for(Cost(1, 1 / TOGETHER))
    portions = portions_of(community_id, goods, limits, a_good)
    # Where some go today the first portion is theirs, also if it begins a moment after this one.
    next_ones = portions[1:] if goods > later else portions
    if not next_ones:
        return None
    goes_on = _goes_on(plan, user_id, community_id)
    return Days(later, next_ones[0].begins_at, next_ones[-1].ends_at, limits.is_refused, goes_on)


def _goes_on(plan: Plan, user_id: int, community_id: int) -> bool:
    """Whether what waits for its day goes then by itself: a run waits for it, or would if it began now."""
    if plan.has_work or plan.settings.auto:
        return True
    last = publications.latest(user_id)
    return last is not None and last.is_active and last.sends_whole_plan and last.community_id == community_id


def minutes_of(plan: Plan) -> int:
    """How long a run would take today at VK's pace."""
    return math.ceil(_pace().seconds_for(cost_of(steps(plan))) / 60)


def without_room(plan: Plan) -> int:
    """How many new goods the community has no room for."""
    return sum(reason is NO_ROOM for reason in plan.waiting.values())


def _pace() -> Pace:
    """What VK takes at most; a run measures its own."""
    return Pace(current_app.extensions["settings"].vk_calls_per_second)
