"""Which list the address of a request means."""

from flask import abort, request
from flask_login import current_user

from app.catalog import queries
from app.catalog.list_query import PRODUCT_SORTS, BadQuery, ListQuery
from app.catalog.models import CachedGroup, CachedStore
from app.db_types import fits_text


def stores_query() -> ListQuery:
    """Read the state of the list of stores."""
    return ListQuery.parse(request.args, "catalog.stores")


def groups_query(store: CachedStore) -> ListQuery:
    """Read the state of a store's list of groups."""
    return ListQuery.parse(request.args, "catalog.groups", {"store_id": store.evotor_id})


def products_query(store: CachedStore, group: CachedGroup | None) -> ListQuery:
    """Read the state of a list of goods."""
    place = {"store_id": store.evotor_id} | ({"group_id": group.evotor_id} if group else {})
    return ListQuery.parse(request.args, "catalog.products", place, PRODUCT_SORTS)


def own_store() -> CachedStore:
    """Find the store that the address names; 404 for anybody else's."""
    store_id = request.args.get("store_id", "")
    if not fits_text(store_id, 255):
        raise BadQuery("В адресе не указан магазин. Откройте его из каталога.")
    return queries.find_store(current_user.id, store_id) or abort(404)


def own_group(store: CachedStore) -> CachedGroup | None:
    """Find the group that the address names, None when it names none; 404 for anybody else's."""
    group_id = request.args.get("group_id", "")
    if not group_id:
        return None
    if not fits_text(group_id, 255):
        raise BadQuery("В адресе непонятная группа. Откройте её из каталога.")
    return queries.find_group(current_user.id, store.evotor_id, group_id) or abort(404)
