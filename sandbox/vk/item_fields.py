"""What market.add and market.edit take for the fields of an item, checked in VK's own order and words."""

from typing import Any

from sandbox.vk.categories import is_known
from sandbox.vk.goods import Item, Market
from sandbox.vk.method import Call
from sandbox.vk.refused import Refused
from sandbox.vk.texts import hundredths, weight

PARAMETERS = (
    "owner_id name description category_id price old_price deleted main_photo_id photo_ids video_ids url "
    "variant_ids is_main_variant dimension_width dimension_height dimension_length weight sku stock_amount"
)
DIMENSIONS = ("dimension_width", "dimension_height", "dimension_length", "weight")
EXTENDED = "advanced"
LONGEST_URL, LONGEST_SKU = 320, 50
TAKEN = "photo not found or already assigned to another item"


def sent_fields(call: Call) -> dict[str, Any]:
    """Return the fields of Item that the call sends, without its photos."""
    fields: dict[str, Any] = {
        "title": _name(call),
        "description": _description(call),
        "category_id": _category(call),
        "price": _price(call, "price"),
        "old_price": _price(call, "old_price"),
        "hidden": call.flag("deleted"),
        "url": _bounded(call, "url", LONGEST_URL),
        "sku": _bounded(call, "sku", LONGEST_SKU),
        "stock_amount": _stock(call),
        "size": _size(call),
    }
    call.ids("video_ids", most=2)
    call.flag("is_main_variant")
    if call.ids("variant_ids", most=2):
        raise Refused(1416)
    return {name: value for name, value in fields.items() if value is not None}


def sent_photos(call: Call, market: Market, item: Item | None) -> list[int] | None:
    """Return the photos that the item is to have, the main one first; None when the call names none."""
    main, more = call.number("main_photo_id", 0, 10**15), call.ids("photo_ids", most=4)
    if main is None and more is None:
        return None
    had = item.photos if item else []
    if main is None:
        wanted = [*had[:1], *(more or [])]
    elif more is None:
        wanted = [main, *(had[1:] if call.vk.habits.edit_keeps_extra_photos else [])]
    else:
        wanted = [main, *more]
    for photo_id in wanted:
        _check_photo(call, market, item, photo_id)
    return list(dict.fromkeys(wanted))


def _check_photo(call: Call, market: Market, item: Item | None, photo_id: int) -> None:
    photo = market.photos.get(photo_id)
    life = call.vk.limits.unused_photo_seconds
    if (
        photo is None
        or photo.gone
        or photo.item_id not in (None, item.id if item else None)
        or (photo.item_id is None and life is not None and call.vk.now() > photo.saved_at + life)
    ):
        call.wrong(TAKEN)


def _name(call: Call) -> str | None:
    name = call.text("name")
    if name is not None and len(name) < 4:
        call.wrong("name should be at least 4 letters length")
    if name is not None and weight(name) > call.vk.limits.name_weight:
        call.wrong(f"name should be less or equal to {call.vk.limits.name_weight} letters length")
    return name


def _description(call: Call) -> str | None:
    description, heaviest = call.text("description"), call.vk.limits.description_weight
    if description is None:
        return None
    if len(description) < 10:
        call.wrong("description should be at least 10 letters length")
    if weight(description) > heaviest:
        call.wrong(f"description should be less or equal to {heaviest} letters length")
    if any(site in description for site in call.vk.habits.bad_links):
        raise Refused(1408)
    return description


def _category(call: Call) -> int | None:
    number = call.number("category_id", 0, 10**15)
    if number is not None and not is_known(number):
        call.wrong("category_id is invalid")
    return number


def _price(call: Call, name: str) -> int | None:
    written = call.params.get(name)
    if written is None:
        return None
    amount = hundredths(written)
    return call.wrong(f"{name} is invalid") if amount is None else amount


def _bounded(call: Call, name: str, longest: int) -> str | None:
    written = call.text(name)
    if written is not None and len(written) > longest:
        call.wrong(f"{name} should be less or equal to {longest} letters length")
    return written


def _stock(call: Call) -> int | None:
    """Stock acts in an extended shop only; in a basic one it is checked and forgotten."""
    stock = call.number("stock_amount", -1, 999_999)
    return stock if call.community("owner_id").market_type == EXTENDED else None


def _size(call: Call) -> tuple[int, ...] | None:
    sent = [call.number(name, 0, 100_000_000 if name == "weight" else 100_000) for name in DIMENSIONS]
    known = [each for each in sent if each is not None]
    if known and len(known) < len(DIMENSIONS):
        raise Refused(1429)
    return tuple(known) if known else None
