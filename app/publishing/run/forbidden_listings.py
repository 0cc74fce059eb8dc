"""Which listings are of goods that VK forbids by now: a good's type may change after it was sent."""

from collections import defaultdict

from sqlalchemy import ColumnElement, and_, func, select

from app.data.db import db
from app.mirror.departed import DepartedGood
from app.mirror.models import CachedProduct
from app.publishing.joined import joins_of
from app.publishing.ledger.entries import listed_of
from app.publishing.ledger.models import Listing, ListingGood
from app.publishing.planning.forbidden import forbidden, type_of_all
from app.publishing.planning.joins import Joins
from app.publishing.planning.settings import NOT_MERGED, Settings
from app.publishing.settings.read import settings_row


def forbidden_listings(user_id: int, community_id: int) -> set[int]:
    """The numbers of the owner's listings in a community that must not be seen, by the goods behind them.

    What another store calls one of these counts, too, where both are known to be one, and what one was that
    the till has no more.
    """
    chosen = settings_row(user_id)
    settings = Settings(merge_by=chosen.merge_by if chosen else NOT_MERGED)
    is_merged = settings.merge_by != NOT_MERGED
    joins = joins_of(user_id, settings, listed_of(user_id, community_id)) if is_merged else Joins()
    kind = func.coalesce(CachedProduct.product_type, DepartedGood.product_type)
    rows = db.session.execute(
        select(Listing.id, ListingGood.store_evotor_id, ListingGood.evotor_id, kind)
        .join(ListingGood, ListingGood.listing_id == Listing.id)
        .outerjoin(CachedProduct, _is_listed(CachedProduct))
        .outerjoin(DepartedGood, _is_listed(DepartedGood))
        .where(Listing.user_id == user_id, Listing.community_id == community_id)
    )
    types: defaultdict[int, set[str | None]] = defaultdict(set)
    for listing_id, store_id, product_id, product_type in rows:
        types[listing_id].add(joins.type_elsewhere((store_id, product_id)) or product_type)
    return {listing_id for listing_id, kinds in types.items() if forbidden(type_of_all(kinds))}


def _is_listed(goods: type[CachedProduct] | type[DepartedGood]) -> ColumnElement[bool]:
    return and_(
        goods.user_id == ListingGood.user_id,
        goods.store_evotor_id == ListingGood.store_evotor_id,
        goods.evotor_id == ListingGood.evotor_id,
    )
