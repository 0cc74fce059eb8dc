"""The owner's views above a list of goods: a chip each, and one to keep the list or to let its view go."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple
from urllib.parse import parse_qsl

from app.catalog.lists.address import PRODUCT_SORTS, BadQuery, ListQuery
from app.catalog.views.kept import View
from app.mirror.folding import fold
from app.web.addresses import url_for


class ViewChip(NamedTuple):
    """`url` leads to the view, or away from it where it is shown already."""

    key: str
    name: str
    url: str
    is_shown: bool


class ViewChips(NamedTuple):
    """The chips of a list; `shown` is that of the view which the list is.

    `keep_url` leads to where it is given a name; None while there is nothing to keep, or it is kept.
    """

    chips: list[ViewChip]
    shown: ViewChip | None
    keep_url: str | None


def chips_of(views: Iterable[View], query: ListQuery, *, is_only_store: bool = False) -> ViewChips:
    """Give the chips above the list `query` says; a group's list has none.

    Where there is but one store, its list is the list of all stores as well.
    """
    if "group_id" in dict(query.fixed):
        return ViewChips([], None, None)
    chips = list(_chips(views, query, is_only_store))
    shown = next((chip for chip in chips if chip.is_shown), None)
    is_kept = shown is not None or not query.kept
    return ViewChips(chips, shown, None if is_kept else query.url_at(url_for("catalog.views.new")))


def list_of(view: View, query: ListQuery) -> ListQuery:
    """The view's list, at the place of `query`. Raises BadQuery for what lists do not offer any more."""
    return ListQuery.parse(dict(parse_qsl(view.query)), query.endpoint, dict(query.fixed), PRODUCT_SORTS)


def _chips(views: Iterable[View], query: ListQuery, is_only_store: bool) -> Iterator[ViewChip]:
    places = {dict(query.fixed).get("store_id"), *((None,) if is_only_store else ())}
    names = set()
    for view in views:
        if view.store_id not in places or fold(view.name) in names:
            continue
        try:
            viewed = replace(list_of(view, query), per_page=query.per_page)
        except BadQuery:
            continue
        names.add(fold(view.name))
        is_shown = viewed.kept == query.kept
        leads_to = ListQuery(query.endpoint, query.fixed, per_page=query.per_page) if is_shown else viewed
        yield ViewChip(view.key, view.name, leads_to.url(), is_shown)
