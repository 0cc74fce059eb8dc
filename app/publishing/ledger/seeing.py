"""What a reading of the community saw, written into the ledger."""

from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

from flask_babel import gettext
from sqlalchemy import Select, case, delete, select
from sqlalchemy.orm import Session

from app.data.compiled import read_rows
from app.data.parts import VALUES_A_STATEMENT, in_parts
from app.data.types import now
from app.publishing.ledger.as_sql import COMMUNITY_ID, HAS_FALSE_ID, IS_OF_OTHERS, OWNED, USER_ID
from app.publishing.ledger.asked import asked_at, forget_asked, is_asked_by, is_asked_for, note_done, was_done
from app.publishing.ledger.models import ForeignListing, Listing, set_state
from app.publishing.ledger.patience import Patience
from app.publishing.ledger.removing import DELETED
from app.publishing.planning.days import DAY
from app.publishing.planning.existing import (
    ALBUMS,
    AVAILABLE,
    FAILED,
    GONE,
    HIDDEN,
    LIVE,
    MOVING,
    NAME,
    SENDING,
    Entry,
    without,
)
from app.publishing.planning.reading import ReadItem, match
from app.publishing.planning.sku import key_sku
from app.publishing.run.models import Publication
from app.work.runs.row import RUNNING

_NAME_LENGTH, _PROBLEM_LENGTH = 255, 500
_REJECTED = "rejected"
# Each may have a quarter of a megabyte, and is held as the database writes it, too.
_ROWS_AT_ONCE = 200

# Built once: to build them takes longer than to read a small shop by them.
_OURS = (
    select(
        *(Listing.id, Listing.sku, Listing.item_id, Listing.state, Listing.lost_at),
        # Of those alone whose words are asked for.
        case((Listing.lost_at.is_not(None), Listing.sent)),
    )
    .where(*OWNED)
    .order_by(Listing.id)
)
_OF_FALSE_NUMBERS = select(Listing.id).where(*OWNED, HAS_FALSE_ID, Listing.state != GONE)
_FOREIGN = select(ForeignListing.item_id).filter_by(user_id=USER_ID, community_id=COMMUNITY_ID)
_OF_OTHERS = _FOREIGN.filter_by(is_other=True).union(
    select(Listing.item_id).where(IS_OF_OTHERS, Listing.item_id.is_not(None))
)

_Row = TypeVar("_Row", Listing, ForeignListing)


