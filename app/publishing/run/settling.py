"""What a plan found out about listings is noted, for those that come after it: nothing of it is sent."""

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

from sqlalchemy import delete, insert, select, update

from app.data.db import db
from app.data.parts import VALUES_A_STATEMENT, in_parts
from app.publishing.current import usable_plan
from app.publishing.ledger.models import Listing, ListingGood
from app.publishing.ledger.new_listings import rows_behind
from app.publishing.ledger.writing import writing
from app.publishing.planning.good import Key
from app.work.runs.running import Running


def note_settled(running: Running[Any], marks: Mapping[int, str]) -> None:
    """Note the marks of a plan, by listing id. Commits."""
    if marks:
        rows = [{"id": listing_id, "settled": mark} for listing_id, mark in marks.items()]
        with writing(running) as session:
            session.execute(update(Listing), rows)


def note_behind(running: Running[Any], goods: Mapping[int, Sequence[Key]]) -> None:
    """Note the goods that stand behind listings, by listing id. Commits.

    Nothing may have to be sent of what was joined, or parted: what stands there is remembered all the same.
    """
    for listing_ids in in_parts(goods, VALUES_A_STATEMENT):
        behind = (rows_behind(each, running.user_id, goods[each]) for each in listing_ids)
        with writing(running) as session:
            session.execute(delete(ListingGood).where(ListingGood.listing_id.in_(listing_ids)))
            session.execute(insert(ListingGood), list(chain.from_iterable(behind)))


def settle(running: Running[Any]) -> None:
    """Compare what has just been read, once for all the plans that follow. Commits."""
    user_id, community_id = running.user_id, running.row.community_id
    db.session.rollback()
    listed = select(Listing.id).filter_by(user_id=user_id, community_id=community_id)
    plan = usable_plan(user_id, community_id) if db.session.scalar(select(listed.exists())) else None
    db.session.rollback()
    if plan is not None:
        note_settled(running, plan.settled)
