"""The community's shop as a run works with it: fields of the ledger become calls of VK, and back."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from app.clients.errors import CloudError, Unavailable, UnknownOutcome
from app.clients.vk.batch import Outcome, refused, run_batch, split
from app.clients.vk.call import Call
from app.clients.vk.market import Fields, Market
from app.clients.vk.market_payload import Album, Availability, Item
from app.clients.vk.session import VkSession
from app.publishing.planning import prices
from app.publishing.planning.existing import (
    ALBUMS,
    AVAILABLE,
    CATEGORY,
    DESCRIPTION,
    NAME,
    OLD_PRICE,
    PHOTO_IDS,
    PRICE,
    SKU,
    STOCK,
)
from app.publishing.planning.reading import ReadItem


class Shop:
    """One community's shop."""

    def __init__(self, session: VkSession, community_id: int) -> None:
        self._session = session
        self._market = Market(session, community_id)

    def add(self, sku: str, fields: Mapping[str, Any]) -> Call[int]:
        """The call that adds a listing; its result is VK's number of it."""
        return self._market.adding(_fields({**fields, SKU: sku}))

    def edit(self, item_id: int, fields: Mapping[str, Any], *, is_available: bool) -> Call[None]:
        """The call that changes these fields of a listing and leaves the others.

        Whether it is available goes along each time: VK may show again what an edit does not say to hide.
        """
        return self._market.editing(item_id, _fields({AVAILABLE: is_available, **fields}))

    def delete(self, item_id: int) -> Call[None]:
        """The call that deletes a listing for its owner's word; one that is gone counts as deleted."""
        return self._market.deleting(item_id)

    def restore(self, item_id: int) -> Call[bool]:
        """The call that brings a deleted listing back; its result is False when VK has none to bring back."""
        return self._market.restoring(item_id)

    def skus(self, item_ids: Collection[int]) -> dict[int, str]:
        """Read the skus that listings bear in VK, by their numbers; those without one are absent."""
        shown = self._market.get_by_id(sorted(item_ids))
        return {item.id: item.sku for item in shown.values() if item.sku}

    def titles(self, album_ids: Collection[int]) -> dict[int, str]:
        """Read the titles of albums by their numbers."""
        return {album.id: album.title for album in self.albums(sorted(album_ids)).values()}

    def albums(self, album_ids: Sequence[int]) -> dict[int, Album]:
        """Read albums by their ids; those that do not exist are absent."""
        return {album.id: album for album in self._market.get_album_by_id(album_ids).albums}

    def make_album(self, title: str) -> Call[int]:
        """The call that adds an album; its result is VK's number of it."""
        return self._market.adding_album(title)

    def rename_album(self, album: Album, title: str) -> Call[None]:
        """The call that gives an album another title and leaves all else that VK showed of it."""
        return self._market.editing_album(album._replace(title=title))

    def remove_album(self, album_id: int) -> Call[None]:
        """The call that deletes an album; its goods stay."""
        return self._market.deleting_album(album_id)

    def put(self, item_ids: Sequence[int], album_id: int) -> Call[None]:
        """The call that puts listings into an album."""
        return self._market.adding_to_album(item_ids, [album_id])

    def take_out(self, item_id: int, album_id: int) -> Call[None]:
        """The call that takes a listing out of an album."""
        return self._market.removing_from_album(item_id, [album_id])

    def together(self, calls: Sequence[Call[Any]]) -> Iterable[Outcome[Any]]:
        """Make the calls in as few requests as VK takes, in their order; give what became of each.

        After a refusal that stops everything the calls that are left are not made: they share its error.
        """
        stopped: CloudError | None = None
        for part in split(calls):
            if stopped is None:
                try:
                    outcomes, stopped = run_batch(self._session, part)
                except CloudError as error:
                    outcomes, stopped = refused(part, error)
                yield from outcomes
            else:
                yield from (Outcome(call, error=_not_made(stopped)) for call in part)


def as_read(item: Item) -> ReadItem:
    """What VK shows of a listing, by the ledger's names; a field that it did not send is left out."""
    fields = {
        NAME: item.title or None,
        DESCRIPTION: item.description,
        PRICE: None if item.price is None else prices.written(item.price),
        OLD_PRICE: None if item.old_price is None else prices.written(item.old_price),
        CATEGORY: item.category_id,
        PHOTO_IDS: None if item.photo_ids is None else list(item.photo_ids),
        AVAILABLE: item.availability is not Availability.UNAVAILABLE,
        STOCK: item.stock,
        SKU: item.sku or "",
        ALBUMS: None if item.album_ids is None else list(item.album_ids),
    }
    shown = {name: value for name, value in fields.items() if value is not None}
    return ReadItem(item.id, item.sku, shown, item.rejected)


def _not_made(stopped: CloudError) -> CloudError:
    """Why a call was not made after one that nobody knows the outcome of: this one VK has not heard of."""
    return Unavailable("not sent") if isinstance(stopped, UnknownOutcome) else stopped


def _fields(fields: Mapping[str, Any]) -> Fields:
    price, old_price, photo_ids = fields.get(PRICE), fields.get(OLD_PRICE), fields.get(PHOTO_IDS)
    return Fields(
        hidden=not fields[AVAILABLE],
        name=fields.get(NAME),
        description=fields.get(DESCRIPTION),
        category_id=fields.get(CATEGORY),
        price=None if price is None else Decimal(price),
        old_price=None if old_price is None else Decimal(old_price),
        photo_ids=None if photo_ids is None else tuple(photo_ids),
        sku=fields.get(SKU),
        stock=fields.get(STOCK),
    )
