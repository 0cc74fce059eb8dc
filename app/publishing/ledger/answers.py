"""The owner's answers about listings, noted in the ledger: who has the last word, and what is made again."""

from collections.abc import Collection, Mapping

from sqlalchemy import select

from app.data.db import db
from app.data.parts import VALUES_A_STATEMENT, in_parts
from app.data.types import now
from app.publishing.ledger.models import Listing, set_state
from app.publishing.planning.existing import FAILED, GONE


def give_fields(user_id: int, fields: Mapping[int, Collection[str]], owner: str) -> None:
    """Give fields, by listing, to the till or to VK for good. Does not commit."""
    for listing in _own(user_id, fields):
        listing.owners = {**listing.owners, **dict.fromkeys(fields[listing.id], owner)}


def publish_again(user_id: int, listing_ids: Collection[int]) -> int:
    """Let listings that were deleted in VK be added anew; give how many. Does not commit."""
    found = [listing for listing in _own(user_id, listing_ids) if listing.state == GONE]
    for listing in found:
        set_state(listing, FAILED)
        # One that VK had only missed would stand there beside the one that is added now.
        listing.item_id, listing.lost_at = None, now()
        listing.sent, listing.seen, listing.owners, listing.refused = {}, {}, {}, {}
        listing.problem = listing.problem_code = None
    return len(found)


def is_own(user_id: int, listing_id: int) -> bool:
    """Tell whether the owner has this listing."""
    return db.session.scalar(select(Listing.id).filter_by(id=listing_id, user_id=user_id)) is not None


def _own(user_id: int, listing_ids: Collection[int]) -> list[Listing]:
    return [
        listing
        for ids in in_parts(sorted(listing_ids), VALUES_A_STATEMENT)
        for listing in db.session.scalars(
            select(Listing).where(Listing.user_id == user_id, Listing.id.in_(ids))
        )
    ]
