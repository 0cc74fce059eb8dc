"""What is in the community, read whole and compared with the ledger: found, edited, gone, others'."""

from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from app.clients.vk.market import Market
from app.clients.vk.market_payload import Availability, Category, Item
from app.data.db import db
from app.data.types import now
from app.publishing.ledger.models import ForeignListing, Listing
from app.publishing.ledger.writing import writing
from app.publishing.planning import prices
from app.publishing.planning.existing import (
    AVAILABLE,
    CATEGORY,
    DESCRIPTION,
    FAILED,
    GONE,
    HIDDEN,
    LIVE,
    NAME,
    PHOTO_IDS,
    PRICE,
    SENDING,
    STOCK,
)
from app.publishing.run.models import MarketReading
from app.publishing.settings.models import MarketCategory
from app.work.runs.row import DONE
from app.work.runs.running import Running

_NAME_LENGTH, _PATH_LENGTH = 255, 500


class Reader:
    """Reads a community in the name of a run; only reading calls are made."""

    def __init__(self, running: Running[Any], market: Market) -> None:
        self._running = running
        self._market = market
        self._community_id: int = running.row.community_id

    def is_needed(self) -> bool:
        """Tell whether the ledger leaves something open that only VK can tell, or has never met the shop."""
        place = {"user_id": self._running.user_id, "community_id": self._community_id}
        db.session.rollback()
        was_read = exists().where(
            MarketReading.user_id == place["user_id"],
            MarketReading.community_id == self._community_id,
            MarketReading.status == DONE,
        )
        is_open = select(Listing.id).filter_by(**place, state=SENDING).exists()
        return not db.session.scalar(select(was_read)) or bool(db.session.scalar(select(is_open)))

    def read(self, on_read: Callable[[int], object] = lambda count: None) -> int:
        """Bring the ledger in line with what VK shows; give how many listings it has.

        A list that is not complete proves nothing about what is not in it. Raises CloudError, RunStopped.
        """
        self._running.check()
        items, is_complete = self._market.get_all(on_read)
        by_id = {item.id: item for item in items if item.availability is not Availability.REMOVED}
        missing = self._missing(by_id) if is_complete else set()
        with writing(self._running) as session:
            _Comparison(session, self._running.user_id, self._community_id).write(by_id, missing, is_complete)
        return len(by_id)

    def read_categories(self) -> None:
        """Keep VK's tree of categories as the owner may choose from it."""
        self._running.check()
        rows = list(_flat(self._market.categories()))
        with writing(self._running) as session:
            session.execute(delete(MarketCategory).filter_by(community_id=self._community_id))
            session.add_all(
                MarketCategory(
                    community_id=self._community_id,
                    category_id=category.id,
                    path=path[:_PATH_LENGTH],
                    is_leaf=not category.children,
                    place=place,
                )
                for place, (path, category) in enumerate(rows)
            )

    def _missing(self, by_id: dict[int, Item]) -> set[int]:
        """Our listings that the list does not hold, and that VK does not know by their number either."""
        ours = db.session.scalars(
            select(Listing.item_id).where(
                Listing.user_id == self._running.user_id,
                Listing.community_id == self._community_id,
                Listing.item_id.is_not(None),
                Listing.state != GONE,
            )
        )
        absent = [item_id for item_id in ours if item_id is not None and item_id not in by_id]
        if not absent:
            return set()
        known = self._market.get_by_id(absent)
        for item_id, item in known.items():
            if item.availability is not Availability.REMOVED:
                by_id[item_id] = item
        return {item_id for item_id in absent if item_id not in by_id}


class _Comparison:
    """One reading against the ledger, in one transaction."""

    def __init__(self, session: Session, user_id: int, community_id: int) -> None:
        self._session = session
        self._place = {"user_id": user_id, "community_id": community_id}
        self._moment = now()

    def write(self, by_id: dict[int, Item], missing: set[int], is_complete: bool) -> None:
        ours = list(self._session.scalars(select(Listing).filter_by(**self._place)))
        self._adopt(ours, by_id, is_complete)
        for listing in ours:
            if listing.item_id in missing:
                self._set_state(listing, GONE)
            elif listing.item_id is not None and (item := by_id.get(listing.item_id)):
                self._see(listing, item)
        taken = {listing.item_id for listing in ours}
        self._keep_foreign([item for item in by_id.values() if item.id not in taken])

    def _adopt(self, ours: Iterable[Listing], by_id: dict[int, Item], is_complete: bool) -> None:
        """Find what was being added when its run broke, by its sku; what VK does not have was not added."""
        known = {listing.item_id for listing in ours}
        by_sku: dict[str, Item] = {}
        for item in sorted(by_id.values(), key=lambda item: item.id):
            if item.sku and item.id not in known:
                by_sku.setdefault(item.sku, item)
        for listing in ours:
            if listing.state != SENDING:
                continue
            found = by_sku.get(listing.sku)
            if found is not None:
                listing.item_id, listing.added_at, listing.sent_at = found.id, self._moment, self._moment
                self._set_state(listing, LIVE)
            elif is_complete:
                listing.sent = {}
                self._set_state(listing, FAILED)

    def _see(self, listing: Listing, item: Item) -> None:
        listing.seen, listing.seen_at = seen_fields(item), self._moment
        self._set_state(listing, HIDDEN if item.availability is Availability.UNAVAILABLE else LIVE)
        if item.rejected:
            listing.problem_code = "rejected"
            listing.problem = f"Модератор ВКонтакте отклонил товар: {item.rejected}"[:500]
        elif listing.problem_code == "rejected":
            listing.problem_code = listing.problem = None

    def _set_state(self, listing: Listing, state: str) -> None:
        if listing.state != state:
            listing.state, listing.changed_at = state, self._moment

    def _keep_foreign(self, items: list[Item]) -> None:
        others = {
            item_id
            for (item_id,) in self._session.execute(
                select(ForeignListing.item_id).filter_by(**self._place, is_other=True)
            )
        }
        self._session.execute(delete(ForeignListing).filter_by(**self._place))
        self._session.add_all(
            ForeignListing(
                **self._place,
                item_id=item.id,
                sku=item.sku,
                name=item.title[:_NAME_LENGTH],
                is_available=item.availability is not Availability.UNAVAILABLE,
                is_other=item.id in others,
                seen=seen_fields(item),
                seen_at=self._moment,
            )
            for item in items
        )


def seen_fields(item: Item) -> dict[str, Any]:
    """What VK shows, by the ledger's names; a field that it did not send is left out."""
    fields = {
        NAME: item.title or None,
        DESCRIPTION: item.description,
        PRICE: None if item.price is None else prices.written(item.price),
        CATEGORY: item.category_id,
        PHOTO_IDS: None if item.photo_ids is None else list(item.photo_ids),
        AVAILABLE: item.availability is not Availability.UNAVAILABLE,
        STOCK: item.stock,
    }
    return {name: value for name, value in fields.items() if value is not None}


def _flat(categories: Iterable[Category], above: str = "") -> Iterable[tuple[str, Category]]:
    for category in categories:
        path = f"{above} → {category.name}" if above else category.name
        yield path, category
        yield from _flat(category.children, path)
