"""The methods that write items: market.add, edit, delete, restore, reorderItems."""

from bisect import bisect

from sandbox.vk.goods import Item, Market
from sandbox.vk.item_fields import PARAMETERS, sent_fields, sent_photos
from sandbox.vk.method import Call, Methods
from sandbox.vk.refused import Refused

METHODS = Methods()
DAY = 86_400
NEEDED = ("name", "description", "category_id", "price")


@METHODS.method("market.add", PARAMETERS, writes=True)
def add(call: Call) -> dict[str, int]:
    """Add an item; asked twice, it adds two."""
    market = call.own_shop()
    for name in NEEDED:
        call.required(name)
    fields = sent_fields(call)
    photos = sent_photos(call, market, None) or []
    if not call.params.get("main_photo_id") and call.vk.habits.needs_photo:
        call.wrong("photo is undefined")
    _check_quotas(call, market)
    moment = call.vk.now()
    item = market.add_item(fields.pop("title"), created_at=moment, changed_at=moment, photos=photos, **fields)
    return {"market_item_id": item.id}


@METHODS.method("market.edit", f"item_id {PARAMETERS}", writes=True)
def edit(call: Call) -> int:
    """Change what is sent and keep the rest."""
    market = call.own_shop()
    item = _living(call, market)
    fields = sent_fields(call)
    photos = sent_photos(call, market, item)
    if "hidden" not in fields and call.vk.habits.edit_without_deleted_unhides:
        fields["hidden"] = False
    same = all(getattr(item, name) == value for name, value in fields.items())
    if same and photos in (None, item.photos) and call.vk.habits.refuses_unchanged_edit:
        call.wrong("nothing to change")
    market.change(item.id, **fields)
    item.changed_at = call.vk.now()
    if photos is not None:
        market.set_photos(item, photos)
    return 1


@METHODS.method("market.delete", "owner_id item_id", writes=True)
def delete(call: Call) -> int:
    """Delete an item; for a while it can be restored."""
    market = call.own_shop()
    market.delete(_living(call, market).id, call.vk.now())
    return 1


@METHODS.method("market.restore", "owner_id item_id", writes=True)
def restore(call: Call) -> int:
    """Return an item that was deleted not too long ago."""
    market = call.own_shop()
    item = market.items.get(call.id("item_id"))
    if item is None:
        raise Refused(1403)
    if item.deleted_at is None:
        raise Refused(1518)
    if call.vk.now() > item.deleted_at + call.vk.limits.restore_seconds:
        raise Refused(1400)
    market.restore(item.id)
    return 1


@METHODS.method("market.reorderItems", "owner_id album_id item_id before after", writes=True)
def reorder_items(call: Call) -> int:
    """Move an item before or after another one, in the whole shop (album 0) or in an album."""
    market = call.own_shop()
    album_id, item_id = call.number("album_id", 0, 10**15) or 0, call.id("item_id")
    if album_id and album_id not in market.albums:
        raise Refused(1402)
    moved(call, market.albums[album_id].items if album_id else market.order, item_id, missing=1403)
    return 1


def moved(call: Call, order: list[int], number: int, missing: int) -> None:
    """Move a number within its list to where `before` or `after` tell; `missing` is the code for none."""
    before, after = call.number("before", 0, 10**15), call.number("after", 0, 10**15)
    target = before or after
    if not target:
        call.wrong("before or after is undefined")
    if number not in order or target not in order:
        raise Refused(missing)
    if number != target:
        order.remove(number)
        order.insert(order.index(target) + (0 if before else 1), number)


def _living(call: Call, market: Market) -> Item:
    item = market.items.get(call.id("item_id"))
    if item is None or item.deleted_at is not None:
        raise Refused(1403)
    return item


def _check_quotas(call: Call, market: Market) -> None:
    limits = call.vk.limits
    if len(market.order) >= limits.items:
        raise Refused(1405)
    moment = call.vk.now()
    if len(market.added_at) - bisect(market.added_at, moment - DAY) >= limits.new_items_a_day:
        raise Refused(limits.new_items_code)
    market.added_at.append(moment)
