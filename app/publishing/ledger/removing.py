"""Listings deleted in VK on their owner's word, and brought back, written into the ledger."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import select

from app.data.db import db
from app.data.types import now
from app.publishing.ledger.asked import Asked, answered, note_asked
from app.publishing.ledger.models import Listing, ListingGood, set_state
from app.publishing.ledger.of_run import TAKEN, Problem, item_of, write_down
from app.publishing.ledger.others import take_turn
from app.publishing.ledger.shop_days import note_day
from app.publishing.ledger.writing import writing
from app.publishing.planning.existing import ALBUMS, AVAILABLE, GONE, HIDDEN, LIVE, without
from app.publishing.planning.good import Key
from app.publishing.run.models import Publication, PublicationItem
from app.work.runs.running import Running

# Kinds of a run's items.
DELETED, RESTORED = "delete", "restore"


class Doomed(NamedTuple):
    """A listing that is to be deleted or brought back, by VK's number, with its main good."""

    listing_id: int
    item_id: int
    name: str
    key: Key


def listings_in_vk(user_id: int, community_id: int, listing_ids: Iterable[int]) -> list[Doomed]:
    """Those of the owner's listings that are in VK, in the order in which they came."""
    return _some(user_id, community_id, Listing.id.in_(list(listing_ids)), Listing.state != GONE)


def listings_deleted_by(run: Publication) -> list[Doomed]:
    """Those that a run has deleted and nobody has touched since; of a run that tries once more, its own."""
    deleted = select(PublicationItem.listing_id).filter_by(
        publication_id=run.undoes, action=DELETED, outcome=TAKEN
    )
    conditions = [Listing.id.in_(deleted), Listing.state == GONE]
    if run.only is not None:
        conditions.append(Listing.id.in_([int(each) for each in run.only]))
    return _some(run.user_id, run.community_id, *conditions)


def record_deleted(running: Running[Publication], told: Sequence[tuple[Doomed, Problem | None]]) -> None:
    """Write which were deleted, and commit it: none of them is added again without the owner's word."""
    with writing(running) as session:
        for doomed, problem in told:
            listing = session.get_one(Listing, doomed.listing_id)
            answered(listing, (AVAILABLE,))
            if problem is None:
                set_state(listing, GONE)
        write_down(session, [_item(running.id, DELETED, *each) for each in told])
        note_day(session, running.user_id, running.row.community_id)


def intend_restored(running: Running[Publication], doomed: Sequence[Doomed], seen: str | None) -> None:
    """Note what VK is about to be asked to bring back, and commit it: others wait until that is known.

    seen: the mark of what others had added at the last look; raises OthersAdded when they have added more.
    """
    with writing(running) as session:
        take_turn(session, running.user_id, running.row.community_id, seen)
        asks = []
        for each in doomed:
            listing = session.get_one(Listing, each.listing_id)
            listing.changed_at = now()
            fields = {AVAILABLE: _is_shown(listing)}
            asks.append(Asked(each.listing_id, RESTORED, each.key, each.name, fields))
        note_asked(session, running.id, asks)


def record_restored(running: Running[Publication], told: Sequence[tuple[Doomed, Problem | None]]) -> None:
    """Write which came back, and commit it; what VK brings back has lost its places in albums."""
    with writing(running) as session:
        for doomed, problem in told:
            listing = session.get_one(Listing, doomed.listing_id)
            answered(listing, (AVAILABLE,))
            if problem is None:
                # Its owner may have asked meanwhile that it be added anew.
                listing.item_id = doomed.item_id
                set_state(listing, LIVE if _is_shown(listing) else HIDDEN)
                listing.sent = without(listing.sent, ALBUMS)
                listing.seen = without(listing.seen, ALBUMS)
        write_down(session, [_item(running.id, RESTORED, *each) for each in told])
        note_day(session, running.user_id, running.row.community_id)


def _is_shown(listing: Listing) -> bool:
    """Whether buyers see it once it is back: VK brings it back as it was."""
    return bool({**listing.sent, **listing.seen}.get(AVAILABLE, True))


def _some(user_id: int, community_id: int, *conditions: object) -> list[Doomed]:
    rows = db.session.execute(
        select(Listing, ListingGood.store_evotor_id, ListingGood.evotor_id)
        .outerjoin(ListingGood, (ListingGood.listing_id == Listing.id) & (ListingGood.place == 0))
        .where(Listing.user_id == user_id, Listing.community_id == community_id)
        .where(Listing.item_id.is_not(None), *conditions)  # type: ignore[arg-type]
        .order_by(Listing.id)
    )
    return [
        Doomed(
            row.id,
            row.item_id,
            row.seen.get("name") or row.sent.get("name") or row.sku,
            (store_id or "", product_id or ""),
        )
        for row, store_id, product_id in rows
        if row.item_id is not None
    ]


def _item(run_id: int, action: str, doomed: Doomed, problem: Problem | None) -> PublicationItem:
    return item_of(
        *(run_id, action, doomed.name),
        listing_id=doomed.listing_id,
        key=doomed.key,
        is_taken=problem is None,
        problem=problem,
    )
