"""What a run did before it was put aside, as its own list has it."""

from typing import NamedTuple

from sqlalchemy import select

from app.data.db import db
from app.publishing.ledger.asked import DONE
from app.publishing.ledger.models import Listing
from app.publishing.run.models import PublicationItem


class Handled(NamedTuple):
    """What a run had done to a listing before it was put aside: at first, and how it ended at last."""

    listing_id: int
    sku: str
    action: str
    is_taken: bool


def handled_by(run_id: int) -> list[Handled]:
    """What a run that is taken up again has done already."""
    rows = db.session.execute(
        select(Listing.id, Listing.sku, PublicationItem.action, PublicationItem.outcome)
        .join(Listing, Listing.id == PublicationItem.listing_id)
        .where(PublicationItem.publication_id == run_id)
        .order_by(PublicationItem.id)
    )
    found: dict[int, Handled] = {}
    for listing_id, sku, action, outcome in rows:
        first = found.get(listing_id)
        found[listing_id] = Handled(listing_id, sku, first.action if first else action, outcome == DONE)
    return list(found.values())
