"""The listings behind which a good stands."""

from sqlalchemy import case, select

from app.data.db import db
from app.publishing.ledger.models import Listing, ListingGood
from app.publishing.planning.existing import FAILED, HIDDEN, LIVE

# A good that was joined with others once may stand behind several: buyers see the first of these.
_NEAREST = (LIVE, HIDDEN, FAILED)


def listings_of(user_id: int, community_id: int, store_id: str, product_id: str) -> list[Listing]:
    """Read the listings of a good in a community: what buyers see first, the others after it."""
    order = case(
        {state: place for place, state in enumerate(_NEAREST)}, value=Listing.state, else_=len(_NEAREST)
    )
    behind = (
        select(Listing)
        .join(ListingGood, ListingGood.listing_id == Listing.id)
        .where(
            ListingGood.user_id == user_id,
            ListingGood.store_evotor_id == store_id,
            ListingGood.evotor_id == product_id,
            Listing.community_id == community_id,
        )
        .order_by(order, ListingGood.place, Listing.id)
    )
    return list(db.session.scalars(behind))
