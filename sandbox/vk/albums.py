"""The methods of albums («подборки»)."""

from typing import Any

from sandbox.vk.goods import Album, Market
from sandbox.vk.items_written import moved
from sandbox.vk.method import Call, Methods
from sandbox.vk.refused import Refused
from sandbox.vk.shown import Shown

METHODS = Methods()
LONGEST_TITLE = 128


@METHODS.method("market.addAlbum", "owner_id title photo_id main_album is_hidden", writes=True)
def add(call: Call) -> dict[str, int]:
    """Add an album; an equal title is no obstacle."""
    market = call.own_shop()
    fields = _fields(call, market)
    if len(market.albums) >= call.vk.limits.albums:
        raise Refused(1407)
    album = market.add_album(fields.pop("title"), created_at=call.vk.now(), **fields)
    _keep_one_main(market, album)
    return {"market_album_id": album.id, "albums_count": len(market.albums)}


@METHODS.method("market.editAlbum", "owner_id album_id title photo_id main_album is_hidden", writes=True)
def edit(call: Call) -> int:
    """Change an album; what is not sent is 0, and the title is needed again."""
    market = call.own_shop()
    album = _albums(market, [call.id("album_id")])[0]
    for name, value in _fields(call, market).items():
        setattr(album, name, value)
    album.changed_at = call.vk.now()
    _keep_one_main(market, album)
    return 1


@METHODS.method("market.deleteAlbum", "owner_id album_id", writes=True)
def delete(call: Call) -> int:
    """Delete an album; its items stay in the shop."""
    market = call.own_shop()
    del market.albums[_albums(market, [call.id("album_id")])[0].id]
    return 1


@METHODS.method("market.getAlbums", "owner_id offset count")
def get(call: Call) -> dict[str, Any]:
    """List albums as arranged; the ones without items are not listed."""
    offset, size = call.page(usual=50, most=100)
    market = call.shop()
    leads = call.leads_shop(market)
    found = [
        album
        for album in market.albums.values()
        if (album.items or call.vk.habits.lists_empty_albums)
        and (leads or not album.is_hidden)
        and call.has_come(album.created_at)
    ]
    return _shown(call, market, found[offset : offset + size], len(found))


@METHODS.method("market.getAlbumById", "owner_id album_ids")
def get_by_id(call: Call) -> dict[str, Any]:
    """Show albums by their ids, the empty ones too; those that do not exist are absent."""
    market = call.shop()
    wanted = call.ids("album_ids") or call.wrong("album_ids is undefined")
    known = [market.albums[album_id] for album_id in wanted if album_id in market.albums]
    found = [album for album in known if call.has_come(album.created_at)]
    return _shown(call, market, found, len(found))


@METHODS.method("market.addToAlbum", "owner_id item_ids album_ids", writes=True)
def add_items(call: Call) -> int:
    """Put items into albums, one after the other until one is refused."""
    market = call.own_shop()
    items = call.ids("item_ids") or call.wrong("item_ids is undefined")
    albums = _albums(market, call.ids("album_ids") or call.wrong("album_ids is undefined"))
    before = {album.id: list(album.items) for album in albums}
    try:
        for album in albums:
            for item_id in items:
                _put(call, market, album, item_id)
    except Refused:
        if call.vk.habits.album_errors_undo_all:
            for album in albums:
                album.items = before[album.id]
        raise
    return 1


@METHODS.method("market.removeFromAlbum", "owner_id item_id album_ids", writes=True)
def remove_item(call: Call) -> int:
    """Take an item out of albums."""
    market = call.own_shop()
    item_id = call.id("item_id")
    albums = _albums(market, call.ids("album_ids") or call.wrong("album_ids is undefined"))
    if item_id not in market.order:
        raise Refused(1403)
    for album in albums:
        if item_id in album.items:
            album.items.remove(item_id)
            album.changed_at = call.vk.now()
    return 1


@METHODS.method("market.reorderAlbums", "owner_id album_id before after", writes=True)
def reorder(call: Call) -> int:
    """Move an album before or after another one."""
    market = call.own_shop()
    order = list(market.albums)
    moved(call, order, call.id("album_id"), missing=1402)
    market.albums = {album_id: market.albums[album_id] for album_id in order}
    return 1


def _fields(call: Call, market: Market) -> dict[str, Any]:
    title = call.required("title")
    if len(title) > LONGEST_TITLE:
        call.wrong(f"title should be less or equal to {LONGEST_TITLE} letters length")
    is_main, is_hidden = bool(call.flag("main_album")), bool(call.flag("is_hidden"))
    if is_main and is_hidden:
        raise Refused(1446)
    photo_id = call.number("photo_id", 0, 10**15)
    if photo_id and photo_id not in market.photos:
        call.wrong("photo not found")
    return {"title": title, "is_main": is_main, "is_hidden": is_hidden, "photo_id": photo_id or None}


def _albums(market: Market, wanted: list[int]) -> list[Album]:
    if any(album_id not in market.albums for album_id in wanted):
        raise Refused(1402)
    return [market.albums[album_id] for album_id in wanted]


def _put(call: Call, market: Market, album: Album, item_id: int) -> None:
    item = market.items.get(item_id)
    if item is None or item.deleted_at is not None:
        raise Refused(1403)
    if item_id in album.items:
        raise Refused(1404)
    if len(album.items) >= call.vk.limits.items_in_album:
        raise Refused(1406)
    album.items.append(item_id)
    album.changed_at = call.vk.now()


def _keep_one_main(market: Market, album: Album) -> None:
    if album.is_main:
        for other in market.albums.values():
            other.is_main = other is album


def _shown(call: Call, market: Market, albums: list[Album], total: int) -> dict[str, Any]:
    shown = Shown(market, call.host, leads=call.leads_shop(market))
    return {"count": total, "items": [shown.album(album) for album in albums]}
