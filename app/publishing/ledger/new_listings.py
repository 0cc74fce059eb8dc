"""Listings that are new in the ledger, and the goods behind listings."""

from collections.abc import Iterable, Sequence
from functools import cache
from itertools import chain, count
from typing import Any

from sqlalchemy import Executable, bindparam, delete, insert, select
from sqlalchemy.orm import Session

from app.data.engine import insert_or_update
from app.data.types import now
from app.publishing.ledger.as_sql import IS_OF_OTHERS, OWNED
from app.publishing.ledger.models import Listing, ListingGood
from app.publishing.ledger.patience import patience
from app.publishing.planning.existing import GONE, SENDING
from app.publishing.planning.good import Key
from app.publishing.planning.sku import key_sku
from app.publishing.run.models import Publication
from app.work.runs.running import Running

# Built once: a run asks by them for each good that it adds.
_HAS_SKU = Listing.sku == bindparam("sku")
_OWN, _OF_OTHERS = select(Listing).where(*OWNED, _HAS_SKU), select(Listing).where(IS_OF_OTHERS, _HAS_SKU)


@cache
def _adding(dialect: str) -> Executable:
    listings = Listing.__table__
    return insert_or_update(dialect, listings).on_conflict_do_nothing().returning(listings.c.id)


def new_listing(
    session: Session, running: Running[Publication], sku: str, goods: Sequence[Key], *, has_looked: bool
) -> Listing | None:
    """Note that goods are about to be added by a sku. None where another account's ledger has it.

    What VK does not show of theirs once the run `has_looked`, though it would by now, was deleted there: from
    now on the owner is asked about it, as about what was deleted of their own.
    """
    _add(session, running, sku, SENDING)
    listing = session.scalar(_OWN, _place(running, sku))
    if listing is not None:
        put_behind(session, listing, goods)
    elif has_looked and _would_be_shown(session, running, sku):
        own = key_sku(goods[0])
        skus = chain((own,), (f"{own}-{number}" for number in count(2)))
        gone = next(filter(None, (_add(session, running, each, GONE) for each in skus)))
        put_behind(session, session.get_one(Listing, gone), goods)
    return listing


def put_behind(session: Session, listing: Listing, goods: Sequence[Key]) -> None:
    """Let exactly these goods stand behind a listing that has its id, in this order."""
    session.execute(delete(ListingGood).filter_by(listing_id=listing.id))
    session.execute(insert(ListingGood), rows_behind(listing.id, listing.user_id, goods))


def rows_behind(listing_id: int, user_id: int, goods: Iterable[Key]) -> list[dict[str, Any]]:
    """The rows that say which goods stand behind a listing, in this order."""
    whose = {"listing_id": listing_id, "user_id": user_id}
    return [
        {**whose, "store_evotor_id": store_id, "evotor_id": evotor_id, "place": place}
        for place, (store_id, evotor_id) in enumerate(goods)
    ]


def _add(session: Session, running: Running[Publication], sku: str, state: str) -> int | None:
    """Add a listing to the ledger and give its id; None where the sku is taken."""
    empty: dict[str, Any] = {"sent": {}, "seen": {}, "owners": {}, "refused": {}}
    begun = {"state": state, "created_at": now(), "changed_at": now()}
    adding = _adding(session.get_bind().dialect.name)
    return session.scalar(adding, _place(running, sku) | empty | begun)


def _would_be_shown(session: Session, running: Running[Publication], sku: str) -> bool:
    """Whether what another account has by a sku is so old that VK shows it, if it has it still."""
    theirs = session.scalar(_OF_OTHERS, _place(running, sku))
    return theirs is not None and not patience().covers(theirs.added_at or theirs.changed_at)


def _place(running: Running[Publication], sku: str) -> dict[str, Any]:
    return {"user_id": running.user_id, "community_id": running.row.community_id, "sku": sku}
