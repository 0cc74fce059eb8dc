"""Which listings are of goods that VK forbids by now: a good's type may change after it was sent."""

from collections import defaultdict

from sqlalchemy import func, select

from app.data.db import db
from app.mirror.models import CachedProduct
from app.publishing.joined import joins_of
from app.publishing.ledger.entries import listed_of
from app.publishing.ledger.models import Listing, ListingGood
from app.publishing.ledger.of_run import TAKEN
from app.publishing.planning.forbidden import FORBIDDEN_CODES, forbidden, type_of_all
from app.publishing.planning.plan import HIDE
from app.publishing.planning.settings import NOT_MERGED, Settings
from app.publishing.run.models import PublicationItem
from app.publishing.settings.read import settings_row


def forbidden_listings(user_id: int, community_id: int) -> set[int]:
    """The numbers of the owner's listings in a community that must not be seen, by the goods behind them.

    What another store calls one of these counts, too, where both are known to be one. Of what the till has no
    more its last hiding tells.
    """
    chosen = settings_row(user_id)
    settings = Settings(merge_by=chosen.merge_by if chosen else NOT_MERGED)
    is_merged = settings.merge_by != NOT_MERGED
    elsewhere = joins_of(user_id, settings, listed_of(user_id, community_id)).forbidden if is_merged else {}
    goods = CachedProduct
    rows = db.session.execute(
        select(Listing.id, goods.product_type, goods.store_evotor_id, goods.evotor_id)
        .join(ListingGood, ListingGood.listing_id == Listing.id)
        .outerjoin(
            goods,
            (goods.user_id == ListingGood.user_id)
            & (goods.store_evotor_id == ListingGood.store_evotor_id)
            & (goods.evotor_id == ListingGood.evotor_id),
        )
        .where(Listing.user_id == user_id, Listing.community_id == community_id)
    )
    types: defaultdict[int, set[str | None]] = defaultdict(set)
    for listing_id, product_type, store_id, product_id in rows:
        known = types[listing_id]
        if store_id is not None:
            known.add(elsewhere.get((store_id, product_id), product_type))
    hidden = _hidden_as_forbidden(user_id, community_id) if not all(types.values()) else set()
    return {
        listing_id
        for listing_id, kinds in types.items()
        if (forbidden(type_of_all(kinds)) if kinds else listing_id in hidden)
    }


def _hidden_as_forbidden(user_id: int, community_id: int) -> set[int]:
    """The listings that were hidden last because VK forbids them."""
    item = PublicationItem
    last = (
        select(func.max(item.id))
        .join(Listing, Listing.id == item.listing_id)
        .where(Listing.user_id == user_id, Listing.community_id == community_id)
        .where(item.action == HIDE, item.outcome == TAKEN)
        .group_by(item.listing_id)
    )
    forbidden_last = select(item.listing_id).where(
        item.id.in_(last), item.problem_code.in_(FORBIDDEN_CODES), item.listing_id.is_not(None)
    )
    return set(db.session.scalars(forbidden_last))
