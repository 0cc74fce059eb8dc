"""What a reading of the community saw, written into the ledger."""

from collections.abc import Iterable

from flask_babel import gettext
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.clients.vk.fields import ID_END
from app.data.types import now
from app.publishing.ledger.as_sql import of_others
from app.publishing.ledger.asked import asked_at, forget_asked, is_asked_by, is_asked_for, note_done, was_done
from app.publishing.ledger.models import ForeignListing, Listing, set_state
from app.publishing.ledger.patience import Patience
from app.publishing.ledger.removing import DELETED
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
from app.publishing.run.models import Publication
from app.work.runs.row import RUNNING

_NAME_LENGTH, _PROBLEM_LENGTH = 255, 500
_REJECTED = "rejected"


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
        ours = {row.id: row for row in self._session.scalars(select(Listing).filter_by(**self._place))}
        self._forget_false_numbers(ours.values())
        matched = match(map(_entry, ours.values()), items, is_complete=is_complete, others=self._of_others())
        busy = {key for key, listing in ours.items() if self._is_busy(listing, at_work)}
        for listing_id, item in matched.seen.items():
            if listing_id not in busy:
                self._see(ours[listing_id], item)
        for listing in (ours[entry.listing_id] for entry in matched.gone if entry.listing_id not in busy):
            if not self._patience.covers(listing.added_at):
                if is_asked_for(listing, DELETED):
                    note_done(self._session, listing, is_gone=True)
                forget_asked(listing)
                set_state(listing, GONE, self._moment)
        for listing in (ours[entry.listing_id] for entry in matched.not_added):
            if not self._patience.covers(listing.changed_at):
                listing.sent = {}
                set_state(listing, FAILED, self._moment)
        self._keep_foreign(matched.foreign, [item.item_id for item in matched.seen.values()], is_complete)
        return self._prices

    def _forget_false_numbers(self, ours: Iterable[Listing]) -> None:
        """Let what has a number that VK cannot have be looked for by its sku, as if it had never told any."""
        for listing in ours:
            if listing.item_id is not None and listing.item_id >= ID_END and listing.state != GONE:
                listing.item_id = None
                forget_asked(listing)
                # As of the time when it was added: a new moment would look like a run at work.
                listing.state = SENDING

    def _of_others(self) -> set[int | None]:
        """VK's numbers of what is none of the owner's, by their word or since another account leads it."""
        called_so = select(ForeignListing.item_id).filter_by(**self._place, is_other=True)
        theirs = select(Listing.item_id).where(of_others(**self._place), Listing.item_id.is_not(None))
        return set(self._session.scalars(called_so.union(theirs)))

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
        known = {
            row.item_id: row for row in self._session.scalars(select(ForeignListing).filter_by(**self._place))
        }
        for item_id in ours:
            if item_id in known:
                self._session.delete(known.pop(item_id))
        for item in items:
            row = known.pop(item.item_id, None)
            if row is None:
                row = ForeignListing(**self._place, item_id=item.item_id)
                self._session.add(row)
            row.sku, row.name = item.sku, item.fields.get(NAME, "")[:_NAME_LENGTH]
            row.is_available = item.fields[AVAILABLE]
            row.seen, row.seen_at = dict(item.fields), self._moment
        if is_complete:
            absent = ForeignListing.item_id.in_(list(known))
            self._session.execute(delete(ForeignListing).filter_by(**self._place).where(absent))


def _entry(listing: Listing) -> Entry:
    return Entry(listing.id, listing.sku, listing.item_id, listing.state, {}, {}, ())
