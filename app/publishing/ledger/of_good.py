"""The listings behind which a good stands."""

from collections.abc import Mapping

from sqlalchemy import case, select

from app.data.db import db
from app.mirror.way_up import are_given, given
from app.publishing.ledger.as_sql import IS_IN_VK
from app.publishing.ledger.models import Listing, ListingGood
from app.publishing.planning.existing import FAILED, HIDDEN, LIVE, has_shown
from app.publishing.planning.good import Key

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


def shown_at(user_id: int, community_id: int, prices: Mapping[Key, str]) -> set[Key]:
    """Tell which goods buyers saw in a community at these prices of theirs."""
    if not prices:
        return set()
    rows = db.session.execute(
        select(ListingGood.store_evotor_id, ListingGood.evotor_id, Listing.sent, Listing.seen)
        .join(Listing, Listing.id == ListingGood.listing_id)
        .where(
            ListingGood.user_id == user_id,
            Listing.community_id == community_id,
            IS_IN_VK,
            *are_given(ListingGood, db.session.connection().dialect.name),
        ),
        given(prices),
    )
    return {
        (store_id, product_id)
        for store_id, product_id, sent, seen in rows
        if (price := prices.get((store_id, product_id))) is not None and has_shown(price, sent, seen)
    }
