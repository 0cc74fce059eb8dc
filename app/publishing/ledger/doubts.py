"""Looks at VK that show less than half of what was there: one alone is not believed.

What is foreign and not shown is forgotten, and an equal good of the till is added; an album that is gone is
made anew. So one empty answer of VK would have all that waits to be paired, and all albums, there twice.

What a look leaves out of a shop that it shows otherwise is held for gone, but is looked for once more: if it
stands there after all, it has to be hidden when nobody wants it by then.
"""

from collections.abc import Set
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session, scoped_session

from app.data.engine import insert_or_update
from app.publishing.ledger.as_sql import HAS_FALSE_ID, IS_ASKED, IS_IN_VK, OWNED
from app.publishing.ledger.models import DoubtedLook, Listing
from app.publishing.ledger.patience import Patience
from app.publishing.planning.existing import GONE

# What a look is at.
GOODS, ALBUMS = "goods", "albums"
# A second look is believed when it begins so long after the first that said the same. Longer than VK may be
# late: this is about its faults. It is soon enough for an owner who has emptied a shop by hand.
BELIEVED_AFTER = timedelta(minutes=10)

_GONE_AT = select(func.max(Listing.changed_at)).where(
    *OWNED, Listing.state == GONE, Listing.item_id.is_not(None)
)
_IN_VK = select(Listing.item_id, Listing.added_at, IS_ASKED | HAS_FALSE_ID).where(*OWNED, IS_IN_VK)

_Session = Session | scoped_session[Any]


def doubted_until(
    session: _Session,
    user_id: int,
    community_id: int,
    of: str,
    *,
    known: Set[int],
    told: Set[int],
    from_now: Patience,
) -> datetime | None:
    """Judge a complete look by what it `told` of all that was `known`; until when it is in doubt, None: not.

    `of`: GOODS or ALBUMS, and both sets are VK's numbers of these. `from_now` is the patience from the moment
    when the look began. Notes the doubt, or that there is none. Does not commit.
    """
    place = {"user_id": user_id, "community_id": community_id, "of": of}
    missing = known - told
    doubt = session.get(DoubtedLook, place, populate_existing=True)
    since = doubt.since if doubt is not None else from_now.at
    until = waits_until(since, from_now.at)
    if 2 * len(missing) <= len(known) or until is None:
        if doubt is not None:
            session.execute(delete(DoubtedLook).filter_by(**place))
        return None
    # A run may look beside a reading.
    noted = insert_or_update(session.get_bind().dialect.name, DoubtedLook.__table__).values(
        **place, since=since, shown=len(known) - len(missing), known=len(known)
    )
    session.execute(noted.on_conflict_do_nothing())
    return until


def waits_until(since: datetime, moment: datetime) -> datetime | None:
    """Until when a doubt that began then lasts, None when a look that begins at this `moment` ends it."""
    patience = Patience(moment, BELIEVED_AFTER)
    return patience.until(since) if patience.covers(since) else None


def doubts_of(session: _Session, user_id: int, community_id: int) -> dict[str, DoubtedLook]:
    """The looks that others are waited for to bear out, by what they were at."""
    rows = session.scalars(select(DoubtedLook).filter_by(user_id=user_id, community_id=community_id))
    return {row.of: row for row in rows}


def to_be_borne_out(session: _Session, user_id: int, community_id: int) -> list[datetime]:
    """When looks began that another is to bear out: those in doubt, and the last that missed a listing."""
    place = {"user_id": user_id, "community_id": community_id}
    gone_at = session.scalar(_GONE_AT, place)
    doubted = [doubt.since for doubt in doubts_of(session, **place).values()]
    return doubted if gone_at is None else [*doubted, gone_at]


def may_be_unseen(session: _Session, user_id: int, community_id: int, from_now: Patience) -> set[int]:
    """VK's numbers of listings that may well be absent: added just now, perhaps deleted, or none of VK's."""
    rows = session.execute(_IN_VK, {"user_id": user_id, "community_id": community_id})
    return {
        item_id
        for item_id, added_at, is_open in rows
        if item_id is not None and (is_open or from_now.covers(added_at))
    }
