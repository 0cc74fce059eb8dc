"""The ledger as the plan sees it: read whole, written back listing by listing."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

import msgspec
from sqlalchemy import Text, cast, select, union_all

from app.data.db import db
from app.publishing.ledger.as_sql import of_others
from app.publishing.ledger.models import NOT_IN_VK, ForeignListing, Listing, ListingGood
from app.publishing.planning.existing import NOTHING, SENDING, Entry, Fields, ForeignItem, Listed
from app.publishing.planning.good import Key

_listings = Listing.__table__
_goods = ListingGood.__table__
# Listings that are asked for by their numbers; more are read with all others.
_FEW = 500
_decode = msgspec.json.Decoder(dict[str, Any]).decode


def listed_of(user_id: int, community_id: int) -> list[Listed]:
    """Read of every listing of the owner's in a community what is short, in the order in which they came."""
    columns = (_listings.c.id, _listings.c.sku, _listings.c.item_id, _listings.c.state)
    rows = db.session.execute(
        select(*columns, _listings.c.revision, _listings.c.settled)
        .where(_listings.c.user_id == user_id, _listings.c.community_id == community_id)
        .order_by(_listings.c.id)
    ).all()
    goods = _goods_behind(user_id, community_id)
    return [
        Listed(listing_id, sku, item_id, state, goods.get(listing_id, ()), revision, settled)
        for listing_id, sku, item_id, state, revision, settled in rows
    ]


def read_whole(user_id: int, community_id: int, listed: Collection[Listed]) -> list[Entry]:
    """Read all fields of some listings of a community, in the order in which they came.

    What has gone from the ledger since is left out.
    """
    goods = {entry.listing_id: entry.goods for entry in listed}
    statement = (
        select(
            _listings.c.id,
            _listings.c.sku,
            _listings.c.item_id,
            _listings.c.state,
            # As text: four JSON columns of 15 000 rows are read three times as fast this way.
            cast(_listings.c.sent, Text),
            cast(_listings.c.seen, Text),
            cast(_listings.c.owners, Text),
            cast(_listings.c.refused, Text),
            _listings.c.problem,
            _listings.c.revision,
            _listings.c.settled,
        )
        .where(_listings.c.user_id == user_id, _listings.c.community_id == community_id)
        .order_by(_listings.c.id)
    )
    if len(goods) <= _FEW:
        statement = statement.where(_listings.c.id.in_(goods))
    return [
        Entry(
            *(listing_id, sku, item_id, state, _fields(sent), _fields(seen), goods[listing_id]),
            *(_fields(owners), _fields(refused), problem, revision, settled),
        )
        for listing_id, sku, item_id, state, sent, seen, owners, refused, problem, revision, settled in (
            db.session.execute(statement).all()
        )
        if listing_id in goods
    ]


def entries_of(user_id: int, community_id: int) -> list[Entry]:
    """Read every listing of the owner's in a community, in the order in which they came."""
    return read_whole(user_id, community_id, listed_of(user_id, community_id))


def listed_together(entries: Iterable[Entry | Listed]) -> dict[Key, int]:
    """The listings of goods that stand behind one with others."""
    return {key: entry.listing_id for entry in entries if len(entry.goods) > 1 for key in entry.goods}


def foreign_of(user_id: int, community_id: int) -> list[ForeignItem]:
    """Read what the last reading saw in the community that is not ours."""
    rows = db.session.scalars(
        select(ForeignListing)
        .filter_by(user_id=user_id, community_id=community_id)
        .order_by(ForeignListing.item_id)
    )
    return [
        ForeignItem(
            item_id=row.item_id,
            name=row.name,
            sku=row.sku,
            price=row.seen.get("price"),
            is_available=row.is_available,
            is_other=row.is_other,
        )
        for row in rows
    ]


def kept_by_others(user_id: int, community_id: int) -> set[str]:
    """The skus that other accounts keep in a community for goods that VK has not: nobody else can have them.

    What VK has is read from there, and asked about. What one was adding when its run ended it keeps, too, and
    for ever if it never comes back.
    """
    theirs = select(Listing.sku).where(of_others(user_id, community_id))
    # Each by an index of its own.
    being_added = theirs.where(Listing.item_id.is_(None), Listing.state == SENDING)
    return set(db.session.scalars(union_all(theirs.where(NOT_IN_VK), being_added)))


class _Unread(Mapping[str, Any]):
    """Fields as stored, read when somebody asks for one: of most listings nobody does."""

    __slots__ = ("_found", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._found: Fields | None = None

    def get(self, name: str, default: Any = None) -> Any:
        return self._fields.get(name, default)

    def __getitem__(self, name: str) -> Any:
        return self._fields[name]

    def __contains__(self, name: object) -> bool:
        return name in self._fields

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def __repr__(self) -> str:
        return repr(self._fields)

    @property
    def _fields(self) -> Fields:
        if self._found is None:
            self._found = _decode(self._text)
        return self._found


def _fields(text: str) -> Fields:
    return NOTHING if text == "{}" else _Unread(text)


def _goods_behind(user_id: int, community_id: int) -> dict[int, tuple[Key, ...]]:
    rows = db.session.execute(
        select(_goods.c.listing_id, _goods.c.store_evotor_id, _goods.c.evotor_id)
        .join(_listings, _listings.c.id == _goods.c.listing_id)
        .where(_listings.c.user_id == user_id, _listings.c.community_id == community_id)
        .order_by(_goods.c.listing_id, _goods.c.place)
    ).all()
    found: defaultdict[int, list[Key]] = defaultdict(list)
    for listing_id, store_id, evotor_id in rows:
        found[listing_id].append((store_id, evotor_id))
    return {listing_id: tuple(keys) for listing_id, keys in found.items()}
