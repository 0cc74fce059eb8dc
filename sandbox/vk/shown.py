"""Items, albums and photos in the shapes of VK's schema 5.199."""

from typing import Any

from sandbox.vk.categories import category
from sandbox.vk.goods import AVAILABLE, PHOTO_ALBUM, Album, Item, Market, Photo
from sandbox.vk.texts import price_text

RUBLE = {"id": 643, "name": "RUB", "title": "₽"}
# Types of sizes and the longer side of each, in pixels.
SIDES = {"s": 75, "m": 130, "x": 604, "y": 807, "z": 1080, "w": 2560}
THUMB_SIDE = 200


class Shown:
    """Show what a market holds; `leads` tells whether the reader may change it, `host` is VK's address."""

    def __init__(self, market: Market, host: str, *, leads: bool) -> None:
        self.market = market
        self.host = host
        self.leads = leads
        self._albums: dict[int, list[int]] | None = None

    def item(self, item: Item, *, extended: bool) -> dict[str, Any]:
        """Show an item; with albums, photos and rights when extended."""
        photos = [self.market.photos[photo_id] for photo_id in item.photos]
        shown: dict[str, Any] = {
            "id": item.id,
            "owner_id": -self.market.community_id,
            "title": item.title,
            "description": item.description,
            "price": shown_price(item),
            "category": category(item.category_id),
            "category_v2": category(item.category_id),
            "availability": item.availability,
            "is_owner": self.leads,
            "is_adult": False,
            "is_favorite": False,
        }
        if photos:
            shown["thumb_photo"] = self.picture(photos[0].digest, THUMB_SIDE)
        if item.sku:
            shown["sku"] = item.sku
        if item.url:
            shown |= {"url": item.url, "button_title": "Перейти в магазин"}
        if item.stock_amount >= 0:
            shown["stock_amount"] = item.stock_amount
        if item.size:
            width, height, length, weight = item.size
            shown |= {"dimensions": {"width": width, "height": height, "length": length}, "weight": weight}
        if self.leads:
            shown["date"] = int(item.created_at)
        if item.reject:
            shown["reject_info"] = {"title": "Товар отклонён модератором", "description": item.reject}
        return shown | self._rest(item, photos) if extended else shown

    def album(self, album: Album) -> dict[str, Any]:
        """Show an album."""
        shown: dict[str, Any] = {
            "id": album.id,
            "owner_id": -self.market.community_id,
            "title": album.title,
            "count": len(album.items),
            "is_main": album.is_main,
            "is_hidden": album.is_hidden,
            "updated_time": int(album.changed_at),
            "type": 0,
            "is_blur_enabled": False,
        }
        cover = self.market.photos.get(album.photo_id or 0)
        return {**shown, "photo": self.photo(cover)} if cover else shown

    def photo(self, photo: Photo) -> dict[str, Any]:
        """Show a photo with the addresses of its sizes."""
        longer = max(photo.width, photo.height)
        sizes = []
        for kind, side in SIDES.items():
            scale = min(1.0, side / longer)
            size = {"width": round(photo.width * scale), "height": round(photo.height * scale)}
            sizes.append({"type": kind, "url": self.picture(photo.digest, side), **size})
            if side >= longer:
                break
        return {
            "album_id": PHOTO_ALBUM,
            "date": int(photo.saved_at),
            "id": photo.id,
            "owner_id": -self.market.community_id,
            "user_id": 100,
            "sizes": sizes,
            "text": "",
            "has_tags": False,
        }

    def picture(self, digest: str, side: int) -> str:
        """Return the address of a picture no larger than this."""
        return f"{self.host}vk-pictures/{digest}/{side}"

    def _rest(self, item: Item, photos: list[Photo]) -> dict[str, Any]:
        return {
            "albums_ids": self._albums_of(item),
            "photos": [self.photo(photo) for photo in photos],
            "videos": [],
            "can_comment": 0,
            "can_repost": 1,
            "can_edit": self.leads,
            "can_delete": self.leads,
            "can_recover": self.leads and item.deleted_at is not None,
            "likes": {"count": 0, "user_likes": 0},
            "reposts": {"count": 0, "user_reposted": 0},
            "views_count": 0,
            "orders_count": 0,
        }

    def _albums_of(self, item: Item) -> list[int]:
        # Asked for each item of a page: looking through every album anew would take their product.
        if self._albums is None:
            self._albums = {}
            for album in self.market.albums.values():
                for item_id in album.items:
                    self._albums.setdefault(item_id, []).append(album.id)
        return self._albums.get(item.id, [])


def shown_price(item: Item) -> dict[str, Any]:
    """Show a price: hundredths as strings; the old one only where it makes a discount."""
    shown: dict[str, Any] = {
        "amount": str(item.price),
        "currency": RUBLE,
        "price_type": 0,
        "price_unit": 0,
        "text": price_text(item.price),
    }
    if item.old_price > item.price:
        shown |= {
            "old_amount": str(item.old_price),
            "old_amount_text": price_text(item.old_price),
            "discount_rate": -round(100 * (item.old_price - item.price) / item.old_price),
        }
    return shown


def is_shown(item: Item, *, with_disabled: bool) -> bool:
    """Tell whether a list shows the item."""
    return with_disabled or item.availability == AVAILABLE
