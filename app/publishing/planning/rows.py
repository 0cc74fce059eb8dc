"""The plan as rows for a page or a file."""

import heapq
from collections.abc import Collection, Iterator
from typing import NamedTuple

from app.mirror.folding import fold
from app.publishing.planning.changes import Change
from app.publishing.planning.comparing import all_fields
from app.publishing.planning.plan import CREATE, Item, Plan
from app.publishing.planning.reasons import Reason

# A row's place among the rows of its kind: the name as lists are sorted by it, store, good. Names may repeat,
# the whole never does.
Place = tuple[str, str, str]


class PlanRow(NamedTuple):
    """One row: the good, its sku (empty while it has none), and each field before and after.

    `waits`: a new good that VK's quotas leave for later. `item` is what the row was made from.
    """

    kind: str
    store_id: str
    product_id: str
    sku: str
    name: str
    fields: tuple[Change, ...]
    reason: Reason | None
    waits: Reason | None
    item: Item


class RowPage(NamedTuple):
    """Some rows; `after` is the place to go on from, None at the end."""

    rows: list[PlanRow]
    after: Place | None


def page_of_rows(
    plan: Plan, kind: str, size: int, after: Place | None = None, reason: str | None = None
) -> RowPage:
    """The next `size` rows of a kind in the order of names, those with this code of a reason if given."""
    found = (
        (_place(item), number, item)
        for number, item in enumerate(plan.items[kind])
        if reason is None or (item.reason is not None and item.reason.code == reason)
    )
    places = found if after is None else (place for place in found if place[0] > after)
    first = heapq.nsmallest(size + 1, places)
    rows = [_row(plan, item) for _, _, item in first[:size]]
    return RowPage(rows, first[size - 1][0] if len(first) > size else None)


def all_rows(plan: Plan, kind: str) -> Iterator[PlanRow]:
    """Every row of a kind, in the owner's order."""
    return (_row(plan, item) for item in plan.items[kind])


def rows_for(plan: Plan, kind: str, reasons: Collection[Reason]) -> Iterator[PlanRow]:
    """The rows of a kind that are there for one of these reasons, in the owner's order."""
    return (_row(plan, item) for item in plan.items[kind] if item.reason in reasons)


def _place(item: Item) -> Place:
    # A new good's name in VK would have to be composed; the till's own sorts as well.
    name = item.want.good.name if item.want is not None else item.name
    return (fold(name), *item.key)


def _row(plan: Plan, item: Item) -> PlanRow:
    fields = item.changes
    if item.kind == CREATE and item.want is not None:
        fields = tuple(Change(field, None, value) for field, value in all_fields(item.want).items())
        fields += item.changes
    waits = plan.waiting.get(item.key) if item.kind == CREATE else None
    return PlanRow(item.kind, *item.key, item.sku, item.name, fields, item.reason, waits, item)
