"""Pairs that the owner has accepted, written into the ledger: nothing of them is sent by that."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple

from sqlalchemy import and_, delete, insert, or_, select
from sqlalchemy.exc import IntegrityError

from app.data.db import db
from app.data.parts import VALUES_A_STATEMENT, in_parts
from app.publishing.ledger.as_sql import IS_IN_VK
from app.publishing.ledger.models import ForeignListing, Listing, ListingGood
from app.publishing.ledger.new_listings import rows_behind
from app.publishing.ledger.patience import patience
from app.publishing.planning.existing import FAILED, HIDDEN, LIVE, SENDING, SKU
from app.publishing.planning.good import Good, Key
from app.publishing.planning.pairing import Shelf
from app.publishing.planning.sku import SkuBook
from app.publishing.settings.save import note_new_plan

# Each time another request was there first.
_TRIES = 3
# Certainly not in VK: refused, or to be added anew.
_IS_ABSENT = and_(Listing.item_id.is_(None), Listing.state == FAILED)


class Accepted(NamedTuple):
    """How many listings became the owner's, and how many were taken or gone meanwhile."""

    done: int
    refused: int


def listed_keys(user_id: int, community_id: int) -> set[Key]:
    """The goods that stand behind a listing of this community already; one that VK has not is none."""
    rows = db.session.execute(
        select(ListingGood.store_evotor_id, ListingGood.evotor_id)
        .join(Listing, Listing.id == ListingGood.listing_id)
        .where(Listing.user_id == user_id, Listing.community_id == community_id, ~_IS_ABSENT)
    )
    return {(store_id, product_id) for store_id, product_id in rows}


def second_bearers(user_id: int, community_id: int) -> set[int]:
    """VK's numbers of listings that are not ours and bear the sku of one of ours that is in VK."""
    ours = IS_IN_VK & (Listing.sku == ForeignListing.sku)
    found = (
        select(ForeignListing.item_id)
        .filter_by(user_id=user_id, community_id=community_id, is_other=False)
        .join(Listing, (Listing.community_id == community_id) & (Listing.user_id == user_id) & ours)
    )
    return set(db.session.scalars(found))


def is_known(user_id: int, item_id: int) -> bool:
    """Tell whether a listing is one that the owner's readings saw, theirs or not."""
    seen = select(ForeignListing.item_id).filter_by(user_id=user_id, item_id=item_id)
    ours = select(Listing.id).filter_by(user_id=user_id, item_id=item_id)
    return bool(db.session.scalar(select(or_(seen.exists(), ours.exists()))))


def accept(user_id: int, community_id: int, pairs: Mapping[int, Shelf], wanted: Iterable[Good]) -> Accepted:
    """Take listings, by VK's number, for the goods given for them; the plan then shows what differs. Commits.

    `wanted` are all goods to be published: a listing without a sku gets one that none of them bears. Nothing
    was sent to these listings yet, so that each difference is the owner's to approve.
    """
    wanted = list(wanted)
    for _ in range(_TRIES):
        try:
            return _accept(user_id, community_id, pairs, wanted)
        except IntegrityError:
            # Another request took one of them in the same moment: look again at what is left.
            db.session.rollback()
    return Accepted(0, len(pairs))


def _accept(user_id: int, community_id: int, pairs: Mapping[int, Shelf], wanted: Iterable[Good]) -> Accepted:
    rows = _foreign(user_id, community_id, pairs)
    # Whoever leads the same community in another account keeps what is theirs.
    taken = select(Listing.sku, Listing.item_id, Listing.state, Listing.changed_at)
    skus, item_ids, being_added, from_now = set(), set(), set(), patience()
    for sku, item_id, state, changed_at in db.session.execute(
        taken.where(Listing.community_id == community_id)
    ):
        skus.add(sku)
        item_ids.add(item_id)
        if state == SENDING and item_id is None and from_now.covers(changed_at):
            # What bears this sku is of whoever adds it just now, and does not know its number yet.
            being_added.add(sku)
    book = SkuBook(wanted, skus)
    listed = listed_keys(user_id, community_id)
    absent = _absent(user_id, community_id)
    place = {"user_id": user_id, "community_id": community_id}
    replaced: list[int] = []
    new: list[dict[str, Any]] = []
    behind: list[list[Key]] = []
    for item_id, shelf in sorted(pairs.items()):
        keys = [good.key for good in shelf]
        row = rows.get(item_id)
        if row is None or item_id in item_ids or row.sku in being_added or listed.intersection(keys):
            continue
        freed = dict(absent[key] for key in keys if key in absent)
        replaced += freed
        skus -= set(freed.values())
        own = next(iter(freed.values()), None) or book.give(shelf[0])
        sku = row.sku if row.sku and row.sku not in skus else own
        state = LIVE if row.is_available else HIDDEN
        seen = {"seen": {**row.seen, SKU: row.sku or ""}, "seen_at": row.seen_at}
        new.append({**place, "sku": sku, "item_id": item_id, "state": state, **seen})
        behind.append(keys)
        skus.add(sku)
        listed.update(keys)
    if new:
        db.session.execute(delete(Listing).where(Listing.id.in_(replaced)))
        _write(user_id, community_id, new, behind)
        note_new_plan(user_id)
    db.session.commit()
    return Accepted(len(new), len(pairs) - len(new))


def _absent(user_id: int, community_id: int) -> dict[Key, tuple[int, str]]:
    """The key and the sku of listings that VK has not, by the goods behind them: a pair takes their place."""
    rows = db.session.execute(
        select(ListingGood.store_evotor_id, ListingGood.evotor_id, Listing.id, Listing.sku)
        .join(Listing, Listing.id == ListingGood.listing_id)
        .where(Listing.user_id == user_id, Listing.community_id == community_id, _IS_ABSENT)
    )
    return {(store_id, product_id): (key, sku) for store_id, product_id, key, sku in rows}


def _write(
    user_id: int, community_id: int, new: list[dict[str, Any]], behind: Iterable[Sequence[Key]]
) -> None:
    """Write listings with the goods behind each; thousands at once, because a shop is paired in one click."""
    added = insert(Listing).returning(Listing.id, sort_by_parameter_order=True)
    ids = db.session.scalars(added, new).all()
    goods = (rows_behind(each, user_id, keys) for each, keys in zip(ids, behind, strict=True))
    db.session.execute(insert(ListingGood), list(chain.from_iterable(goods)))
    foreign = delete(ForeignListing).filter_by(user_id=user_id, community_id=community_id)
    for item_ids in in_parts((row["item_id"] for row in new), VALUES_A_STATEMENT):
        db.session.execute(foreign.where(ForeignListing.item_id.in_(item_ids)))


def call_other(user_id: int, community_id: int, item_id: int, *, is_other: bool) -> bool:
    """Note that a listing is none of the owner's goods, or may be after all; False: it is theirs. Commits."""
    row = _foreign(user_id, community_id, [item_id]).get(item_id)
    if row is not None:
        row.is_other = is_other
        note_new_plan(user_id)
    db.session.commit()
    return row is not None


def _foreign(user_id: int, community_id: int, item_ids: Iterable[int]) -> dict[int, ForeignListing]:
    foreign = select(ForeignListing).filter_by(user_id=user_id, community_id=community_id)
    return {
        row.item_id: row
        for ids in in_parts(sorted(item_ids), VALUES_A_STATEMENT)
        for row in db.session.scalars(foreign.where(ForeignListing.item_id.in_(ids)))
    }
