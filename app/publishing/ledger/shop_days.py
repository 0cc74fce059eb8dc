"""What is in VK by days: one small row for each day on which a run or a reading touched the ledger."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from itertools import pairwise
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Executable, bindparam, func, select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.data.compiled import read_value
from app.data.db import db
from app.data.engine import insert_or_update
from app.data.types import now
from app.publishing.ledger.models import Listing, ShopDay
from app.publishing.planning.existing import LIVE, PRICE

DAYS = 30


class Day(NamedTuple):
    """A day of the owner's: goods in VK at its end, and how many prices changed there in its course."""

    date: date
    live: int
    prices: int


def note_day(session: Session, user_id: int, community_id: int, prices: int = 0) -> None:
    """Keep what the ledger says is in VK now as that of today, and add to today's changes of prices."""
    # What the count is made of has to be there.
    session.flush()
    zone = ZoneInfo(read_value(_ZONE, {"owner_id": user_id}, session) or "UTC")
    place = {"owner_id": user_id, "shop_id": community_id}
    today = {"today": now().astimezone(zone).date(), "changed": prices}
    session.execute(_noting(session.get_bind().dialect.name), place | today)


# Both built once: every batch of a run notes its day.
_ZONE = select(User.timezone).filter_by(id=bindparam("owner_id"))


@cache
def _noting(dialect: str) -> Executable:
    place: dict[str, Any] = {"user_id": bindparam("owner_id"), "community_id": bindparam("shop_id")}
    live = select(func.count()).select_from(Listing).filter_by(**place, state=LIVE).scalar_subquery()
    statement = insert_or_update(dialect, ShopDay.__table__).values(
        **place, day=bindparam("today"), live=live, prices=bindparam("changed")
    )
    kept = {"live": statement.excluded.live, "prices": ShopDay.prices + statement.excluded.prices}
    return statement.on_conflict_do_update(index_elements=[*place, "day"], set_=kept)


def has_new_price(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether a listing showed another price before it was changed."""
    return PRICE in after and before.get(PRICE) not in (None, after[PRICE])


def last_days(user_id: int, community_id: int, live: int, today: date) -> list[Day]:
    """The last days as far as they are known, the earliest first; `live` goods are there now."""
    rows = db.session.execute(
        select(ShopDay.day, ShopDay.live, ShopDay.prices)
        .filter_by(user_id=user_id, community_id=community_id)
        .where(ShopDay.day <= today)
        .order_by(ShopDay.day.desc())
        # The one before tells what the first of them began with.
        .limit(DAYS + 1)
    )
    return filled([Day(*row) for row in rows][::-1], live, today)


def filled(kept: Sequence[Day], live: int, today: date) -> list[Day]:
    """Fill in the days between those that were kept, when nothing changed, up to `today` and its `live`."""
    begins = today - timedelta(days=DAYS - 1)
    earlier = [day for day in kept if day.date < today]
    last = Day(today, live, sum(day.prices for day in kept if day.date == today))
    days = []
    for day, following in pairwise([*earlier, last, Day(today + timedelta(days=1), 0, 0)]):
        days.append(day)
        between = range(1, (following.date - day.date).days)
        days += [Day(day.date + timedelta(days=passed), day.live, 0) for passed in between]
    return [day for day in days if day.date >= begins]
