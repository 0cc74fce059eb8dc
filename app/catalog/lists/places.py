"""The store and the group that an address names."""

from collections.abc import Mapping

from app.catalog.lists.address import BadQuery
from app.data.types import fits_text

_LONGEST_ID = 255


def store_id_in(args: Mapping[str, str]) -> str:
    """Read the store's id; raises BadQuery when there is none or no store can have it."""
    store_id = args.get("store_id", "")
    if not fits_text(store_id, _LONGEST_ID):
        raise BadQuery("В адресе не указан магазин. Откройте его из каталога.")
    return store_id


def group_id_in(args: Mapping[str, str]) -> str | None:
    """Read the group's id, if there is one; raises BadQuery when no group can have it."""
    group_id = args.get("group_id") or None
    if group_id is not None and not fits_text(group_id, _LONGEST_ID):
        raise BadQuery("В адресе непонятная группа. Откройте её из каталога.")
    return group_id
