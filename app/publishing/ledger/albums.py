"""Albums in the ledger: read for the plan, and brought in line with what a reading of VK showed."""

from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import bindparam, delete, or_, select
from sqlalchemy.orm import Session, scoped_session

from app.data.compiled import read_rows, read_value
from app.data.db import db
from app.data.types import now
from app.mirror.folding import fold
from app.publishing.ledger.as_sql import COMMUNITY_ID, IS_IN_VK, USER_ID
from app.publishing.ledger.models import Listing, MarketAlbum, set_state
from app.publishing.ledger.patience import Patience
from app.publishing.planning import texts
from app.publishing.planning.albums import FOREIGN, NO_ROOM, AlbumEntry
from app.publishing.planning.days import DAY
from app.publishing.planning.existing import ALBUMS, FAILED, GONE, LIVE, SENDING
from app.publishing.settings.models import GroupSettings, PublicationSettings
from app.publishing.settings.save import note_new_plan

_TITLE_LENGTH = 255
_OWNED = select(MarketAlbum).where(MarketAlbum.user_id == USER_ID, MarketAlbum.community_id == COMMUNITY_ID)
_IN_PLAN = (
    _OWNED.with_only_columns(
        *(MarketAlbum.id, MarketAlbum.album_id, MarketAlbum.title, MarketAlbum.state, MarketAlbum.groups),
        *(MarketAlbum.seen_title, MarketAlbum.others, MarketAlbum.problem),
    )
    .where(or_(MarketAlbum.state != NO_ROOM, MarketAlbum.changed_at > bindparam("since")))
    .order_by(MarketAlbum.id)
)
_ARE_USED = select(
    or_(
        select(PublicationSettings.user_id).filter_by(user_id=USER_ID, albums=True).exists(),
        select(GroupSettings.user_id).filter_by(user_id=USER_ID, album=True).exists(),
        _OWNED.where(MarketAlbum.state != FOREIGN).exists(),
    )
)


class SeenAlbum(NamedTuple):
    """An album as VK showed it; `size` counts everything in it."""

    album_id: int
    title: str
    size: int


def albums_of(user_id: int, community_id: int) -> list[AlbumEntry]:
    """Read the albums of a community as the plan takes them: ours, and what others were seen.

    Of those that VK had no room for what is a day old is left out: VK is asked again.
    """
    place = {"user_id": user_id, "community_id": community_id}
    rows = read_rows(_IN_PLAN, place | {"since": now() - DAY})
    return [
        AlbumEntry(
            row_id=row_id,
            album_id=album_id,
            title=title,
            state=state,
            groups=frozenset((store_id, group_id) for store_id, group_id in groups),
            seen_title=seen_title,
            others=others,
            problem=problem,
        )
        for row_id, album_id, title, state, groups, seen_title, others, problem in rows
    ]


def are_albums_used(user_id: int, community_id: int) -> bool:
    """Tell whether the owner wants albums, for all goods or for a group, or has had some made."""
    return bool(read_value(_ARE_USED, {"user_id": user_id, "community_id": community_id}))


def market_albums(user_id: int, community_id: int) -> list[MarketAlbum]:
    """Read the albums that are, or were, in VK, by title."""
    rows = db.session.scalars(
        select(MarketAlbum)
        .filter_by(user_id=user_id, community_id=community_id)
        .where(MarketAlbum.album_id.is_not(None))
    )
    return sorted(rows, key=lambda album: (fold(album.title), album.id))


def take_album(user_id: int, community_id: int, row_id: int) -> MarketAlbum | None:
    """Let an album that is not ours be one of ours, by its owner's word; None: there is none. Commits."""
    row = db.session.scalar(
        select(MarketAlbum).filter_by(user_id=user_id, community_id=community_id, id=row_id)
    )
    if row is not None and row.state == FOREIGN:
        set_state(row, LIVE)
        note_new_plan(user_id)
    db.session.commit()
    return row


def forget_refused_albums(user_id: int, community_id: int) -> None:
    """Let albums that VK would not take be tried once more. Does not commit."""
    forget_albums(db.session, user_id, community_id, FAILED, NO_ROOM)


def forget_albums(
    session: Session | scoped_session[Any], user_id: int, community_id: int, *states: str
) -> None:
    """Forget the albums that are in one of these states. Does not commit."""
    those = MarketAlbum.user_id == user_id, MarketAlbum.community_id == community_id
    session.execute(delete(MarketAlbum).where(*those, MarketAlbum.state.in_(states)))


def see_albums(
    session: Session,
    user_id: int,
    community_id: int,
    seen: Iterable[SeenAlbum],
    *,
    is_complete: bool,
    patience: Patience,
) -> None:
    """Bring the albums of the ledger in line with what VK showed. Does not commit.

    An album that was being made when its run broke is the oldest that bears its title, was not there before
    and is no other account's. What is not complete proves nothing about what it does not hold, and nothing
    about what was made within the `patience` from the moment when the reading began.
    """
    place = {"user_id": user_id, "community_id": community_id}
    rows = session.scalars(select(MarketAlbum).filter_by(**place).order_by(MarketAlbum.id)).all()
    known = {row.album_id: row for row in rows if row.album_id is not None}
    awaited = [row for row in rows if row.album_id is None and row.state == SENDING]
    members, others = _members(session, place), _of_others(session, user_id, community_id)
    for album in sorted(seen):
        row = known.pop(album.album_id, None)
        if row is None:
            same = (each for each in awaited if texts.same(each.title, album.title))
            row = None if album.album_id in others else next(same, None)
            if row is not None:
                awaited.remove(row)
            else:
                row = MarketAlbum(**place, title=album.title[:_TITLE_LENGTH], state=FOREIGN, groups=[])
                session.add(row)
            row.album_id = album.album_id
        _see(row, album, members[album.album_id])
    if is_complete:
        for row in (*known.values(), *awaited):
            if row.state != FOREIGN and patience.covers(row.changed_at):
                continue
            if row.state in (FOREIGN, LIVE):
                # There is one less: another may have room.
                forget_albums(session, user_id, community_id, NO_ROOM)
            if row.state in (FOREIGN, SENDING):
                session.delete(row)
            else:
                set_state(row, GONE)


def _see(row: MarketAlbum, album: SeenAlbum, members: int) -> None:
    row.seen_title, row.seen_at = album.title[:_TITLE_LENGTH], now()
    row.size, row.others = album.size, max(0, album.size - members)
    if row.state == FOREIGN:
        row.title = row.seen_title
    else:
        set_state(row, LIVE)


def _of_others(session: Session, user_id: int, community_id: int) -> set[int | None]:
    """VK's numbers of the albums that other accounts keep in a community."""
    theirs = (MarketAlbum.community_id == community_id, MarketAlbum.user_id != user_id)
    return set(session.scalars(select(MarketAlbum.album_id).where(*theirs, MarketAlbum.state != FOREIGN)))


def _members(session: Session, place: dict[str, int]) -> Counter[int]:
    """How many of our listings are in each album, by VK's id of it."""
    found: Counter[int] = Counter()
    in_vk = select(Listing.seen, Listing.sent).filter_by(**place).where(IS_IN_VK)
    for seen, sent in session.execute(in_vk):
        found.update(seen.get(ALBUMS, sent.get(ALBUMS, ())))
    return found
