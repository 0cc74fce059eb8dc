"""The shapes of VK's answers that the sandbox gives, copied from VKCOM/vk-api-schema, version 5.199.

`"name!"` is required there. A tuple lists the values of an enumeration, a list holds the shape of its items.
"""

from typing import Any

URI = str
BOOL_INT = (0, 1)

CURRENCY = {"id!": int, "name!": str, "title!": str}
PRICE = {
    "amount!": str,
    "amount_to": str,
    "price_type": (0, 2, 3),
    "price_unit": (0, 2, 3, 4),
    "currency!": CURRENCY,
    "discount_rate": int,
    "old_amount": str,
    "text!": str,
    "old_amount_text": str,
}
CATEGORY: dict[str, Any] = {
    "inner_type!": ("market_market_category_nested",),
    "id!": int,
    "name!": str,
    "is_v2": bool,
}
CATEGORY["parent"] = CATEGORY
CATEGORY_TREE: dict[str, Any] = {
    "id!": int,
    "name!": str,
    "icon_name": str,
    "view": {"type": ("tab_root",), "selected": bool, "root_path": [str]},
}
CATEGORY_TREE["children"] = [CATEGORY_TREE]
ITEM = {
    "access_key": str,
    "availability!": (0, 1, 2),
    "button_title": str,
    "category!": CATEGORY,
    "category_v2": CATEGORY,
    "date": int,
    "description!": str,
    "external_id": str,
    "id!": int,
    "is_favorite": bool,
    "owner_id!": int,
    "is_owner": bool,
    "is_adult": bool,
    "price!": PRICE,
    "thumb_photo": URI,
    "title!": str,
    "url": str,
    "variants_grouping_id": int,
    "is_main_variant": bool,
    "sku": str,
    "stock_amount": int,
}
SIZE = {
    "height!": int,
    "url": URI,
    "type!": (*"tsmxopqrklyzcwabeidjhgnfuv", "temp", "max", "base", "orig"),
    "width!": int,
}
PHOTO = {
    "album_id!": int,
    "date!": int,
    "height": int,
    "id!": int,
    "owner_id!": int,
    "sizes": [SIZE],
    "text": str,
    "user_id": int,
    "width": int,
    "has_tags!": bool,
}
ITEM_FULL = {
    **ITEM,
    "albums_ids": [int],
    "photos": [PHOTO],
    "can_comment": BOOL_INT,
    "can_repost": BOOL_INT,
    "likes": {"count": int, "user_likes": BOOL_INT},
    "reposts": {"count!": int, "wall_count": int, "mail_count": int, "user_reposted": BOOL_INT},
    "views_count": int,
    "orders_count": int,
    "can_edit": bool,
    "can_delete": bool,
    "can_recover": bool,
}
# Documented on the pages of the methods and met in answers, though the schema does not list them.
BESIDE_THE_SCHEMA = {"dimensions", "weight", "reject_info", "videos"}
ALBUM = {
    "id!": int,
    "owner_id!": int,
    "title!": str,
    "count!": int,
    "is_main": bool,
    "is_hidden": bool,
    "photo": PHOTO,
    "updated_time!": int,
    "type": (0, 1),
    "is_blur_enabled": bool,
}
MARKET_INFO = {
    "type": str,
    "contact_id": int,
    "currency": CURRENCY,
    "currency_text": str,
    "enabled": BOOL_INT,
    "main_album_id": int,
    "price_max": str,
    "price_min": str,
}
OK = (1,)
ANSWERS: dict[str, Any] = {
    "market.get": {"count!": int, "items!": [ITEM]},
    "market.get extended": {"count!": int, "items!": [ITEM_FULL]},
    "market.getById": {"count!": int, "items!": [ITEM]},
    "market.getById extended": {"count!": int, "items!": [ITEM_FULL]},
    "market.search": {"count!": int, "view_type!": (1, 2), "items!": [ITEM]},
    "market.search extended": {"count!": int, "view_type!": (1, 2), "items!": [ITEM_FULL]},
    "market.add": {"market_item_id!": int},
    "market.edit": OK,
    "market.delete": OK,
    "market.restore": OK,
    "market.reorderItems": OK,
    "market.getCategories": {"items!": [CATEGORY_TREE]},
    "market.filterCategories": {"items!": [CATEGORY_TREE]},
    "market.addAlbum": {"market_album_id": int, "albums_count": int},
    "market.editAlbum": OK,
    "market.deleteAlbum": OK,
    "market.getAlbums": {"count!": int, "items!": [ALBUM]},
    "market.getAlbumById": {"count!": int, "items!": [ALBUM]},
    "market.addToAlbum": OK,
    "market.removeFromAlbum": OK,
    "market.reorderAlbums": OK,
    "market.getProductPhotoUploadServer": {"upload_url!": URI},
    "market.saveProductPhoto": {"photo_id!": int, "photo": PHOTO},
    "market.saveProductPhotoBulk": [{"photo_id!": int, "photo": PHOTO}],
    "groups.toggleMarket": OK,
}


def misfits(value: Any, shape: Any, place: str = "") -> list[str]:
    """Return what in a value does not fit a shape, as places in it."""
    if isinstance(shape, tuple):
        return [] if value in shape and type(value) in map(type, shape) else [f"{place}: {value!r}"]
    if isinstance(shape, list):
        if not isinstance(value, list):
            return [f"{place}: no list"]
        return [each for item in value for each in misfits(item, shape[0], f"{place}[]")]
    if not isinstance(shape, dict):
        return [] if type(value) is shape else [f"{place}: {value!r}"]
    if not isinstance(value, dict):
        return [f"{place}: no object"]
    known = {name.rstrip("!"): each for name, each in shape.items()}
    missing = [
        f"{place}.{name[:-1]}: absent" for name in shape if name.endswith("!") and name[:-1] not in value
    ]
    unknown = [f"{place}.{name}: unknown" for name in value if name not in known.keys() | BESIDE_THE_SCHEMA]
    inside = [
        each
        for name, part in value.items()
        if name in known
        for each in misfits(part, known[name], f"{place}.{name}")
    ]
    return missing + unknown + inside
