"""The ledger as SQL, for pages that show it beside many goods."""

from typing import Any

from sqlalchemy import Select, Text, and_, bindparam, cast, select

from app.clients.vk.fields import ID_END
from app.connections.may_publish import chosen_community_id
from app.publishing.ledger.models import Listing, ListingGood
from app.publishing.planning.existing import ASKED, GONE, MOVING

# An owner and a community as parameters: to build a statement anew takes as long as to read by it.
USER_ID = bindparam("user_id", type_=Listing.user_id.type)
COMMUNITY_ID = bindparam("community_id", type_=Listing.community_id.type)
OWNED = Listing.user_id == USER_ID, Listing.community_id == COMMUNITY_ID
# As `is_in_vk` of an entry.
IS_IN_VK = and_(Listing.item_id.is_not(None), Listing.state != GONE)
# Whether a listing in the community is another account's of ours.
IS_OF_OTHERS = and_(Listing.community_id == COMMUNITY_ID, Listing.user_id != USER_ID)
# Numbers that VK cannot have given, from before they were refused where they are read.
HAS_FALSE_ID = Listing.item_id >= ID_END
# What a run has begun and nobody heard the end of: a call, a move between albums.
IS_ASKED, IS_MOVING = (cast(Listing.sent, Text).contains(f'"{name}"') for name in (ASKED, MOVING))


def listed_goods(user_id: Any, *columns: Any) -> Select[Any]:
    """Goods that stand behind a listing in the community that their owner (or a parameter) has chosen."""
    return (
        select(*columns)
        .join_from(ListingGood, Listing, Listing.id == ListingGood.listing_id)
        .where(ListingGood.user_id == user_id, Listing.community_id == chosen_community_id(user_id))
    )
