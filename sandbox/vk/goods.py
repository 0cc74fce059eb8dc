"""The market of one community: its items, albums and photos, as its administrators would touch them."""

import time
from dataclasses import dataclass, field
from itertools import count
from typing import Any

AVAILABLE, REMOVED, UNAVAILABLE = 0, 1, 2
PHOTO_ALBUM = -53
FIRST_PHOTO = 457_239_017


@dataclass
class Photo:
    """A saved photo; it may belong to one item, and once taken off it is gone for good."""

    id: int
    width: int
    height: int
    digest: str
    saved_at: float
    item_id: int | None = None
    gone: bool = False


@dataclass
class Item:
    """One item; prices in hundredths, `photos` ids with the main one first, `size` in mm and g."""

    id: int
    title: str
    description: str
    category_id: int
    price: int
    photos: list[int] = field(default_factory=list)
    old_price: int = 0
    hidden: bool = False
    sku: str = ""
    url: str = ""
    stock_amount: int = -1
    size: tuple[int, int, int, int] | None = None
    created_at: float = field(default_factory=time.time)
    changed_at: float = field(default_factory=time.time)
    deleted_at: float | None = None
    # The words of the moderators when they refused the item.
    reject: str = ""

    @property
    def availability(self) -> int:
        """0 available, 1 removed, 2 unavailable."""
        if self.deleted_at is not None:
            return REMOVED
        return UNAVAILABLE if self.hidden or self.stock_amount == 0 else AVAILABLE


@dataclass
class Album:
    """An album; `items` keeps their order."""

    id: int
    title: str
    is_main: bool = False
    is_hidden: bool = False
    photo_id: int | None = None
    items: list[int] = field(default_factory=list)
    changed_at: float = field(default_factory=time.time)
    # One that nobody has just made was there from the beginning.
    created_at: float = 0.0


class Market:
    """The items, albums and photos of a community; `order` shows its living items as arranged."""

    def __init__(self, community_id: int, first_item: int = 1) -> None:
        self.community_id = community_id
        self.items: dict[int, Item] = {}
        self.albums: dict[int, Album] = {}
        self.photos: dict[int, Photo] = {}
        self.order: list[int] = []
        # When items were added by the API, for the quota of a day.
        self.added_at: list[float] = []
        self._item_ids, self._album_ids, self._photo_ids = count(first_item), count(1), count(FIRST_PHOTO)

    def living(self) -> list[Item]:
        """Return the items that are not deleted, as arranged."""
        return [self.items[item_id] for item_id in self.order]

    def with_sku(self, sku: str) -> list[Item]:
        """Return the living items with this sku: two of them are a duplicate."""
        return [item for item in self.living() if item.sku == sku]

    def add_item(self, title: str, price: int = 10_000, **fields: Any) -> Item:
        """Put a new item first, as an administrator does by hand; keywords are fields of Item."""
        known = {"description": f"{title}: добавлено вручную.", "category_id": 1}
        item = Item(next(self._item_ids), title, price=price, **{**known, **fields})
        self.items[item.id] = item
        self.order.insert(0, item.id)
        for photo_id in item.photos:
            self.photos[photo_id].item_id = item.id
        return item

    def change(self, item_id: int, **fields: Any) -> Item:
        """Change fields of an item by hand; KeyError for an unknown id, ValueError for a field."""
        item = self.items[item_id]
        for name, value in fields.items():
            if not hasattr(item, name):
                raise ValueError(f"unknown field: {name}")
            setattr(item, name, value)
        item.changed_at = time.time()
        return item

    def hide(self, item_id: int) -> None:
        """Make an item unavailable by hand."""
        self.change(item_id, hidden=True)

    def show(self, item_id: int) -> None:
        """Make an item available by hand."""
        self.change(item_id, hidden=False)

    def reject(self, item_id: int, why: str) -> None:
        """Let the moderators refuse an item; an empty `why` lets it pass."""
        self.change(item_id, reject=why)

    def delete(self, item_id: int, at: float | None = None) -> None:
        """Delete an item; it loses its places in albums and keeps its photos."""
        self.items[item_id].deleted_at = time.time() if at is None else at
        self.order.remove(item_id)
        for album in self.albums.values():
            if item_id in album.items:
                album.items.remove(item_id)

    def restore(self, item_id: int) -> None:
        """Return a deleted item to the first place."""
        self.items[item_id].deleted_at = None
        self.order.insert(0, item_id)

    def add_album(self, title: str, **fields: Any) -> Album:
        """Add an album by hand; keywords are fields of Album."""
        album = Album(next(self._album_ids), title, **fields)
        self.albums[album.id] = album
        return album

    def albums_of(self, item_id: int) -> list[int]:
        """Return the ids of the albums that hold the item."""
        return [album.id for album in self.albums.values() if item_id in album.items]

    def add_photo(self, width: int, height: int, digest: str, saved_at: float | None = None) -> Photo:
        """Keep a photo that no item has yet."""
        at = time.time() if saved_at is None else saved_at
        photo = Photo(next(self._photo_ids), width, height, digest, at)
        self.photos[photo.id] = photo
        return photo

    def set_photos(self, item: Item, photo_ids: list[int]) -> None:
        """Give an item these photos; the ones it loses are gone."""
        for photo_id in set(item.photos) - set(photo_ids):
            self.photos[photo_id].gone = True
        for photo_id in photo_ids:
            self.photos[photo_id].item_id = item.id
        item.photos = photo_ids
