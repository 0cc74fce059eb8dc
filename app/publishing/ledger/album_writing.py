"""What a run writes about albums: the intent before one is made, and what became of it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.data.db import db
from app.data.types import now
from app.publishing.ledger.albums import forget_albums
from app.publishing.ledger.models import Listing, MarketAlbum, set_state
from app.publishing.ledger.of_run import Problem, item_of, write_down
from app.publishing.ledger.writing import writing
from app.publishing.planning.albums import FOREIGN, MAKE, NO_ROOM, REMOVE, RENAME, AlbumChange
from app.publishing.planning.existing import ALBUMS, FAILED, GONE, LIVE, MOVING, SENDING, without
from app.publishing.planning.good import Key
from app.publishing.run.models import Publication, PublicationItem
from app.work.runs.running import Running

# The kind of a run's item that is about an album.
ALBUM = "album"
TITLE = "title"


class AlbumOutcome(NamedTuple):
    """What became of a change; `album_id` is VK's number of it. `is_gone`: VK no longer has the album."""

    change: AlbumChange
    row_id: int
    album_id: int | None
    problem: Problem | None = None
    is_gone: bool = False

    @property
    def is_taken(self) -> bool:
        """Whether VK has it as it was to be."""
        return self.problem is None and not self.is_gone


def intend_albums(running: Running[Publication], changes: Sequence[AlbumChange]) -> list[int]:
    """Note the albums that are about to be made, and commit it; give the ids of their rows."""
    with writing(running) as session:
        return [_intend(session, running, change) for change in changes]


def forget_album_intents(running: Running[Publication], row_ids: Iterable[int]) -> None:
    """Take back the intent for albums of which VK has certainly not heard."""
    never_made = MarketAlbum.album_id.is_(None), MarketAlbum.state == SENDING
    with writing(running) as session:
        session.execute(delete(MarketAlbum).where(MarketAlbum.id.in_(list(row_ids)), *never_made))


def note_no_room(running: Running[Publication], row_ids: Iterable[int]) -> None:
    """Note that VK took no more albums when it was asked for these: goods go without them.

    In place of what was noted on an earlier day, when it was asked last.
    """
    with writing(running) as session:
        forget_albums(session, running.user_id, running.row.community_id, NO_ROOM)
        for row_id in row_ids:
            set_state(session.get_one(MarketAlbum, row_id), NO_ROOM)


def record_albums(running: Running[Publication], outcomes: Sequence[AlbumOutcome]) -> None:
    """Write what became of albums into the ledger and into the run's own list, and commit it."""
    if not outcomes:
        return
    with writing(running) as session:
        made = {outcome.album_id for outcome in outcomes if outcome.change.kind == MAKE}
        _free_numbers(session, running, made - {None})
        items = []
        for outcome in outcomes:
            row = session.get_one(MarketAlbum, outcome.row_id)
            items.append(_item(running.id, row, outcome))
            if outcome.change.kind == REMOVE and outcome.problem is None:
                session.delete(row)
                forget_albums(session, running.user_id, running.row.community_id, NO_ROOM)
            else:
                _apply(row, outcome)
        write_down(session, items)


def refused_albums(run_id: int) -> set[tuple[str, str]]:
    """The changes of albums, by kind and title, that VK refused a run and has not taken since."""
    rows = db.session.execute(
        select(PublicationItem.name, PublicationItem.problem, PublicationItem.before, PublicationItem.after)
        .filter_by(publication_id=run_id, action=ALBUM)
        .order_by(PublicationItem.id)
    )
    found: set[tuple[str, str]] = set()
    for title, problem, before, after in rows:
        kind = MAKE if not before else RENAME if after else REMOVE
        (found.add if problem else found.discard)((kind, title))
    return found


def adopt_albums(running: Running[Publication], changes: Iterable[AlbumChange]) -> None:
    """Take albums that hold nothing but our goods back for ours, and commit it."""
    with writing(running) as session:
        for change in changes:
            row = session.get(MarketAlbum, change.entry.row_id) if change.entry else None
            if row is not None and row.state == FOREIGN:
                set_state(row, LIVE)
                row.groups = _as_json(change.groups)


