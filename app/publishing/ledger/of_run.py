"""A run's own list: what it did to each listing and album, read again when it is taken up or taken back."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import bindparam, case, select
from sqlalchemy.orm import Session

from app.data.compiled import read_rows
from app.data.db import db
from app.publishing.ledger.models import Listing
from app.publishing.planning.existing import ALBUMS, AVAILABLE, NOTHING, Fields
from app.publishing.planning.good import Key
from app.publishing.planning.plan import CREATE
from app.publishing.planning.steps import Phase, part_of
from app.publishing.run.models import PublicationItem

# The outcomes of its items.
TAKEN, REFUSED = "done", "failed"

_NAME_LENGTH = 255
_NO_GOOD = ("", "")
# Not more are held as the database writes them: each may have a quarter of a megabyte.
_ROWS_A_CHUNK = 100
# Built once: a run asks by them again and again.
_is_of_run = PublicationItem.publication_id == bindparam("run_id")
_refused = select(PublicationItem.listing_id).where(_is_of_run, PublicationItem.outcome == REFUSED)
# What was written may be long, and is read only where something was refused.
_written = case((PublicationItem.listing_id.in_(_refused), PublicationItem.after))
_HANDLED = (
    select(Listing.id, Listing.sku, PublicationItem.action, PublicationItem.outcome, _written)
    .join(Listing, Listing.id == PublicationItem.listing_id)
    .where(_is_of_run)
    .order_by(PublicationItem.id)
)


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


def write_down(session: Session, items: Sequence[PublicationItem]) -> None:
    """Add items to the list of their run, each in the place of what VK refused of the same before.

    A run that goes on after a pause tries that again: its list tells of it once, as it ended.
    """
    new = {_subject(item): item for item in items}
    listings = [item.listing_id for item in items if item.listing_id is not None]
    earlier = select(PublicationItem).where(
        PublicationItem.publication_id.in_({item.publication_id for item in items}),
        PublicationItem.outcome == REFUSED,
        PublicationItem.listing_id.in_(listings) if listings else PublicationItem.listing_id.is_(None),
    )
    for refused in session.scalars(earlier).all():
        item = new.get(_subject(refused))
        if item is not None and (item.action == CREATE or _part(item) == _part(refused)):
            session.delete(refused)
    session.add_all(items)


def _subject(item: PublicationItem) -> tuple[str, str] | int:
    # Albums are told apart by their titles.
    return (item.action, item.name) if item.listing_id is None else item.listing_id


def _part(item: PublicationItem) -> Phase | None:
    return part_of(item.action, item.after)


class Handled(NamedTuple):
    """What a run has done to a listing: at first, and the parts that VK refused and has not taken since."""

    listing_id: int
    sku: str
    action: str
    refused: frozenset[Phase | None]

    @property
    def is_taken(self) -> bool:
        return not self.refused


def handled_by(run_id: int) -> list[Handled]:
    """What a run that is taken up again has done already, in all its turns."""
    found: dict[int, Handled] = {}
    for listing_id, sku, action, outcome, after in read_rows(_HANDLED, {"run_id": run_id}):
        first = found.get(listing_id)
        # What was refused of a listing is not about the one that is added in its place.
        before = first.refused if first and action != CREATE else frozenset()
        part = frozenset([part_of(action, after or ())])
        left = before - part if outcome == TAKEN else before | part
        found[listing_id] = Handled(listing_id, sku, first.action if first else action, left)
    return list(found.values())


def refused_for(run_id: int, codes: Collection[str]) -> set[int]:
    """The listings of which a run's list says that something was not done for one of these reasons."""
    refused = select(PublicationItem.listing_id).filter_by(publication_id=run_id, outcome=REFUSED)
    is_known = PublicationItem.listing_id.is_not(None)
    found = db.session.scalars(refused.where(is_known, PublicationItem.problem_code.in_(codes)))
    return {listing_id for listing_id in found if listing_id is not None}


@dataclass
class Net:
    """All that a run did to a listing as one step: `before` the first that wrote a field, `after` the last.

    `is_added`: before the run it was not in VK. What a field held is not in `before` where nobody knew it.
    """

    is_added: bool
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)


def net_of(run_id: int | None) -> dict[int, Net]:
    """What VK took of a run, by the listings' ids; of what it added no more than taking it back asks for."""
    rows = db.session.execute(
        select(
            *(PublicationItem.listing_id, PublicationItem.action),
            PublicationItem.before,
            PublicationItem.after,
        )
        .filter_by(publication_id=run_id, outcome=TAKEN)
        .where(PublicationItem.listing_id.is_not(None))
        .order_by(PublicationItem.id),
        execution_options={"yield_per": _ROWS_A_CHUNK},
    )
    found: dict[int, Net] = {}
    for listing_id, action, before, after in rows:
        if action == CREATE:
            # It was gone, if it ever was there: what the run did to it until then is gone, too.
            found[listing_id] = Net(is_added=True)
        net = found.setdefault(listing_id, Net(is_added=False))
        written = {name: after[name] for name in after if not net.is_added or name in (AVAILABLE, ALBUMS)}
        net.before |= {name: before[name] for name in before.keys() & written.keys() - net.after.keys()}
        net.after |= written
    return found
