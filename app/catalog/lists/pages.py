"""What each of the catalogue's pages shows."""

from dataclasses import replace
from typing import Any, NamedTuple

from flask_babel import gettext
from sqlalchemy import Row

from app.catalog.lists import place_rows, rows
from app.catalog.lists.address import ALL_STORES, DEFAULT_SORT, ListQuery
from app.catalog.lists.all_rows import rows_of_all_stores
from app.catalog.lists.family import Family, GroupName, find_family
from app.catalog.lists.indented import as_branches, fetch_tree
from app.catalog.lists.keyset import Page, Total
from app.catalog.lists.lineage import shown_ancestors
from app.catalog.lists.products import fetch_products
from app.catalog.lists.row_html import product_rows_html
from app.catalog.lists.shelf import Shelf, obstacles_for, shelf_at
from app.catalog.lists.stores_and_groups import fetch_page, select_groups, select_stores, sorted_as
from app.catalog.lists.surroundings import Everywhere, Place
from app.catalog.views.chips import chips_of
from app.data.db import db
from app.mirror.models import CachedGroup, CachedStore
from app.mirror.refresh.requests import request_refresh
from app.mirror.refresh.view import NEVER, context_of, refresh_context
from app.rules.decide import GROUP, PRODUCT, STORE
from app.web.addresses import url_for
from app.web.formatting import number

Breadcrumb = tuple[str, str | None]
# So many groups that are called as a search says stand above its goods.
_MOST_GROUPS = 6


class Listing(NamedTuple):
    """A page of rows with its place in the list and the links around it; `total_words` is `total` said.

    `instead` is what was searched for when the words as they were typed found nothing.
    """

    rows: list[Any]
    total: int
    total_words: str
    first: int
    last: int
    previous_url: str | None
    next_url: str | None
    instead: str | None = None


def stores_page(user_id: int, query: ListQuery) -> dict[str, Any]:
    """The context of `catalog/stores.html`; the first visit after connecting starts the first refresh."""
    refresh = refresh_context(user_id)
    if refresh["connected"] and refresh["refresh"].state == NEVER:
        refresh = refresh_context(user_id, request_refresh(user_id))
    page = fetch_page(select_stores(user_id, query), CachedStore, query)
    return {
        "listing": listing_of(page, place_rows.store_rows(user_id, page.records), query),
        "query": query,
        "export_url": query.export_url(STORE),
        "breadcrumbs": [],
        "title": gettext("Каталог"),
        **refresh,
    }


def groups_page(user_id: int, store: CachedStore, query: ListQuery) -> dict[str, Any]:
    """The context of `catalog/groups.html`."""
    refresh = refresh_context(user_id)
    tree = fetch_tree(user_id, store.evotor_id, query)
    if tree is None:
        page = fetch_page(select_groups(user_id, store.evotor_id, query), CachedGroup, query)
        group_rows = place_rows.group_rows(user_id, store, page.records)
    else:
        page = tree.page
        group_rows = as_branches(place_rows.group_rows(user_id, store, page.records), tree, query)
    return {
        "listing": listing_of(page, group_rows, query),
        "query": query,
        "export_url": query.export_url(GROUP),
        "breadcrumbs": [home(), (store.name, None), (gettext("Группы"), None)],
        "title": store.name,
        "store": store,
        **refresh,
    }


def products_page(user_id: int, place: Place, query: ListQuery) -> dict[str, Any]:
    """The context of `catalog/products.html`; without a group it lists the whole store."""
    store, group = place.store, place.group
    refresh = context_of(place.refresh, place.refreshed_at, is_connected=place.is_connected)
    page = fetch_products(shelf_of(user_id, place, query), query)
    group_id = group.evotor_id if group else None
    group_ids = rows.groups_of(page.records) | ({group_id} if group_id else set())
    product_ids = [record.evotor_id for record in page.records]
    family = find_family(user_id, store.evotor_id, group_ids, product_ids, parent_id=group_id)
    product_rows = rows.product_rows(
        user_id,
        store,
        page.records,
        inside_group=group is not None,
        policy=place.policy,
        family=family,
    )
    return {
        "listing": listing_of(page, product_rows, query),
        "rows_html": product_rows_html(product_rows, shows_group=group is None),
        "query": query,
        "export_url": query.export_url(PRODUCT),
        "breadcrumbs": [home(), *_lineage(store, group, family), (gettext("Товары"), None)],
        "title": group.name if group else store.name,
        "store": store,
        "group": group,
        "nested_size": place.nested_size,
        "subgroups": _subgroups(store, group, family),
        "found_groups": _found_groups(user_id, store, replace(query, q=page.instead or query.q)),
        "show_group": group is None,
        "views": chips_of(place.views, query, is_only_store=place.store_count == 1),
        "everywhere_url": _everywhere_url(query) if place.store_count > 1 else None,
        **refresh,
    }


