"""Which list an address means: the store and the group that it names, and the state of the list."""

from collections.abc import Mapping

from flask import abort, request
from flask_babel import gettext
from flask_login import current_user

from app.catalog.lists import surroundings
from app.catalog.lists.address import ALL_STORES, GOODS, PRODUCT_SORTS, BadQuery, ListQuery
from app.catalog.lists.surroundings import Place
from app.data.types import fits_id
from app.mirror.models import CachedGroup, CachedStore


def stores_query() -> ListQuery:
    """Read the state of the list of stores."""
    return ListQuery.parse(request.args, "catalog.stores")


def groups_query(store: CachedStore) -> ListQuery:
    """Read the state of a store's list of groups."""
    return ListQuery.parse(request.args, "catalog.groups", {"store_id": store.evotor_id})


def products_query(store: CachedStore, group: CachedGroup | None) -> ListQuery:
    """Read the state of a list of goods."""
    place = {"store_id": store.evotor_id} | ({"group_id": group.evotor_id} if group else {})
    return ListQuery.parse(request.args, GOODS, place, PRODUCT_SORTS)


def all_products_query() -> ListQuery:
    """Read the state of the list of all stores' goods."""
    return ListQuery.parse(request.args, ALL_STORES, sorts=PRODUCT_SORTS)


def own_store() -> CachedStore:
    """Find the store that the address names; 404 for anybody else's."""
    return surroundings.find_store(current_user.id, store_id_in(request.args)) or abort(404)


def own_group(store: CachedStore) -> CachedGroup | None:
    """Find the group that the address names, None when it names none; 404 for anybody else's."""
    group_id = group_id_in(request.args)
    if group_id is None:
        return None
    return surroundings.find_group(current_user.id, store.evotor_id, group_id) or abort(404)


def own_place() -> Place:
    """Find the store and the group that the address names, with what a page of goods shows around them."""
    group_id = group_id_in(request.args)
    place = surroundings.find_place(current_user.id, store_id_in(request.args), group_id)
    if place is None or (group_id is not None and place.group is None):
        abort(404)
    return place


def store_id_in(args: Mapping[str, str]) -> str:
    """Read the store's id; raises BadQuery when there is none or no store can have it."""
    store_id = args.get("store_id", "")
    if not fits_id(store_id):
        raise BadQuery(gettext("В адресе не указан магазин. Откройте его из каталога."))
    return store_id


def group_id_in(args: Mapping[str, str]) -> str | None:
    """Read the group's id, if there is one; raises BadQuery when no group can have it."""
    group_id = args.get("group_id") or None
    if group_id is not None and not fits_id(group_id):
        raise BadQuery(gettext("Ссылка на группу устарела. Откройте её из каталога."))
    return group_id
