"""The community's shop as VK shows it: its listings and its categories, read whole."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from app.clients.vk.market import Market
from app.clients.vk.market_payload import Availability, Item
from app.data.compiled import read_rows, read_value
from app.data.db import db
from app.publishing.ledger.albums import SeenAlbum, are_albums_used, see_albums
from app.publishing.ledger.as_sql import (
    COMMUNITY_ID,
    HAS_FALSE_ID,
    IS_ASKED,
    IS_IN_VK,
    IS_MOVING,
    OWNED,
    USER_ID,
)
from app.publishing.ledger.doubts import ALBUMS, GOODS, doubted_until, may_be_unseen
from app.publishing.ledger.models import ForeignListing, Listing, MarketAlbum
from app.publishing.ledger.others import added_by_others, are_others_adding
from app.publishing.ledger.patience import Patience, patience
from app.publishing.ledger.seeing import Seeing
from app.publishing.ledger.shop_days import note_day
from app.publishing.ledger.writing import writing
from app.publishing.planning.albums import FOREIGN
from app.publishing.planning.existing import GONE, SENDING
from app.publishing.planning.plan import Item as Planned
from app.publishing.run.models import MarketReading, Publication
from app.publishing.run.shop import as_read
from app.publishing.run.turns import give_way_idle
from app.publishing.settings.categories import keep_categories
from app.work.runs.row import DONE
from app.work.runs.running import Running

# A community has a hundred albums at most.
NUMBERS_AROUND = 100
# Seconds that others are waited for: before anything is added it is looked at them once more.
OTHERS_AT_MOST = 150

# Built once: a run asks by them again and again.
_owned = select(Listing.id).where(*OWNED)
_IS_OPEN = select(_owned.where((Listing.state == SENDING) | HAS_FALSE_ID).exists())
_IS_UNANSWERED = select(_owned.where(IS_IN_VK, IS_ASKED | IS_MOVING).exists())
_KNOWN = (
    select(Listing.item_id)
    .where(*OWNED, IS_IN_VK)
    .union(select(ForeignListing.item_id).filter_by(user_id=USER_ID, community_id=COMMUNITY_ID))
)
_SOUGHT = select(Listing.sku).where(*OWNED, Listing.state == SENDING)
_READ_AT = (
    select(MarketReading.finished_at)
    .filter_by(user_id=USER_ID, community_id=COMMUNITY_ID, status=DONE)
    .order_by(MarketReading.id.desc())
    .limit(1)
)


class Reader:
    """Reads a community in the name of a run; only reading calls are made."""

    def __init__(self, running: Running[Any], market: Market) -> None:
        self._running = running
        self._market = market
        self._place = {"user_id": running.user_id, "community_id": running.row.community_id}
        self._last: Patience | None = None
        # The mark of what other accounts had added when the last look began.
        self.others: str | None = None
        # Until when the last look is not believed, since it showed little of what was there.
        self.doubted_until: datetime | None = None

    def is_needed(self) -> bool:
        """Tell whether the ledger leaves something open that only VK can tell, or has never met the shop."""
        db.session.rollback()
        if self._last is None and last_read_at(**self._place) is None:
            return True
        return bool(read_value(_IS_OPEN, self._place))

    def is_unanswered(self) -> bool:
        """Tell whether VK was asked to change listings that it has and nobody heard what it did."""
        db.session.rollback()
        return bool(read_value(_IS_UNANSWERED, self._place))

    def can_settle(self, asked: Iterable[datetime], from_now: Patience) -> bool:
        """Tell whether another look proves more of what VK was `asked` for then than the last one did."""
        last = self._last
        return any(not from_now.covers(each) and (last is None or last.covers(each)) for each in asked)

    def may_have_forgotten(self, new: Sequence[Planned]) -> bool:
        """Tell whether VK may have some of the goods that are to be added, and would then have them twice.

        A ledger from a backup lacks what was added since; others add the same goods, by hand or from another
        account of ours, one that may be deleted by now; and what was deleted in VK may have been brought back
        there. Three calls show 15 000 listings.
        """
        if not new or self._last is None:
            return bool(new)
        db.session.rollback()
        place = (db.session, *self._place.values())
        return are_others_adding(*place) or added_by_others(*place) != self.others

    def wait_for_others(self) -> None:
        """Let other accounts hear first of what they add at this moment; raises RunStopped, GivesWay."""
        db.session.rollback()
        for _ in range(OTHERS_AT_MOST):
            is_adding = are_others_adding(db.session, **self._place)
            db.session.rollback()
            if not is_adding:
                return
            give_way_idle(self._running)
            self._running.sleep(1)

    def read(self, on_read: Callable[[int], object] = lambda count: None) -> int:
        """Bring the ledger in line with what VK shows; give how many listings it has.

        A list that is not complete proves nothing about what is not in it. Raises CloudError, RunStopped.
        """
        self._running.check()
        from_now = patience()
        self.others = added_by_others(db.session, **self._place)
        db.session.rollback()
        listed, is_complete = self._market.get_all(on_read)
        items = {item.id: item for item in listed if item.availability is not Availability.REMOVED}
        known, told = self._known(), {item.id for item in listed}
        is_complete = is_complete and self._look_for_absent(items, known, told)
        with writing(self._running) as session:
            if is_complete:
                if 2 * len(known - told) > len(known):
                    known -= may_be_unseen(session, **self._place, from_now=from_now) - told
                self.doubted_until = doubted_until(
                    session, **self._place, of=GOODS, known=known, told=told, from_now=from_now
                )
                is_complete = self.doubted_until is None
            is_of_run = isinstance(self._running.row, Publication)
            seeing = Seeing(session, **self._place, patience=from_now, is_of_run=is_of_run)
            prices = seeing.write(map(as_read, items.values()), is_complete=is_complete)
            note_day(session, **self._place, prices=prices)
        if are_albums_used(**self._place):
            db.session.rollback()
            self.read_albums()
        self._last = from_now
        return len(items)

    def read_albums(self) -> None:
        """Bring the albums of the ledger in line with what VK shows. Raises CloudError, RunStopped."""
        self._running.check()
        from_now = patience()
        listed, is_complete = self._market.get_albums()
        albums = {album.id: album for album in listed}
        rows = db.session.execute(
            select(MarketAlbum.album_id, MarketAlbum.state, MarketAlbum.changed_at).filter_by(**self._place)
        ).all()
        db.session.rollback()
        ours = {album_id for album_id, state, _ in rows if album_id is not None and state != FOREIGN}
        wanted = ours - albums.keys()
        if any(state == SENDING for _, state, _ in rows):
            # Empty ones are not listed, and what was made a moment ago has a number near the last.
            top = max({*albums, *ours}, default=0)
            wanted |= set(range(max(1, top - NUMBERS_AROUND), top + NUMBERS_AROUND)) - albums.keys()
        if wanted:
            shown = self._market.get_album_by_id(sorted(wanted))
            albums |= {album.id: album for album in shown.albums}
            is_complete = is_complete and shown.is_complete
        if ours - albums.keys():
            is_complete = is_complete and self._market.shop().is_led
        seen = [SeenAlbum(album.id, album.title, album.size) for album in albums.values()]
        known = {
            album_id
            for album_id, state, changed_at in rows
            if album_id is not None
            and (state == FOREIGN or (state != GONE and not from_now.covers(changed_at)))
        }
        with writing(self._running) as session:
            if is_complete:
                doubted = doubted_until(
                    session, **self._place, of=ALBUMS, known=known, told=albums.keys(), from_now=from_now
                )
                is_complete = doubted is None
            see_albums(session, **self._place, seen=seen, is_complete=is_complete, patience=from_now)

    def read_categories(self) -> None:
        """Keep VK's tree of categories as the owner may choose from it."""
        self._running.check()
        categories = self._market.categories()
        with writing(self._running) as session:
            keep_categories(session, self._place["community_id"], categories)

    def _known(self) -> set[int]:
        """VK's numbers of all that the ledger has in the community, ours and others'."""
        known = {item_id for (item_id,) in read_rows(_KNOWN, self._place)}
        db.session.rollback()
        return known

    def _look_for_absent(self, items: dict[int, Item], known: set[int], told: set[int]) -> bool:
        """Ask for `known` listings that the list does not hold, and add to it those that VK has.

        `told` are those that VK says anything of, if only that they are deleted; it is added to.
        Tell whether what is absent still is gone for certain: from somebody who does not lead the community
        VK hides what is not available, and says nothing of it.
        """
        sought = {sku for (sku,) in read_rows(_SOUGHT, self._place)}
        db.session.rollback()
        absent = known - items.keys()
        if absent:
            shown = self._market.get_by_id(sorted(absent))
            told.update(shown)
            items.update(
                (item_id, item)
                for item_id, item in shown.items()
                if item.availability is not Availability.REMOVED
            )
        is_missing = absent - items.keys() or sought - {item.sku for item in items.values()}
        return not is_missing or self._market.shop().is_led


def last_read_at(user_id: int, community_id: int) -> datetime | None:
    """Tell when the community was last read whole, None if never."""
    moment: datetime | None = read_value(_READ_AT, {"user_id": user_id, "community_id": community_id})
    return moment


def last_seen_at(user_id: int, community_id: int) -> datetime | None:
    """Tell when anything last showed what is in the community, a run that looked as well as a reading."""
    place = {"user_id": user_id, "community_id": community_id}
    seen = [
        db.session.scalar(select(func.max(row.seen_at)).filter_by(**place))
        for row in (Listing, ForeignListing)
    ]
    return max(filter(None, [last_read_at(**place), *seen]), default=None)
