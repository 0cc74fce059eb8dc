"""Read the shop of a community: strict about what identifies a thing, tolerant of the rest."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from enum import IntEnum
from typing import Any, NamedTuple, TypeVar

from app.clients.errors import BadPayload
from app.clients.vk.fields import (
    COUNT_END,
    NAME_LENGTH,
    ids,
    optional_id,
    read_id,
    read_items,
    read_object,
    roubles,
    unescaped_text,
    web_address,
    whole_number,
)

TEXT_LENGTH = 20_000
SKU_LENGTH = 50
# VK's level of a person in a community: 1 moderates, 2 edits, 3 administrates.
EDITOR = 2

T = TypeVar("T")


class Availability(IntEnum):
    """Whether an item can be bought; only the first is seen by visitors."""

    AVAILABLE = 0
    REMOVED = 1
    UNAVAILABLE = 2


class Item(NamedTuple):
    """One good as VK shows it: texts without HTML escapes, prices in roubles, the main photo first.

    None: VK did not say. `stock` −1 is unlimited; `rejected` is why a moderator refused it.
    """

    id: int
    title: str
    description: str | None
    price: Decimal | None
    old_price: Decimal | None
    availability: Availability | None
    sku: str | None
    category_id: int | None
    photo_ids: tuple[int, ...] | None
    album_ids: tuple[int, ...] | None
    url: str | None
    stock: int | None
    rejected: str | None


class Page(NamedTuple):
    """A page of a list: `total` as VK counts all of them, None when it does not; `sent` as many as came."""

    total: int | None
    items: list[Item]
    sent: int


class Album(NamedTuple):
    """An album («подборка»); `size` is how many items are in it, `photo_id` its cover, None without one."""

    id: int
    title: str
    size: int
    is_main: bool
    is_hidden: bool
    photo_id: int | None = None


class AlbumPage(NamedTuple):
    """A page of albums; `total` and `sent` as of a page of goods."""

    total: int | None
    albums: list[Album]
    sent: int


class Shop(NamedTuple):
    """The state of a community's shop; `kind` is basic, advanced or none, None when VK does not say.

    `is_led`: whoever asks may change its goods, and sees those that are not available.
    """

    is_on: bool
    kind: str | None
    main_album_id: int | None
    is_led: bool = False


def page_reader(community_id: int) -> Callable[[Any], Page]:
    """Return a reader of `market.get`; what claims to be another community's is left out of its pages."""

    def read(response: Any) -> Page:
        response = read_object(response)
        items = read_items(response.get("items"))
        total = whole_number(response.get("count"))
        return Page(total, [_item(each) for each in items if _is_of(community_id, each)], len(items))

    return read


def albums_reader(community_id: int) -> Callable[[Any], AlbumPage]:
    """Return a reader of `market.getAlbums`, as above."""

    def read(response: Any) -> AlbumPage:
        response = read_object(response)
        items = read_items(response.get("items"))
        total = whole_number(response.get("count"))
        return AlbumPage(total, [_album(each) for each in items if _is_of(community_id, each)], len(items))

    return read


def read_shop(response: Any) -> Shop:
    """Read `groups.getById` of one community, in its newer and its older shape."""
    groups = response.get("groups") if isinstance(response, dict) else response
    group = read_object(next(iter(read_items(groups)), None))
    market = group.get("market")
    is_led = (whole_number(group.get("admin_level")) or 0) >= EDITOR
    if not isinstance(market, dict):
        return Shop(False, None, None, is_led)
    kind = market.get("type")
    return Shop(
        market.get("enabled") in (1, True),
        kind if isinstance(kind, str) and len(kind) <= NAME_LENGTH else None,
        optional_id(market.get("main_album_id")),
        is_led,
    )


def read_new_id(name: str) -> Callable[[Any], int]:
    """Return a reader of the id of what was just made."""
    return lambda response: read_id(read_object(response).get(name))


def read_upload_address(response: Any) -> str:
    """Read where pictures are to be sent."""
    address = web_address(read_object(response).get("upload_url"))
    if address is None:
        raise BadPayload("the answer has no upload address")
    return address


def read_done(response: Any) -> None:
    """Take the 1 of a method that only says that it has done its work."""
    if response not in (1, "1"):
        raise BadPayload("the method does not say that it is done")


def read_restored(response: Any) -> bool:
    """Tell whether the item came back; 0 means that it was not among the deleted ones."""
    if type(response) is not int or response not in (0, 1):
        raise BadPayload("the method does not say what it did")
    return response == 1


def _item(item: dict[str, Any]) -> Item:
    price = item.get("price")
    price = price if isinstance(price, dict) else {}
    category = item.get("category")
    return Item(
        id=read_id(item.get("id")),
        title=unescaped_text(item.get("title"), TEXT_LENGTH) or "",
        description=unescaped_text(item.get("description"), TEXT_LENGTH),
        price=roubles(price.get("amount")),
        old_price=roubles(price.get("old_amount")),
        availability=_availability(item.get("availability")),
        sku=unescaped_text(item.get("sku"), SKU_LENGTH),
        category_id=optional_id(category.get("id")) if isinstance(category, dict) else None,
        photo_ids=ids(item.get("photos"), lambda photo: read_object(photo).get("id")),
        album_ids=ids(item.get("albums_ids"), lambda album_id: album_id),
        url=web_address(item.get("url")),
        stock=whole_number(item.get("stock_amount")),
        rejected=_reason(item.get("reject_info")),
    )


def _album(album: dict[str, Any]) -> Album:
    cover = album.get("photo")
    return Album(
        read_id(album.get("id")),
        unescaped_text(album.get("title"), NAME_LENGTH) or "",
        _count(album.get("count")),
        album.get("is_main") in (1, True),
        album.get("is_hidden") in (1, True),
        optional_id(cover.get("id")) if isinstance(cover, dict) else None,
    )


def _count(value: Any) -> int:
    """Return how many there are, none where VK says what cannot be."""
    number = whole_number(value) or 0
    return number if 0 <= number < COUNT_END else 0


def _is_of(community_id: int, thing: Any) -> bool:
    owner = whole_number(read_object(thing).get("owner_id", -community_id))
    if owner is None:
        raise BadPayload("an owner is not a number")
    return owner == -community_id


def _availability(value: Any) -> Availability | None:
    number = whole_number(value)
    return Availability(number) if number in (0, 1, 2) else None


def _reason(value: Any) -> str | None:
    if not isinstance(value, dict):
        return None
    told = (unescaped_text(value.get(name), NAME_LENGTH) for name in ("description", "title"))
    return next(filter(None, told), None)
