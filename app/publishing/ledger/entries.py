"""The ledger as the plan sees it: read whole, written back listing by listing."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

import msgspec
from sqlalchemy import Text, and_, bindparam, cast, func, select, union_all

from app.data.compiled import read_rows
from app.data.db import db
from app.publishing.ledger.as_sql import COMMUNITY_ID, IS_OF_OTHERS, OWNED, USER_ID
from app.publishing.ledger.models import NOT_IN_VK, ForeignListing, Listing, ListingGood
from app.publishing.planning.existing import (
    DESCRIPTION,
    LIVE,
    NOTHING,
    PRICE,
    SENDING,
    Entry,
    Fields,
    ForeignItem,
    Listed,
)
from app.publishing.planning.good import Key
from app.publishing.planning.packing import LETTERS_UNPACKED, packed, unpacked

_listings = Listing.__table__
_goods = ListingGood.__table__
_foreign = ForeignListing.__table__
# Listings that are asked for by their numbers; more are read with all others.
_FEW = 500
# More than so many are not held as the database writes them: each may have a quarter of a megabyte.
_ROWS_A_CHUNK = 100
# Shorter ones are left as they came.
_SHORT = 1000
_LISTED = (
    select(
        *(_listings.c.id, _listings.c.sku, _listings.c.item_id, _listings.c.state),
        *(_listings.c.revision, _listings.c.settled),
    )
    .where(*OWNED)
    .order_by(_listings.c.id)
)
_GOODS_BEHIND = (
    select(_goods.c.listing_id, _goods.c.store_evotor_id, _goods.c.evotor_id)
    .join(_listings, _listings.c.id == _goods.c.listing_id)
    .where(*OWNED)
    .order_by(_goods.c.listing_id, _goods.c.place)
)
_WHOLE = (
    select(
        *(_listings.c.id, _listings.c.sku, _listings.c.item_id, _listings.c.state),
        # As text: four JSON columns of 15 000 rows are read three times as fast this way.
        *(cast(_listings.c.sent, Text), cast(_listings.c.seen, Text)),
        *(cast(_listings.c.owners, Text), cast(_listings.c.refused, Text)),
        *(_listings.c.problem, _listings.c.revision, _listings.c.settled),
    )
    .where(*OWNED)
    .order_by(_listings.c.id)
)
_FEW_WHOLE = _WHOLE.where(_listings.c.id.in_(bindparam("ids", expanding=True)))
_theirs = _listings.alias("theirs")
_FOREIGN = (
    # Of what VK showed of it the price alone: descriptions of tens of thousands are left where they are.
    select(
        *(_foreign.c.item_id, _foreign.c.name, func.coalesce(_theirs.c.sku, _foreign.c.sku)),
        *(_foreign.c.seen[PRICE].as_string(), _foreign.c.is_available, _foreign.c.is_other),
    )
    .outerjoin(
        _theirs,
        and_(
            *(_theirs.c.community_id == COMMUNITY_ID, _theirs.c.item_id == _foreign.c.item_id),
            _theirs.c.user_id != USER_ID,
        ),
    )
    .where(_foreign.c.user_id == USER_ID, _foreign.c.community_id == COMMUNITY_ID)
    .order_by(_foreign.c.item_id)
)
_THEIRS = select(Listing.sku).where(IS_OF_OTHERS)
# Each by an index of its own.
_KEPT_BY_OTHERS = union_all(
    _THEIRS.where(NOT_IN_VK), _THEIRS.where(Listing.item_id.is_(None), Listing.state == SENDING)
)
_decode = msgspec.json.Decoder(dict[str, Any]).decode


def listed_of(user_id: int, community_id: int) -> list[Listed]:
    """Read of every listing of the owner's in a community what is short, in the order in which they came."""
    rows = read_rows(_LISTED, {"user_id": user_id, "community_id": community_id})
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
    place: dict[str, Any] = {"user_id": user_id, "community_id": community_id}
    statement = _WHOLE
    if len(goods) <= _FEW:
        statement, place = _FEW_WHOLE, place | {"ids": list(goods)}
    options = {"yield_per": _ROWS_A_CHUNK} if len(goods) > _ROWS_A_CHUNK else {}
    fields = _FieldsReader().fields
    with db.session.execute(statement, place, execution_options=options) as rows:
        return [
            Entry(
                *(listing_id, sku, item_id, state, fields(sent), fields(seen), goods[listing_id]),
                *(fields(owners), fields(refused), *rest),
            )
            for listing_id, sku, item_id, state, sent, seen, owners, refused, *rest in rows
            if listing_id in goods
        ]


def entries_of(user_id: int, community_id: int) -> list[Entry]:
    """Read every listing of the owner's in a community, in the order in which they came."""
    return read_whole(user_id, community_id, listed_of(user_id, community_id))


def listed_together(entries: Iterable[Entry | Listed]) -> dict[Key, int]:
    """The listings of goods that stand behind one with others, and are not to be seen by themselves."""
    entries = list(entries)
    alone = {key for entry in entries if entry.state == LIVE for key in entry.goods[:1]}
    return {
        key: entry.listing_id
        for entry in entries
        if len(entry.goods) > 1
        for place, key in enumerate(entry.goods)
        if not place or key not in alone
    }


def foreign_of(user_id: int, community_id: int) -> list[ForeignItem]:
    """Read what the last reading saw in the community that is not ours.

    What another account leads bears the sku that it has there, whatever has been made of it in VK by hand.
    """
    rows = read_rows(_FOREIGN, {"user_id": user_id, "community_id": community_id})
    return [ForeignItem(*row) for row in rows]


def kept_by_others(user_id: int, community_id: int) -> set[str]:
    """The skus that other accounts keep in a community for goods that VK has not: nobody else can have them.

    What VK has is read from there, and asked about. What one was adding when its run ended it keeps, too, and
    for ever if it never comes back.
    """
    place = {"user_id": user_id, "community_id": community_id}
    return {sku for (sku,) in read_rows(_KEPT_BY_OTHERS, place)}


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


class _Packed(Mapping[str, Any]):
    """Fields of which the description is unpacked when somebody asks for it."""

    __slots__ = ("_found",)

    def __init__(self, text: str) -> None:
        self._found = _decode(text)
        if isinstance(told := self._found.get(DESCRIPTION), str):
            self._found[DESCRIPTION] = packed(told)

    def __getitem__(self, name: str) -> Any:
        value = self._found[name]
        return unpacked(value) if isinstance(value, bytes) else value

    def __contains__(self, name: object) -> bool:
        return name in self._found

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    def __repr__(self) -> str:
        return repr(dict(self))


class _FieldsReader:
    """Reads fields of many listings, packing long ones once there are many letters of them."""

    def __init__(self) -> None:
        self._room = LETTERS_UNPACKED

    def fields(self, text: str) -> Fields:
        if text == "{}":
            return NOTHING
        self._room -= len(text)
        return _Unread(text) if self._room > 0 or len(text) <= _SHORT else _Packed(text)


def _goods_behind(user_id: int, community_id: int) -> dict[int, tuple[Key, ...]]:
    rows = read_rows(_GOODS_BEHIND, {"user_id": user_id, "community_id": community_id})
    found: defaultdict[int, list[Key]] = defaultdict(list)
    for listing_id, store_id, evotor_id in rows:
        found[listing_id].append((store_id, evotor_id))
    return {listing_id: tuple(keys) for listing_id, keys in found.items()}
