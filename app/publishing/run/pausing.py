"""When a run cannot go on: with which words it waits, and when it goes on by itself."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import func, select

from app.clients.errors import CloudError
from app.connections.problems import Kind, Problem
from app.data.db import db
from app.data.types import now
from app.publishing.ledger.models import Listing, MarketAlbum
from app.publishing.ledger.of_run import TAKEN
from app.publishing.ledger.patience import patience
from app.publishing.planning.days import DAY, spread_later
from app.publishing.planning.existing import SENDING
from app.publishing.planning.plan import CREATE, HIDE, Plan
from app.publishing.planning.reasons import NO_ROOM, WAITS_FOR_TOMORROW
from app.publishing.run.limits import DAILY_LIMIT, added_of_late, limits_of, portions_of
from app.publishing.run.models import Publication, PublicationItem
from app.words import gettext_noop

VK_AWAY = "vk_away"
# VK has not said whether it added some goods, and may not show them yet.
UNKNOWN = "unknown_outcome"

_FLOOD_WAIT = timedelta(hours=1)
_AWAY_WAIT = timedelta(minutes=5)
_NOT_SAID = gettext_noop(
    "ВКонтакте не ответил, добавил ли часть товаров. Сначала посмотрим сами: так они не задвоятся"
)
_NOT_SAID_OF_ALBUMS = gettext_noop(
    "ВКонтакте не ответил, сделал ли подборку. Сначала посмотрим сами: так она не задвоится"
)
_NOT_HEARD = gettext_noop(
    "ВКонтакте не ответил на часть изменений и может сделать их позже. Посмотрим и поправим сами"
)
_DOUBTED = gettext_noop(
    "ВКонтакте показал меньше половины товаров сообщества. Посмотрим ещё раз, прежде чем добавлять новые: "
    "так они не задвоятся"
)
_AWAY = gettext_noop("ВКонтакте не отвечает. Продолжим сами")
_NO_MORE_TODAY = gettext_noop("На сегодня ВКонтакте больше не примет новых товаров")


class Pause(NamedTuple):
    """Why a run waits: a sentence, the code of the problem, and when it goes on by itself.

    `resume_at` is None while only the owner can help; the run goes on once that is done. `ends_at` is when
    everything should be done, where that can be told, and `waiting` how many goods VK takes no more of today.
    """

    sentence: str
    problem: str
    resume_at: datetime | None
    ends_at: datetime | None = None
    waiting: int = 0


def pause_for(error: CloudError, problem: Problem | None) -> Pause:
    """The pause after VK refused to go on; `problem` is what the connection noted of it, if anything."""
    if problem is None:
        return Pause(_AWAY, VK_AWAY, now() + _AWAY_WAIT)
    waits = {Kind.FLOOD: _FLOOD_WAIT, Kind.VK_AWAY: _AWAY_WAIT}.get(problem.kind)
    return Pause(problem.sentence, str(problem.kind), now() + waits if waits else None)


def pause_for_quota(run: Publication, plan: Plan, seconds_a_good: float) -> Pause | None:
    """The pause for goods that VK takes no more of today; None when none waits for that."""
    waiting = _wait_for_tomorrow(plan)
    if not waiting:
        return None
    limits = limits_of(run.user_id, run.community_id)
    if limits.closed_until is None:
        return _until_day(waiting, added_of_late(run.community_id), limits.daily, seconds_a_good)
    # It was refused before, and waits as it did.
    portions = portions_of(run.community_id, waiting, limits, seconds_a_good)
    ends_at = portions[-1].ends_at if portions else None
    return Pause(_NO_MORE_TODAY, DAILY_LIMIT, limits.closed_until, ends_at, waiting)


def pause_for_unknown(plan: Plan | None, unheard_until: datetime | None) -> Pause | None:
    """The pause for what VK has not said whether it did; None when nothing is open.

    Goods and albums of the plan it may have made without showing them yet; changes it may do until
    `unheard_until`, over what it has taken since.
    """
    if plan is not None:
        found = (item for kind in (CREATE, HIDE) for item in plan.items[kind])
        goods = [item.entry.listing_id for item in found if item.look_up and item.entry]
        if goods:
            # Later it is still open only where VK does not show all that it has.
            look_at = _shown_by(Listing, goods) or now() + _AWAY_WAIT
            return Pause(_NOT_SAID, UNKNOWN, look_at, waiting=len(goods) + _wait_for_tomorrow(plan))
        changes = plan.albums.changes if plan.albums else ()
        albums = [change.entry.row_id for change in changes if change.is_awaited and change.entry]
        if until := _shown_by(MarketAlbum, albums):
            return Pause(_NOT_SAID_OF_ALBUMS, UNKNOWN, until)
    return Pause(_NOT_HEARD, UNKNOWN, unheard_until) if unheard_until else None


def pause_for_doubted(plan: Plan, doubted_until: datetime | None) -> Pause | None:
    """The pause for new goods that may be in VK, since its last look is in doubt; None when none waits."""
    new = plan.counts[CREATE] - len(plan.waiting)
    if doubted_until is None or new <= 0:
        return None
    return pause_for_doubt(doubted_until)._replace(waiting=new + _wait_for_tomorrow(plan))


def pause_for_doubt(until: datetime) -> Pause:
    """The pause until VK is looked at once more, since its last look is in doubt."""
    return Pause(_DOUBTED, UNKNOWN, until)


def pause_for_refused(run: Publication, plan: Plan, seconds_a_good: float) -> Pause | None:
    """The pause after VK took no more new goods though it should have; None when it is full for certain.

    Others add goods by hand, and nobody says how many VK takes in a day: it is asked again once the room of
    today's goods should be free.
    """
    limits = limits_of(run.user_id, run.community_id)
    if plan.in_vk >= limits.items:
        return None
    added = added_of_late(run.community_id)
    return _until_day(plan.counts[CREATE], added, len(added) or limits.daily, seconds_a_good)


def stuck_since(run: Publication, pause: Pause) -> datetime | None:
    """Tell since when VK has taken nothing of a run that is paused; None while its day is waited for."""
    if pause.problem == DAILY_LIMIT:
        return None
    moment, since = now(), run.stuck_since
    taken_at = db.session.scalar(
        select(func.max(PublicationItem.written_at)).filter_by(publication_id=run.id, outcome=TAKEN)
    )
    # In the future: noted before the clock was set back.
    if since is None or since > moment or (taken_at is not None and taken_at > since):
        return moment
    return since


def lacks_room(plan: Plan) -> bool:
    """Tell whether goods wait for room in the community."""
    return any(reason is NO_ROOM for reason in plan.waiting.values())


def _wait_for_tomorrow(plan: Plan) -> int:
    """How many new goods VK takes no more of today."""
    return sum(reason is WAITS_FOR_TOMORROW for reason in plan.waiting.values())


def _shown_by(table: type[Listing | MarketAlbum], row_ids: list[int]) -> datetime | None:
    """Until when VK may keep out of sight the first of these that it was asked to make; None for none."""
    if not row_ids:
        return None
    is_asked = table.id.in_(row_ids), table.state == SENDING
    first_at = db.session.scalar(select(func.min(table.changed_at)).where(*is_asked))
    from_now = patience()
    return from_now.until(first_at) if first_at is not None and from_now.covers(first_at) else None


def _until_day(waiting: int, added: list[datetime], daily: int, seconds_a_good: float) -> Pause:
    moment = now()
    portions = spread_later(waiting, added, daily, moment, moment, seconds_a_good)
    begins_at, ends_at = (portions[0].begins_at, portions[-1].ends_at) if portions else (moment + DAY, None)
    return Pause(_NO_MORE_TODAY, DAILY_LIMIT, begins_at, ends_at, waiting)
