"""What each of the catalogue's pages shows."""

from typing import Any, NamedTuple

from flask import url_for

from app.catalog import queries, rows
from app.catalog.list_query import ListQuery
from app.catalog.models import SUCCESSFUL, CachedGroup, CachedProduct, CachedStore, CatalogRefresh
from app.catalog.queries import Page
from app.catalog.refresh import last_success, latest_refresh, request_refresh
from app.catalog.refresh_view import view_of
from app.connections.models import EVOTOR, connection_of
from app.sync.rules import GROUP, PRODUCT, STORE

Breadcrumb = tuple[str, str | None]


class Listing(NamedTuple):
    """A page of rows with its place in the list and the links around it."""

    rows: list[Any]
    total: int
    first: int
    last: int
    previous_url: str | None
    next_url: str | None


def stores_page(user_id: int, query: ListQuery) -> dict[str, Any]:
    """The context of `catalog/stores.html`; the first visit after connecting starts the first refresh."""
    is_connected = connection_of(user_id, EVOTOR) is not None
    if is_connected and latest_refresh(user_id) is None:
        request_refresh(user_id)
    page = queries.fetch_page(queries.select_stores(user_id, query), CachedStore, query)
    return {
        "listing": _listing(page, rows.store_rows(user_id, page.records), query),
        "query": query,
        "export_url": query.export_url(STORE),
        "breadcrumbs": [],
        "title": "Каталог",
        "connected": is_connected,
        **refresh_context(user_id),
    }


def groups_page(user_id: int, store: CachedStore, query: ListQuery) -> dict[str, Any]:
    """The context of `catalog/groups.html`."""
    page = queries.fetch_page(queries.select_groups(user_id, store.evotor_id, query), CachedGroup, query)
    return {
        "listing": _listing(page, rows.group_rows(user_id, store, page.records), query),
        "query": query,
        "export_url": query.export_url(GROUP),
        "breadcrumbs": [_home(), (store.name, None), ("Группы", None)],
        "title": store.name,
        "store": store,
        "connected": connection_of(user_id, EVOTOR) is not None,
        **refresh_context(user_id),
    }


def products_page(
    user_id: int, store: CachedStore, group: CachedGroup | None, query: ListQuery
) -> dict[str, Any]:
    """The context of `catalog/products.html`; `group` None lists the whole store."""
    statement = queries.select_products(user_id, store.evotor_id, group.evotor_id if group else None, query)
    page = queries.fetch_page(statement, CachedProduct, query)
    product_rows = rows.product_rows(user_id, store, page.records, inside_group=group is not None)
    return {
        "listing": _listing(page, product_rows, query),
        "query": query,
        "export_url": query.export_url(PRODUCT),
        "breadcrumbs": [_home(), *_lineage(user_id, store, group), ("Товары", None)],
        "title": group.name if group else store.name,
        "store": store,
        "group": group,
        "subgroups": _subgroups(user_id, store, group),
        "show_group": group is None,
        "connected": connection_of(user_id, EVOTOR) is not None,
        **refresh_context(user_id),
    }


def refresh_context(user_id: int, run: CatalogRefresh | None = None) -> dict[str, Any]:
    """The last run, or `run`, as the fragment shows it, and when the catalogue was last brought in."""
    run = run or latest_refresh(user_id)
    is_whole = run is not None and run.only_store is None
    succeeded = run if run is not None and is_whole and run.status in SUCCESSFUL else last_success(user_id)
    return {
        "refresh": view_of(run, is_first=succeeded is None),
        "last_refreshed_at": succeeded.finished_at if succeeded else None,
    }


def _listing(page: Page, page_rows: list[Any], query: ListQuery) -> Listing:
    return Listing(
        page_rows,
        page.total,
        page.first,
        page.last,
        query.url(before=page.previous.encode()) if page.previous else None,
        query.url(after=page.next.encode()) if page.next else None,
    )


def _home() -> Breadcrumb:
    return "Каталог", url_for("catalog.stores")


def _lineage(user_id: int, store: CachedStore, group: CachedGroup | None) -> list[Breadcrumb]:
    crumbs: list[Breadcrumb] = [(store.name, url_for("catalog.groups", store_id=store.evotor_id))]
    if group is None:
        return crumbs
    lineage = queries.group_lineage(user_id, store.evotor_id, [group.evotor_id])
    for ancestor in rows.ancestors(lineage, group.evotor_id):
        crumbs.append((ancestor.name, _group_url(ancestor)))
    return [*crumbs, (group.name, None)]


def _subgroups(user_id: int, store: CachedStore, group: CachedGroup | None) -> list[tuple[str, str]]:
    if group is None:
        return []
    children = queries.subgroups(user_id, store.evotor_id, group.evotor_id)
    return [(child.name, _group_url(child)) for child in children]


def _group_url(group: CachedGroup) -> str:
    return url_for("catalog.products", store_id=group.store_evotor_id, group_id=group.evotor_id)
