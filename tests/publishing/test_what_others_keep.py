"""What other accounts keep in a community is found without a look at all that the owner has there."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.data.db import db
from app.publishing.ledger.entries import kept_by_others
from app.publishing.ledger.models import Listing
from app.publishing.planning.existing import FAILED, GONE, HIDDEN, LIVE, SENDING
from tests.databases import on_both
from tests.owners import Owner

COMMUNITY = 7


@on_both
def test_of_others_what_vk_has_not_is_kept(alice: Owner, bob: Owner, db_session: Session) -> None:
    for owner, mark in ((alice, "a"), (bob, "b")):
        for community_id in (COMMUNITY, COMMUNITY + 1):
            for state in (GONE, FAILED, HIDDEN, LIVE, SENDING):
                sku = f"{mark}-{state}-{community_id}"
                db_session.add(Listing(user_id=owner.id, community_id=community_id, sku=sku, state=state))
    db_session.flush()
    with alice.app.app_context():
        assert kept_by_others(alice.id, COMMUNITY) == {"b-gone-7", "b-failed-7", "b-sending-7"}


def test_it_is_found_by_indexes_that_lead_to_nothing_else(alice: Owner, count_statements) -> None:
    with alice.app.app_context(), count_statements() as statements:
        kept_by_others(alice.id, COMMUNITY)
        explained = text(f"EXPLAIN QUERY PLAN {statements[0].replace('?', '7')}")
        how = [str(row[-1]) for row in db.session.execute(explained)]
    not_in_vk, without_number = (each for each in how if each.startswith("SEARCH"))
    assert not_in_vk == "SEARCH listings USING INDEX ix_listings_not_in_vk (community_id=?)"
    assert without_number.endswith("(community_id=? AND item_id=?)")
