"""What VK was asked for while its answer is not known: a run may end before it hears of what VK has done."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.data.db import db
from app.data.types import now
from app.publishing.ledger.as_sql import IS_ASKED, IS_IN_VK
from app.publishing.ledger.models import Listing
from app.publishing.ledger.of_run import item_of, write_down
from app.publishing.ledger.shop_days import has_new_price
from app.publishing.planning.existing import (
    ASKED,
    FIELDS,
    NO_OLD_PRICE,
    OLD_PRICE,
    SENDING,
    Fields,
    same_value,
    without,
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
        ask, before = by_id[listing.id], _asked(listing)
        # What was asked for before and is not known either stays open.
        fields = {**before.get(FIELDS, {}), **ask.fields}
        asked = as_asked(run_id, ask.action, ask.key, ask.name, fields)
        _keep(listing, {**asked, _BEFORE: without(before, _BEFORE)})


def as_asked(run_id: int, action: str, key: Key, name: str, fields: Fields) -> dict[str, Any]:
    """What is kept in `sent` until the answer is known."""
    asked_at = now().isoformat()
    return {_RUN: run_id, _AT: asked_at, "action": action, "key": key, "name": name, FIELDS: fields}


def answered(listing: Listing, fields: Collection[str]) -> None:
    """Note that VK has answered about these fields, whatever it said.

    An earlier call that it did not answer may still come, and turn back what it has taken since.
    """
    asked = _asked(listing)
    left, before = without(asked.get(FIELDS, {}), *fields), asked.get(_BEFORE)
    if left:
        _keep(listing, {**asked, FIELDS: left})
    else:
        _keep(listing, {**asked, _AT: before[_AT], FIELDS: {}} if before else {})


def forget_last(listing: Listing) -> None:
    """Note that VK has not heard what it was asked for last; what was asked for before that stays open."""
    _keep(listing, _asked(listing).get(_BEFORE, {}))


def forget_asked(listing: Listing) -> None:
    """Note that VK has not done what it was asked for, and does it no more."""
    _keep(listing, {})


def asked_at(listing: Listing) -> datetime | None:
    """When VK was asked for what it has not answered, None when nothing is open."""
    asked = _asked(listing)
    return datetime.fromisoformat(asked[_AT]) if asked else None


def unheard(user_id: int, community_id: int) -> list[datetime]:
    """When VK was asked to change listings that it has, without an answer."""
    listings = db.session.scalars(
        select(Listing).filter_by(user_id=user_id, community_id=community_id).where(IS_IN_VK, IS_ASKED)
    )
    return [moment for listing in listings if (moment := asked_at(listing)) is not None]


def is_asked_for(listing: Listing, action: str) -> bool:
    """Tell whether `action` is what VK was asked for without an answer."""
    return bool(_asked(listing).get("action") == action)


def is_asked_by(listing: Listing, run_id: int | None) -> bool:
    """Tell whether a run has asked for something without an answer."""
    return run_id is not None and bool(_asked(listing).get(_RUN) == run_id)


def was_done(listing: Listing, shown: Fields) -> bool:
    """Tell whether a listing shows in VK all that it was asked for, as far as VK shows such things."""
    asked, shown = _asked(listing).get(FIELDS, {}), {OLD_PRICE: NO_OLD_PRICE, **shown}
    return bool(asked) and all(same_value(name, asked[name], shown.get(name, asked[name])) for name in asked)


def note_done(session: Session, listing: Listing, *, is_gone: bool = False) -> bool:
    """Note that VK has done what was asked for, also in the list of the run that did not hear of it.

    is_gone: it was to delete the listing, of which all else stays as it was. Tell whether it has another
    price by that.
    """
    asked = _asked(listing)
    # Of what was asked for before this was kept nobody knows whose it was.
    if not asked:
        return False
    if listing.state == SENDING:
        before, after = {}, without(listing.sent, ASKED)
    else:
        after = {} if is_gone else asked[FIELDS]
        before = before_of(listing, after)
    item = item_of(
        *(asked[_RUN], asked["action"], asked["name"]),
        listing_id=listing.id,
        key=asked["key"],
        before=before,
        after=after,
        is_taken=True,
    )
    write_down(session, [item])
    listing.sent = {**listing.sent, **after}
    answered(listing, asked[FIELDS])
    return has_new_price(before, after)


def before_of(listing: Listing, fields: Fields) -> dict[str, Any]:
    """What a listing that is in VK had in these fields, as far as is known."""
    # What VK shows nothing of has no former price.
    known = {OLD_PRICE: NO_OLD_PRICE, **listing.sent, **listing.seen}
    return {name: known[name] for name in fields if name in known}


def _asked(listing: Listing) -> dict[str, Any]:
    """What VK was asked for without an answer, empty when nothing is open."""
    asked: dict[str, Any] = listing.sent.get(ASKED, {})
    return asked


def _keep(listing: Listing, asked: Fields) -> None:
    """Note this for what is open, empty for nothing."""
    if asked or ASKED in listing.sent:
        sent = without(listing.sent, ASKED)
        listing.sent = {**sent, ASKED: asked} if asked else sent