def note_groups(running: Running[Publication], groups: Mapping[int, set[Key]]) -> None:
    """Note whose goods albums hold now, by VK's ids, and commit it where it is new."""
    if not groups:
        return
    with writing(running) as session:
        for album_id, row in _in_vk(session, running).items():
            known = {(store_id, group_id) for store_id, group_id in row.groups}
            if not groups.get(album_id, set()) <= known:
                row.groups = _as_json(groups[album_id] | known)


def intend_moves(running: Running[Publication], listing_ids: Sequence[int]) -> None:
    """Note which listings are about to change their album, and commit it: what is seen then is no edit."""
    with writing(running) as session:
        for listing in session.scalars(select(Listing).where(Listing.id.in_(listing_ids))):
            listing.sent = {**listing.sent, MOVING: True}
            listing.seen = without(listing.seen, ALBUMS)


def note_gone(running: Running[Publication], album_ids: Collection[int]) -> None:
    """Note that VK no longer has albums of ours, and commit it."""
    if album_ids:
        with writing(running) as session:
            for album_id, row in _in_vk(session, running).items():
                if album_id in album_ids:
                    set_state(row, GONE)


class Book(NamedTuple):
    """Our albums that are in VK: their titles by VK's ids, as we sent them last."""

    titles: Mapping[int, str]

    def by_title(self, title: str) -> int | None:
        """VK's id of the album of this title, None when there is none."""
        return next((album_id for album_id, known in self.titles.items() if known == title), None)

    def named(self, album_ids: Iterable[int]) -> str | None:
        """The titles of some of them in one line, None for none."""
        return ", ".join(self.titles[album_id] for album_id in sorted(album_ids)) or None


def album_book(running: Running[Publication]) -> Book:
    """Read our albums of the run's community."""
    with Session(running.engine) as session:
        return Book({album_id: row.title for album_id, row in _in_vk(session, running).items()})


def _intend(session: Session, running: Running[Publication], change: AlbumChange) -> int:
    row = session.get(MarketAlbum, change.entry.row_id) if change.entry else None
    if row is None:
        row = MarketAlbum(user_id=running.user_id, community_id=running.row.community_id)
        session.add(row)
    row.album_id = row.seen_title = row.problem = None
    row.title, row.state, row.groups = change.title, SENDING, _as_json(change.groups)
    row.others, row.size, row.changed_at = 0, 0, now()
    session.flush()
    return row.id


def _free_numbers(session: Session, running: Running[Publication], album_ids: Iterable[int | None]) -> None:
    """Forget what stood under a number that VK has given to a new album."""
    stale = (
        MarketAlbum.user_id == running.user_id,
        MarketAlbum.community_id == running.row.community_id,
        MarketAlbum.album_id.in_(list(album_ids)),
    )
    session.execute(delete(MarketAlbum).where(*stale, MarketAlbum.state == FOREIGN))
    session.execute(update(MarketAlbum).where(*stale).values(album_id=None, state=GONE, changed_at=now()))


def _apply(row: MarketAlbum, outcome: AlbumOutcome) -> None:
    change = outcome.change
    if outcome.is_gone:
        set_state(row, GONE)
    elif outcome.problem is None:
        row.album_id = outcome.album_id
        row.title = row.seen_title = change.title
        row.state, row.problem, row.changed_at = LIVE, None, now()
        row.groups = _as_json(change.groups)
    else:
        row.problem = outcome.problem.sentence
        if row.album_id is None:
            row.state = FAILED


def _item(run_id: int, row: MarketAlbum, outcome: AlbumOutcome) -> PublicationItem:
    return item_of(
        *(run_id, ALBUM, outcome.change.title),
        before={} if row.album_id is None else {TITLE: row.seen_title or row.title},
        after={} if outcome.change.kind == REMOVE else {TITLE: outcome.change.title, ALBUM: row.id},
        is_taken=outcome.is_taken,
        problem=outcome.problem,
    )


def _as_json(groups: Iterable[Key]) -> list[list[str]]:
    return [list(key) for key in sorted(groups)]


def _in_vk(session: Session, running: Running[Publication]) -> dict[int, MarketAlbum]:
    rows = session.scalars(
        select(MarketAlbum)
        .filter_by(user_id=running.user_id, community_id=running.row.community_id, state=LIVE)
        .where(MarketAlbum.album_id.is_not(None))
        .order_by(MarketAlbum.id)
    )
    return {row.album_id: row for row in rows if row.album_id is not None}
