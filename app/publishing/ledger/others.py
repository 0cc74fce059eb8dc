"""What other accounts of ours add to the same community: it is looked at before more is added there."""

from sqlalchemy import and_, bindparam, func, or_, select, update
from sqlalchemy.orm import Session

from app.data.compiled import Source, read_rows
from app.publishing.ledger.as_sql import IS_ASKED, IS_IN_VK, IS_OF_OTHERS
from app.publishing.ledger.models import Listing
from app.publishing.ledger.patience import patience
from app.publishing.planning.existing import GONE, LIVE, NAME, PRICE, SENDING, ForeignItem
from app.publishing.run.models import Publication
from app.work.runs.row import RUNNING

_SINCE = bindparam("since", type_=Listing.changed_at.type)
_ADDED = select(func.count(), func.max(Listing.added_at)).where(IS_OF_OTHERS, IS_IN_VK)
# What was deleted is asked for again by who brings it back alone.
_IS_BROUGHT_BACK = and_(Listing.state == GONE, Listing.changed_at > _SINCE, IS_ASKED)
_BEING_ADDED = select(Listing.changed_at).where(IS_OF_OTHERS, or_(Listing.state == SENDING, _IS_BROUGHT_BACK))
_OF_LATE = (
    select(Listing.item_id, Listing.sku, Listing.sent, Listing.state, Listing.added_at, Listing.changed_at)
    # What was brought back was added long ago.
    .where(IS_OF_OTHERS, IS_IN_VK, or_(Listing.added_at > _SINCE, Listing.changed_at > _SINCE))
    .order_by(Listing.id)
)
# All of them, in one order: of two that run at once the later one sees the other's row. The lowest alone
# is another once its run has ended, or one asked for earlier is taken up.
_AT_WORK = (
    select(Publication.id)
    .filter_by(community_id=bindparam("community_id"), status=RUNNING)
    .order_by(Publication.id)
    .with_for_update(key_share=True)
)
_TURN = (
    update(Publication)
    .where(Publication.id == bindparam("first"))
    .values(token=Publication.token)
    .execution_options(synchronize_session=False)
)


class OthersAdded(Exception):
    """Another account has added goods since the look that is relied on, or is adding some just now."""


def added_by_others(source: Source, user_id: int, community_id: int) -> str:
    """A mark of what others have in a community by their runs: with more of it, it is another.

    So it is with less, and the look at what is there is one too many.
    """
    [(count, latest)] = read_rows(_ADDED, {"user_id": user_id, "community_id": community_id}, source)
    return f"{count} {latest}"


def are_others_adding(source: Source, user_id: int, community_id: int) -> bool:
    """Tell whether others have asked VK to add, or to bring back, what it may not have shown yet."""
    from_now = patience()
    place = {"user_id": user_id, "community_id": community_id, "since": from_now.at - from_now.within}
    return any(from_now.covers(moment) for (moment,) in read_rows(_BEING_ADDED, place, source))


def just_added_by_others(user_id: int, community_id: int) -> list[ForeignItem]:
    """What others have added of late, or brought back, so that VK may not have shown it to us yet."""
    from_now = patience()
    place = {"user_id": user_id, "community_id": community_id}
    of_late = read_rows(_OF_LATE, place | {"since": from_now.at - from_now.within})
    return [
        ForeignItem(
            item_id=item_id,
            name=sent.get(NAME, sku),
            sku=sku,
            price=sent.get(PRICE),
            is_available=state == LIVE,
        )
        for item_id, sku, sent, state, *moments in of_late
        if any(map(from_now.covers, moments))
    ]


def take_turn(session: Session, user_id: int, community_id: int, seen: str | None) -> None:
    """Let no other account note what it adds before the commit; `seen` is the mark of the last look.

    First in its transaction, whatever is noted: who has noted a sku that another with the turn waits to note
    would wait for the turn itself, since its own row is among those. None: nothing was looked at. Raises
    OthersAdded.
    """
    ids = [id for (id,) in read_rows(_AT_WORK, {"community_id": community_id}, session)]
    # SQLite locks no rows, but takes one writer at a time.
    session.execute(_TURN, {"first": ids[0] if ids else None})
    if seen is None:
        return
    place = (session, user_id, community_id)
    if are_others_adding(*place) or added_by_others(*place) != seen:
        raise OthersAdded
