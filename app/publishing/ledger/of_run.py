"""A run's own list: what it did to each listing and album, read again when it is taken up or taken back."""

from typing import NamedTuple

from sqlalchemy import select

from app.data.db import db
from app.publishing.ledger.models import Listing
from app.publishing.planning.existing import NOTHING, Fields
from app.publishing.planning.good import Key
from app.publishing.run.models import Publication, PublicationItem
from app.work.runs.running import Running

# The outcomes of its items.
TAKEN, REFUSED = "done", "failed"

_NAME_LENGTH = 255
_NO_GOOD = ("", "")


class Problem(NamedTuple):
    """Why VK did not take something: the code of its kind, and a sentence for the owner."""

    code: str
    sentence: str


def item_of(
    run_id: int,
    action: str,
    name: str,
    *,
    listing_id: int | None = None,
    key: Key = _NO_GOOD,
    before: Fields = NOTHING,
    after: Fields = NOTHING,
    is_taken: bool,
    problem: Problem | None = None,
) -> PublicationItem:
    """What a run did, or why it could not, for its list; `key` is the good it is about."""
    store_id, evotor_id = key
    return PublicationItem(
        publication_id=run_id,
        listing_id=listing_id,
        store_evotor_id=store_id,
        evotor_id=evotor_id,
        name=name[:_NAME_LENGTH],
        action=action,
        outcome=TAKEN if is_taken else REFUSED,
        before=dict(before),
        after=dict(after),
        problem=problem.sentence if problem else None,
        problem_code=problem.code if problem else None,
    )


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
        found[listing_id] = Handled(listing_id, sku, first.action if first else action, outcome == TAKEN)
    return list(found.values())


def refused_before(running: Running[Publication]) -> list[Handled]:
    """What VK refused a run in its earlier turns; a run that deletes or takes back would try it again."""
    return [each for each in handled_by(running.id) if not each.is_taken] if running.goes_on else []
