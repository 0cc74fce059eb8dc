"""When a run cannot go on: with which words it waits, and when it goes on by itself."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import func, select

from app.clients.errors import CloudError
from app.connections.problems import Kind, Problem
from app.data.db import db
from app.data.types import now
from app.publishing.ledger.models import Listing
from app.publishing.planning.plan import Plan
from app.publishing.planning.reasons import NO_ROOM, WAITS_FOR_TOMORROW
from app.web.formatting import plural

DAILY_LIMIT = "daily_limit"
ITEM_LIMIT = "item_limit"
VK_AWAY = "vk_away"

_FLOOD_WAIT = timedelta(hours=1)
_AWAY_WAIT = timedelta(minutes=5)
LONGEST_PAUSE = timedelta(days=1)


class Pause(NamedTuple):
    """Why a run waits: a sentence, the code of the problem, and when it goes on by itself.

    `resume_at` is None while only the owner can help; the run goes on once that is done.
    """

    sentence: str
    problem: str
    resume_at: datetime | None


def pause_for(error: CloudError, problem: Problem | None) -> Pause:
    """The pause after VK refused to go on; `problem` is what the connection noted of it, if anything."""
    if problem is None:
        return Pause("ВКонтакте не отвечает. Продолжим сами", VK_AWAY, now() + _AWAY_WAIT)
    waits = {Kind.FLOOD: _FLOOD_WAIT, Kind.VK_AWAY: _AWAY_WAIT}.get(problem.kind)
    return Pause(problem.sentence, str(problem.kind), now() + waits if waits else None)


def pause_for_quota(plan: Plan, community_id: int) -> Pause | None:
    """The pause for goods that VK takes no more of today; None when none waits for that."""
    waiting = sum(reason is WAITS_FOR_TOMORROW for reason in plan.waiting.values())
    if not waiting:
        return None
    oldest = db.session.scalar(
        select(func.min(Listing.added_at)).where(
            Listing.community_id == community_id, Listing.added_at.between(now() - LONGEST_PAUSE, now())
        )
    )
    goods = plural(waiting, "товар", "товара", "товаров")
    sentence = f"На сегодня ВКонтакте больше не примет новых товаров. Осталось: {goods}"
    return Pause(sentence, DAILY_LIMIT, (oldest or now()) + LONGEST_PAUSE)


def lacks_room(plan: Plan) -> bool:
    """Tell whether goods wait for room in the community."""
    return any(reason is NO_ROOM for reason in plan.waiting.values())