class Seeing:
    """One reading of one owner's community, in one transaction; it is not committed here.

    `patience` is that from the moment when it began. `is_of_run`: a run looks, before it goes on; what a run
    does beside any other reading it hears of itself.
    """

    def __init__(
        self,
        session: Session,
        user_id: int,
        community_id: int,
        *,
        patience: Patience,
        is_of_run: bool,
    ) -> None:
        self._session = session
        self._patience = patience
        self._place = {"user_id": user_id, "community_id": community_id}
        self._is_of_run = is_of_run
        self._moment = now()
        self._prices = 0

    def write(self, items: Iterable[ReadItem], *, is_complete: bool) -> int:
        """Bring the ledger in line with what VK showed; give how many prices a run has changed unheard."""
        at_work = self._at_work()
        self._forget_false_numbers()
        entries, lost = self._entries()
        matched = match(entries, items, is_complete=is_complete, others=self._of_others(), lost=lost)
        gone = {entry.listing_id for entry in matched.gone}
        absent = {entry.listing_id for entry in matched.not_added}
        for listing in self._in_turn(select(Listing), Listing.id, matched.seen.keys() | gone | absent):
            is_busy = self._is_busy(listing, at_work)
            if listing.id in absent:
                self._not_added(listing)
            elif listing.id in gone and not is_busy:
                self._gone(listing)
            elif listing.id in matched.seen and not is_busy:
                self._see(listing, matched.seen[listing.id])
        self._take_doubles(matched.doubles)
        ours = [item.item_id for item in (*matched.seen.values(), *matched.doubles)]
        self._keep_foreign(matched.foreign, ours, is_complete)
        return self._prices

    def _entries(self) -> tuple[list[Entry], set[int]]:
        """The ledger, and the ids of what VK was asked to add within a day and did not show in time."""
        entries, lost = [], set()
        lately = Patience(self._moment, DAY)
        for listing_id, sku, item_id, state, lost_at, sent in read_rows(_OURS, self._place, self._session):
            entries.append(Entry(listing_id, sku, item_id, state, sent or {}, {}, ()))
            if lately.covers(lost_at):
                lost.add(listing_id)
        return entries, lost

    def _forget_false_numbers(self) -> None:
        """Let what has a number that VK cannot have be looked for by its sku, as if it had never told any."""
        ids = [id for (id,) in read_rows(_OF_FALSE_NUMBERS, self._place, self._session)]
        for listing in self._in_turn(select(Listing), Listing.id, ids):
            listing.item_id = None
            forget_asked(listing)
            # As of the time when it was added: a new moment would look like a run at work.
            listing.state = SENDING

    def _in_turn(self, rows: Select[_Row], key: Any, keys: Iterable[int]) -> Iterator[_Row]:
        """Some rows by their keys, a few at a time: each is written and let go before the next come."""
        for some in in_parts(sorted(keys), _ROWS_AT_ONCE):
            found = self._session.scalars(rows.where(key.in_(some)).order_by(key)).all()
            yield from found
            self._let_go(found)

    def _let_go(self, rows: Iterable[Listing | ForeignListing]) -> None:
        """Write them now, so that they need not be held until the end."""
        self._session.flush()
        for row in rows:
            self._session.expunge(row)

    def _gone(self, listing: Listing) -> None:
        if not self._patience.covers(listing.added_at):
            if is_asked_for(listing, DELETED):
                note_done(self._session, listing, is_gone=True)
            forget_asked(listing)
            set_state(listing, GONE, self._moment)

    def _not_added(self, listing: Listing) -> None:
        if not self._patience.covers(listing.changed_at):
            listing.lost_at = listing.changed_at
            forget_asked(listing)
            set_state(listing, FAILED, self._moment)

    def _take_doubles(self, doubles: Iterable[ReadItem]) -> None:
        """Keep what VK has added a second time as listings of no good, which are hidden."""
        for item in doubles:
            listing = Listing(**self._place, sku=key_sku(("", str(item.item_id))), item_id=item.item_id)
            # It is as it was sent: nothing of it is anybody else's.
            listing.sent, listing.added_at, listing.state = dict(item.fields), self._moment, FAILED
            self._session.add(listing)
            self._see(listing, item)

    def _of_others(self) -> set[int | None]:
        """VK's numbers of what is none of the owner's, by their word or since another account leads it."""
        return {item_id for (item_id,) in read_rows(_OF_OTHERS, self._place, self._session)}

    def _at_work(self) -> int | None:
        """The run that changes the shop beside this reading."""
        running = select(Publication.id).filter_by(user_id=self._place["user_id"], status=RUNNING)
        return None if self._is_of_run else self._session.scalar(running)

    def _is_busy(self, listing: Listing, at_work: int | None) -> bool:
        """Whether what was shown of a listing may be older than what a run does, or has done since."""
        touched = (moment for moment in (listing.sent_at, listing.changed_at) if moment is not None)
        is_newer = any(self._patience.at < moment <= self._moment for moment in touched)
        is_moving = at_work is not None and MOVING in listing.sent
        return is_newer or is_moving or is_asked_by(listing, at_work)

    def _see(self, listing: Listing, item: ReadItem) -> None:
        if listing.item_id is None:
            # What was being added when its run broke.
            note_done(self._session, listing)
            listing.item_id, listing.added_at, listing.sent_at = item.item_id, self._moment, self._moment
        elif not is_asked_for(listing, DELETED) and was_done(listing, item.fields):
            self._prices += note_done(self._session, listing)
        elif not self._patience.covers(asked_at(listing)):
            forget_asked(listing)
        if MOVING in listing.sent:
            # Where it is now a run has put it; VK may leave out that it is nowhere.
            listing.sent = {**without(listing.sent, MOVING), ALBUMS: item.fields.get(ALBUMS, [])}
        listing.seen, listing.seen_at = dict(item.fields), self._moment
        set_state(listing, LIVE if item.fields[AVAILABLE] else HIDDEN, self._moment)
        if item.rejected:
            listing.problem_code = _REJECTED
            listing.problem = gettext("Модератор ВКонтакте отклонил товар: %(why)s", why=item.rejected)[
                :_PROBLEM_LENGTH
            ]
        elif listing.problem_code == _REJECTED:
            listing.problem_code = listing.problem = None

    def _keep_foreign(self, items: Iterable[ReadItem], ours: Iterable[int], is_complete: bool) -> None:
        seen = {item.item_id: item for item in items}
        known = {item_id for (item_id,) in read_rows(_FOREIGN, self._place, self._session)}
        foreign = select(ForeignListing).filter_by(**self._place)
        for row in self._in_turn(foreign, ForeignListing.item_id, known & seen.keys()):
            self._see_foreign(row, seen[row.item_id])
        for some in in_parts(sorted(seen.keys() - known), _ROWS_AT_ONCE):
            new = [ForeignListing(**self._place, item_id=item_id) for item_id in some]
            for each in new:
                self._see_foreign(each, seen[each.item_id])
            self._session.add_all(new)
            self._let_go(new)
        absent = known - seen.keys() if is_complete else known.intersection(ours)
        for some in in_parts(sorted(absent), VALUES_A_STATEMENT):
            is_absent = ForeignListing.item_id.in_(some)
            self._session.execute(delete(ForeignListing).filter_by(**self._place).where(is_absent))

    def _see_foreign(self, row: ForeignListing, item: ReadItem) -> None:
        row.sku, row.name = item.sku, item.fields.get(NAME, "")[:_NAME_LENGTH]
        row.is_available = item.fields[AVAILABLE]
        row.seen, row.seen_at = dict(item.fields), self._moment
