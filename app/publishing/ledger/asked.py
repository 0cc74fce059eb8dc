"""What VK was asked for while its answer is not known: a run may end before it hears of what VK has done."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.data.db import db
from app.data.types import now
from app.publishing.ledger.as_sql import IS_ASKED, IS_IN_VK
from app.publishing.ledger.days import has_new_price
from app.publishing.ledger.models import Listing
from app.publishing.ledger.of_run import item_of
from app.publishing.planning.existing import (
    ASKED,
    FIELDS,
    NO_OLD_PRICE,
    OLD_PRICE,
    SENDING,
    Fields,
    same_value,
)
from app.publishing.planning.good import Key

# When it was asked, by which run, and what was asked for before that without an answer.
_AT, _RUN, _BEFORE = "at", "run", "before"


class Asked(NamedTuple):
    """One call to a listing that is in VK, on its way; names are those of `Outcome`."""

    listing_id: int
    action: str
    key: Key
    name: str
    fields: Fields


def note_asked(session: Session, run_id: int, asks: Sequence[Asked]) -> None:
    """Note what VK is about to be asked for. Does not commit."""
    by_id = {ask.listing_id: ask for ask in asks}
    for listing in session.scalars(select(Listing).where(Listing.id.in_(by_id))):
        ask, before = by_id[listing.id], listing.sent.get(ASKED, {})
        # What was asked for before and is not known either stays open.
        fields = {**_fields(listing), **ask.fields}
        asked = as_asked(run_id, ask.action, ask.key, ask.name, fields)
        before = {name: value for name, value in before.items() if name != _BEFORE}
        listing.sent = {**listing.sent, ASKED: {**asked, _BEFORE: before}}


def as_asked(run_id: int, action: str, key: Key, name: str, fields: Fields) -> dict[str, Any]:
    """What is kept in `sent` until the answer is known."""
    asked_at = now().isoformat()
    return {_RUN: run_id, _AT: asked_at, "action": action, "key": key, "name": name, FIELDS: fields}


def answered(listing: Listing, fields: Collection[str]) -> None:
    """Note that VK has answered about these fields, whatever it said.

    An earlier call that it did not answer may still come, and turn back what it has taken since.
    """
    asked = listing.sent.get(ASKED)
    if asked is None:
        return
    left = {name: value for name, value in asked[FIELDS].items() if name not in fields}
    forget_asked(listing)
    if left:
        listing.sent = {**listing.sent, ASKED: {**asked, FIELDS: left}}
    elif before := asked.get(_BEFORE):
        listing.sent = {**listing.sent, ASKED: {**asked, _AT: before[_AT], FIELDS: {}}}


def forget_last(listing: Listing) -> None:
    """Note that VK has not heard what it was asked for last; what was asked for before that stays open."""
    before = listing.sent.get(ASKED, {}).get(_BEFORE)
    forget_asked(listing)
    if before:
        listing.sent = {**listing.sent, ASKED: before}


def forget_asked(listing: Listing) -> None:
    """Note that VK has not done what it was asked for, and does it no more."""
    if ASKED in listing.sent:
        listing.sent = {name: value for name, value in listing.sent.items() if name != ASKED}


def asked_at(listing: Listing) -> datetime | None:
    """When VK was asked for what it has not answered, None when nothing is open."""
    asked = listing.sent.get(ASKED)
    return datetime.fromisoformat(asked[_AT]) if asked else None


def unheard(user_id: int, community_id: int) -> list[datetime]:
    """When VK was asked to change listings that it has, without an answer."""
    listings = db.session.scalars(
        select(Listing).filter_by(user_id=user_id, community_id=community_id).where(IS_IN_VK, IS_ASKED)
    )
    return [moment for listing in listings if (moment := asked_at(listing)) is not None]


def is_asked_for(listing: Listing, action: str) -> bool:
    """Tell whether `action` is what VK was asked for without an answer."""
    return bool(listing.sent.get(ASKED, {}).get("action") == action)


def is_asked_by(listing: Listing, run_id: int | None) -> bool:
    """Tell whether a run has asked for something without an answer."""
    return run_id is not None and bool(listing.sent.get(ASKED, {}).get(_RUN) == run_id)


def was_done(listing: Listing, shown: Fields) -> bool:
    """Tell whether a listing shows in VK all that it was asked for, as far as VK shows such things."""
    asked, shown = _fields(listing), {OLD_PRICE: NO_OLD_PRICE, **shown}
    return bool(asked) and all(same_value(name, asked[name], shown.get(name, asked[name])) for name in asked)


def note_done(session: Session, listing: Listing, *, is_gone: bool = False) -> bool:
    """Note that VK has done what was asked for, also in the list of the run that did not hear of it.

    is_gone: it was to delete the listing, of which all else stays as it was. Tell whether it has another
    price by that.
    """
    asked = listing.sent.get(ASKED)
    # Of what was asked for before this was kept nobody knows whose it was.
    if asked is None:
        return False
    if listing.state == SENDING:
        before, after = {}, {name: value for name, value in listing.sent.items() if name != ASKED}
    else:
        after = {} if is_gone else asked[FIELDS]
        before = before_of(listing, after)
    session.add(
        item_of(
            *(asked[_RUN], asked["action"], asked["name"]),
            listing_id=listing.id,
            key=asked["key"],
            before=before,
            after=after,
            is_taken=True,
        )
    )
    listing.sent = {**listing.sent, **after}
    answered(listing, asked[FIELDS])
    return has_new_price(before, after)


def before_of(listing: Listing, fields: Fields) -> dict[str, Any]:
    """What a listing that is in VK had in these fields, as far as is known."""
    # What VK shows nothing of has no former price.
    known = {OLD_PRICE: NO_OLD_PRICE, **listing.sent, **listing.seen}
    return {name: known[name] for name in fields if name in known}


def _fields(listing: Listing) -> dict[str, Any]:
    return dict(listing.sent.get(ASKED, {}).get(FIELDS, {}))
