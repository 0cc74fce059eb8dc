"""What a run writes into the ledger: the intent before a call, the outcome after it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.data.types import now
from app.publishing.ledger.about import left_of
from app.publishing.ledger.asked import Asked, answered, as_asked, before_of, forget_last, note_asked
from app.publishing.ledger.models import Listing, set_state
from app.publishing.ledger.new_listings import new_listing, put_behind
from app.publishing.ledger.of_run import Problem, item_of, write_down
from app.publishing.ledger.others import take_turn
from app.publishing.ledger.shop_days import has_new_price, note_day
from app.publishing.planning.existing import (
    ALBUMS,
    ASKED,
    AVAILABLE,
    BESIDE_PICTURES,
    FAILED,
    GONE,
    HIDDEN,
    LIVE,
    MOVING,
    SENDING,
    without,
)
from app.publishing.planning.good import Key
from app.publishing.run.models import Publication, PublicationItem
from app.work.runs.running import Running


class Intent(NamedTuple):
    """A listing that is about to be added; `listing_id` is None while the ledger does not know it.

    `action` and `name` are those of its outcome.
    """

    listing_id: int | None
    sku: str
    goods: Sequence[Key]
    fields: Mapping[str, Any]
    action: str
    name: str


class Outcome(NamedTuple):
    """What became of one call to a listing.

    `item_id` is VK's number of it, None when it was not added. `fields` are those that VK took, or would
    not take; `problem` is None when it took them. `is_gone`: VK no longer has the listing. `goods` stand
    behind it now, first the one that has it when they part; none: as before. `moved` holds the titles of its
    album, before and after.
    """

    action: str
    listing_id: int
    item_id: int | None
    key: Key
    name: str
    fields: Mapping[str, Any]
    problem: Problem | None = None
    is_gone: bool = False
    goods: Sequence[Key] = ()
    moved: tuple[str | None, str | None] | None = None

    @property
    def is_taken(self) -> bool:
        """Whether VK has what was sent."""
        return self.problem is None and not self.is_gone


def intend(
    running: Running[Publication], intents: Sequence[Intent], seen: str | None = None
) -> list[int | None]:
    """Note what is about to be added, and commit it; give the listings' ids in the same order.

    None where another account's ledger holds this sku in the community: see `new_listing`. seen: the mark of
    what others had added when the run last looked; with it, raises OthersAdded when they have added more.
    """
    with writing(running) as session:
        take_turn(session, running.user_id, running.row.community_id, seen)
        return [_intend(session, running, intent, has_looked=seen is not None) for intent in intents]


def intend_changes(running: Running[Any], asks: Sequence[Asked]) -> None:
    """Note what listings that are in VK are about to be asked for, and commit it."""
    with writing(running) as session:
        note_asked(session, running.id, asks)


def record(running: Running[Publication], outcomes: Sequence[Outcome]) -> None:
    """Write the outcomes of calls into the ledger and into the run's own list, and commit them."""
    if not outcomes:
        return
    ids = [outcome.listing_id for outcome in outcomes]
    with writing(running) as session:
        found = {row.id: row for row in session.scalars(select(Listing).where(Listing.id.in_(ids)))}
        new = [each for each in outcomes if each.is_taken and found[each.listing_id].item_id is None]
        if new:
            _free_numbers(session, running.row.community_id, new)
        items, prices = [], 0
        for outcome in outcomes:
            listing = found[outcome.listing_id]
            item = _item(running.id, listing, outcome)
            items.append(item)
            prices += outcome.is_taken and has_new_price(item.before, item.after)
            _apply(listing, outcome)
            if outcome.is_taken and outcome.goods:
                put_behind(session, listing, outcome.goods)
        write_down(session, items)
        note_day(session, running.user_id, running.row.community_id, prices)


def forget_intents(running: Running[Any], unsent: Collection[int]) -> None:
    """Take back what listings, by their ids, were asked for last: VK has certainly not done it."""
    with writing(running) as session:
        never_sent = (Listing.id.in_(unsent), Listing.state == SENDING, Listing.item_id.is_(None))
        # An earlier try of which VK has not said anything may still be shown: see `lost_at`.
        session.execute(delete(Listing).where(*never_sent, Listing.lost_at.is_(None)))
        for listing in session.scalars(select(Listing).where(*never_sent)):
            set_state(listing, FAILED)
        for listing in session.scalars(select(Listing).where(Listing.id.in_(unsent))):
            forget_last(listing)


@contextmanager
def writing(running: Running[Any]) -> Iterator[Session]:
    """One transaction in the name of a run; it is not committed when the run must not go on."""
    with Session(running.engine) as session, session.begin():
        yield session
        session.flush()
        running.claim(session.connection())


def _intend(
    session: Session, running: Running[Publication], intent: Intent, *, has_looked: bool
) -> int | None:
    listing = session.get(Listing, intent.listing_id) if intent.listing_id else None
    listing = listing or new_listing(session, running, intent.sku, intent.goods, has_looked=has_looked)
    if listing is None or listing.item_id is not None:
        return None
    listing.state, listing.changed_at = SENDING, now()
    asked = as_asked(running.id, intent.action, intent.goods[0], intent.name, {})
    listing.sent, listing.seen, listing.refused = {**intent.fields, ASKED: asked}, {}, {}
    listing.problem = listing.problem_code = None
    return listing.id


def _free_numbers(session: Session, community_id: int, added: Sequence[Outcome]) -> None:
    """Hold a listing for gone whose number VK has given to another one, which it has just added."""
    numbers = {outcome.item_id: outcome.listing_id for outcome in added}
    taken = update(Listing).where(
        Listing.community_id == community_id,
        Listing.item_id.in_(numbers),
        Listing.id.not_in(numbers.values()),
    )
    session.execute(taken.values(item_id=None, state=GONE, changed_at=now()))


def _apply(listing: Listing, outcome: Outcome) -> None:
    answered(listing, outcome.fields)
    if outcome.is_gone:
        set_state(listing, GONE)
    elif outcome.problem is None:
        _note_taken(listing, outcome)
    else:
        listing.problem_code, listing.problem = outcome.problem
        listing.refused = {**listing.refused, **without(outcome.fields, *BESIDE_PICTURES)}
        if listing.item_id is None:
            set_state(listing, FAILED)


def _note_taken(listing: Listing, outcome: Outcome) -> None:
    if listing.item_id is None:
        listing.item_id, listing.added_at = outcome.item_id, now()
    listing.sent = {**listing.sent, **outcome.fields}
    if ALBUMS in outcome.fields:
        listing.sent.pop(MOVING, None)
    # What has been sent since the last reading is not what that reading saw.
    listing.seen = without(listing.seen, *outcome.fields)
    set_state(listing, LIVE if listing.sent.get(AVAILABLE, True) else HIDDEN)
    listing.sent_at = now()
    left, stands = left_of(listing.refused, listing.problem_code, outcome.fields)
    listing.refused = dict(left)
    if not stands:
        listing.problem = listing.problem_code = None


def _item(run_id: int, listing: Listing, outcome: Outcome) -> PublicationItem:
    is_new = listing.item_id is None
    before = {} if is_new else before_of(listing, outcome.fields)
    after = dict(outcome.fields)
    if outcome.moved:
        # By their titles: numbers of albums say nothing to people.
        before[ALBUMS], after[ALBUMS] = outcome.moved
    return item_of(
        *(run_id, outcome.action, outcome.name),
        listing_id=listing.id,
        key=outcome.key,
        before=before,
        after=after,
        is_taken=outcome.is_taken,
        problem=outcome.problem,
    )
