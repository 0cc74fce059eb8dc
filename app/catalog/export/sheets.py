"""Which file an address asks for: the same list that the screen shows, whole and in the same order."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext
from sqlalchemy import Select, literal

from app.catalog.export.csv_stream import GROUPS, PRODUCTS, STORES
from app.catalog.lists import surroundings, what_changed
from app.catalog.lists.address import ALL_STORES, PRODUCT_SORTS, BadQuery, ListQuery
from app.catalog.lists.products import in_order
from app.catalog.lists.requested import group_id_in, store_id_in
from app.catalog.lists.shelf import shelf_at
from app.catalog.lists.stores_and_groups import select_groups, select_stores, sorted_as
from app.mirror.models import CachedGroup, CachedProduct, CachedStore, CatalogChange
from app.web.sheet import Sheet

Args = Mapping[str, str]
ListFile = tuple[Select[Any], Sheet]


def select_file(user_id: int, args: Args) -> ListFile | None:
    """Find the list that `args` describe; None when this owner has no such store or group.

    Raises BadQuery for what no list offers.
    """
    select_list = _LISTS.get(args.get("type", ""))
    if select_list is None:
        raise BadQuery(
            gettext("Выгрузить можно магазины, группы или товары: type=stores, groups или products.")
        )
    return select_list(user_id, args)


def with_store_name(statement: Select[Any], name: str) -> Select[Any]:
    """Add the store's name to each row."""
    return statement.add_columns(literal(name).label("store_name"))


def with_store_names(statement: Select[Any]) -> Select[Any]:
    """Add to each product the name of the store that it lies in."""
    return statement.outerjoin(
        CachedStore,
        (CachedStore.user_id == CachedProduct.user_id)
        & (CachedStore.evotor_id == CachedProduct.store_evotor_id),
    ).add_columns(CachedStore.name.label("store_name"))


def with_group_name(statement: Select[Any]) -> Select[Any]:
    """Add the name of each product's group, where the cloud lists it."""
    return statement.outerjoin(
        CachedGroup,
        (CachedGroup.user_id == CachedProduct.user_id)
        & (CachedGroup.store_evotor_id == CachedProduct.store_evotor_id)
        & (CachedGroup.evotor_id == CachedProduct.group_evotor_id),
    ).add_columns(CachedGroup.name.label("group_name"))


def _stores(user_id: int, args: Args) -> ListFile:
    query = ListQuery.parse(args, "catalog.stores")
    return sorted_as(select_stores(user_id, query), CachedStore, query), STORES


def _groups(user_id: int, args: Args) -> ListFile | None:
    store = surroundings.find_store(user_id, store_id_in(args))
    if store is None:
        return None
    query = ListQuery.parse(args, "catalog.groups")
    groups = sorted_as(select_groups(user_id, store.evotor_id, query), CachedGroup, query)
    return with_store_name(groups, store.name), GROUPS


def _products(user_id: int, args: Args) -> ListFile | None:
    store = surroundings.find_store(user_id, store_id_in(args))
    group_id = group_id_in(args)
    if store is None or (group_id and not surroundings.find_group(user_id, store.evotor_id, group_id)):
        return None
    query = ListQuery.parse(args, "catalog.products", sorts=PRODUCT_SORTS)
    products = in_order(shelf_at(user_id, store.evotor_id, group_id, query), query)
    return with_group_name(with_store_name(products, store.name)), PRODUCTS


def _all(user_id: int, args: Args) -> ListFile:
    query = ListQuery.parse(args, ALL_STORES, sorts=PRODUCT_SORTS)
    products = in_order(shelf_at(user_id, None, None, query), query)
    return with_group_name(with_store_names(products)), PRODUCTS


def _changes(user_id: int, args: Args) -> ListFile:
    what = args.get("what", "")
    if what not in what_changed.TITLES:
        raise BadQuery(gettext("Ссылка устарела. Откройте «Что изменилось» из каталога."))
    query = what_changed.changes_query(what, args)
    return sorted_as(what_changed.select_changes(user_id, what), CatalogChange, query), what_changed.sheet_of(
        what
    )


_LISTS = {"stores": _stores, "groups": _groups, "products": _products, "all": _all, "changes": _changes}