def all_products_page(user_id: int, everywhere: Everywhere, query: ListQuery) -> dict[str, Any]:
    """The context of the same page for the goods of all stores."""
    refresh = context_of(everywhere.refresh, everywhere.refreshed_at, is_connected=everywhere.is_connected)
    store_ids = tuple(store.evotor_id for store in everywhere.stores)
    obstacles = obstacles_for(user_id, query)
    shelf = Shelf(user_id, None, None, everywhere.size, everywhere.policy, store_ids, obstacles)
    page = fetch_products(shelf, query)
    product_rows = rows_of_all_stores(
        user_id,
        everywhere.stores,
        page.records,
        policy=everywhere.policy,
        is_by_name=query.sort == DEFAULT_SORT,
    )
    return {
        "listing": listing_of(page, product_rows, query),
        "rows_html": product_rows_html(product_rows, shows_group=True),
        "query": query,
        "export_url": query.export_url(PRODUCT),
        "breadcrumbs": [home(), (gettext("Все магазины"), None)],
        "title": gettext("Все магазины"),
        "store": None,
        "group": None,
        "show_group": True,
        "views": chips_of(everywhere.views, query),
        **refresh,
    }


def shelf_of(user_id: int, place: Place, query: ListQuery) -> Shelf:
    """The goods that a page at `place` lists."""
    if place.group is None:
        return shelf_at(user_id, place.store.evotor_id, None, query, place.store_size, policy=place.policy)
    size = place.nested_size if query.is_nested else place.direct_size
    group_id = place.group.evotor_id
    return shelf_at(user_id, place.store.evotor_id, group_id, query, size, policy=place.policy)


def listing_of(page: Page, page_rows: list[Any], query: ListQuery) -> Listing:
    """A page of rows as the templates show it."""
    return Listing(
        page_rows,
        page.total.rows,
        total_words(page.total),
        page.first,
        page.last,
        query.url(before=page.previous.encode()) if page.previous else None,
        query.url(after=page.next.encode()) if page.next else None,
        page.instead,
    )


def total_words(total: Total) -> str:
    """`12 345`, or `более 10 000` for what was not counted further."""
    counted = number(total.rows)
    return counted if total.is_exact else gettext("более %(count)s", count=counted)


def home() -> Breadcrumb:
    """The first step of every path."""
    return gettext("Каталог"), url_for("catalog.stores")


def _everywhere_url(query: ListQuery) -> str | None:
    """Where a store's search goes on in all stores; None while nothing is searched for."""
    return ListQuery(ALL_STORES, q=query.q).url() if query.q else None


def _lineage(store: CachedStore, group: CachedGroup | None, family: Family) -> list[Breadcrumb]:
    crumbs: list[Breadcrumb] = [(store.name, url_for("catalog.groups", store_id=store.evotor_id))]
    if group is None:
        return crumbs
    for ancestor in shown_ancestors(family.groups, group.evotor_id):
        crumbs.append((ancestor.name, _group_url(store, ancestor)))
    return [*crumbs, (group.name, None)]


def _subgroups(store: CachedStore, group: CachedGroup | None, family: Family) -> list[tuple[str, str]]:
    if group is None:
        return []
    return [(child.name, _group_url(store, child)) for child in family.children(group.evotor_id)]


def _found_groups(user_id: int, store: CachedStore, query: ListQuery) -> list[tuple[str, str]]:
    """The first groups that a search would find, beside its goods; a group's own list looks no further."""
    if not query.q or "group_id" in dict(query.fixed):
        return []
    called_so = ListQuery("catalog.groups", q=query.q)
    groups = sorted_as(select_groups(user_id, store.evotor_id, called_so), CachedGroup, called_so)
    return [
        (group.name, _group_url(store, group)) for group in db.session.execute(groups.limit(_MOST_GROUPS))
    ]


def _group_url(store: CachedStore, group: GroupName | Row[Any]) -> str:
    return url_for("catalog.products", store_id=store.evotor_id, group_id=group.evotor_id)
