"""The groups of a store as an indented list: each group below the one it lies in, branches folded at will."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import select

from app.catalog.lists.address import ListQuery
from app.catalog.lists.keyset import Page, Total
from app.catalog.lists.rows import GroupRow
from app.catalog.lists.stores_and_groups import select_groups
from app.data.db import db
from app.mirror.models import CachedGroup
from app.web.cursor import Cursor

# A store with more groups is shown as a flat list: that one has an index, and this is read whole.
MOST = 2000


class Twig(NamedTuple):
    """A group in its place, by the table's key; `inside` is how many groups lie right within it."""

    number: int
    inside: int


class Tree(NamedTuple):
    """A page of the tree; `inside` counts, by the table's key, the groups right within each of the page."""

    page: Page
    inside: dict[int, int]


def fetch_tree(user_id: int, store_id: str, query: ListQuery) -> Tree | None:
    """Fetch a page of a store's groups as a tree; None where only a flat list will do."""
    if query.is_narrowed or query.is_sorted:
        return None
    statement = (
        select(CachedGroup.id, CachedGroup.evotor_id, CachedGroup.parent_evotor_id)
        .filter_by(user_id=user_id, store_evotor_id=store_id)
        .order_by(CachedGroup.sort_name, CachedGroup.id)
        .limit(MOST + 1)
    )
    # Not through the session: there is nothing but columns to be had.
    groups = db.session.connection().execute(statement).all()
    if len(groups) > MOST:
        return None
    shown = list(in_order(groups, query.folded_groups))
    first = _first(shown, query)
    twigs = shown[first : first + query.per_page]
    numbers = [twig.number for twig in twigs]
    of_page = select_groups(user_id, store_id, query).where(CachedGroup.id.in_(numbers))
    records = {record.id: record for record in db.session.execute(of_page)} if numbers else {}
    last = first + len(twigs)
    page = Page(
        [records[number] for number in numbers if number in records],
        first + 1,
        Total(len(groups)),
        Cursor("", numbers[0], first + 1) if first else None,
        Cursor("", numbers[-1], last) if last < len(shown) else None,
    )
    return Tree(page, {twig.number: twig.inside for twig in twigs})


def as_branches(rows: list[GroupRow], tree: Tree, query: ListQuery) -> list[GroupRow]:
    """Put the rows of a page into the tree: what folds them, and where the first of them lies."""
    folded = query.folded_groups
    for row in rows:
        row.is_in_tree = True
        if tree.inside[row.number]:
            row.fold_url = query.fold_url(row.number)
            row.is_folded = row.number in folded
    if rows and tree.page.first > 1:
        rows[0].shows_path = True
    return rows


def in_order(groups: Sequence[Any], folded: Collection[int]) -> Iterator[Twig]:
    """The groups (key, id, id of the parent), each followed by those within it unless it is `folded`.

    Those of one parent keep their order. What lies in a group that the cloud does not list stands at the
    root, and so does one group of a loop.
    """
    listed = {evotor_id for _, evotor_id, _ in groups}
    inside: dict[str | None, list[Any]] = {}
    for group in groups:
        inside.setdefault(group[2] if group[2] in listed else None, []).append(group)
    seen: set[str] = set()
    # By hand: groups may lie deeper in each other than Python can go.
    for root in (*inside.get(None, ()), *groups):
        waiting = [(root, False)]
        while waiting:
            (number, evotor_id, _), is_hidden = waiting.pop()
            if evotor_id in seen:
                continue
            seen.add(evotor_id)
            children = inside.get(evotor_id, [])
            if not is_hidden:
                yield Twig(number, len(children))
            hides = is_hidden or number in folded
            waiting += [(child, hides) for child in reversed(children)]


def _first(shown: Sequence[Twig], query: ListQuery) -> int:
    """The place in the tree, from 0, of the first group of the page."""
    cursor = query.cursor
    if cursor is None:
        return 0
    # Its group may be folded away, or gone: then its place counts.
    at = next((place for place, twig in enumerate(shown) if twig.number == cursor.id), cursor.position - 1)
    first = at - query.per_page if query.is_backwards else at + 1
    return first if 0 < first < len(shown) else 0
