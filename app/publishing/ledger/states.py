"""Listings by the state that their owner sees: what waits to be added is not what VK refused."""

from sqlalchemy import and_, func, select

from app.data.db import db
from app.publishing.ledger.models import Listing
from app.publishing.planning.existing import FAILED

# Of listings that are `failed` without a problem: nothing was refused, or it shall be tried anew.
TO_BE_ADDED = "waiting"
IS_TO_BE_ADDED = and_(Listing.state == FAILED, Listing.problem.is_(None))
IS_REFUSED = and_(Listing.state == FAILED, Listing.problem.is_not(None))


def shown_state(state: str, problem: str | None) -> str:
    """The state of a listing with this problem, as it is shown."""
    return TO_BE_ADDED if state == FAILED and problem is None else state


def counts_of_states(user_id: int, community_id: int) -> dict[str, int]:
    """How many listings of the owner's in a community are in each state that is shown; one query."""
    listed = (
        select(Listing.state, func.count(), func.count(Listing.problem))
        .where(Listing.user_id == user_id, Listing.community_id == community_id)
        .group_by(Listing.state)
    )
    found: dict[str, int] = {}
    for state, count, refused in db.session.execute(listed):
        found |= {FAILED: refused, TO_BE_ADDED: count - refused} if state == FAILED else {state: count}
    return {state: count for state, count in found.items() if count}
