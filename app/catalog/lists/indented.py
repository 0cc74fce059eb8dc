"""The groups of a store as an indented list: each group below the one it lies in, branches folded at will."""

from collections.abc import Collection, Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Integer, bindparam, select

from app.catalog.lists.address import ListQuery
from app.catalog.lists.keyset import Page, Total
from app.catalog.lists.rows import GroupRow
from app.catalog.lists.surroundings import STORE_ID, USER_ID
from app.data.compiled import read_rows
from app.mirror.models import CachedGroup
from app.web.cursor import Cursor

# A store with more groups is shown as a flat list: that one has an index, and this is read whole.
MOST = 2000


class ListedGroup(NamedTuple):
    """A group as rows are made of it."""

    id: int
    evotor_id: str
    parent_id: str | None
    name: str


class Twig(NamedTuple):
    """A group in its place: how deep it lies, and how many groups right within it.

    `group` begins as a `ListedGroup` does; it is made one only where its row is shown.
    """

    group: Sequence[Any]
    depth: int
    inside: int

    @property
    def id(self) -> int:
        """The key of the group's row."""
        return int(self.group[0])


class Tree(NamedTuple):
    """A page of the tree, and its groups in their places."""

    page: Page
    twigs: list[Twig]


def fetch_tree(user_id: int, store_id: str, query: ListQuery) -> Tree | None:
    """Fetch a page of a store's groups as a tree; None where only a flat list will do."""
    if query.is_narrowed or query.is_sorted:
        return None
    groups = read_rows(_statement(), {"user_id": user_id, "store_id": store_id, "most": MOST + 1})
    if len(groups) > MOST:
        return None
    shown = list(in_order(groups, query.folded_groups))
    first = _first(shown, query)
    twigs = shown[first : first + query.per_page]
    last = first + len(twigs)
    page = Page(
        [ListedGroup._make(twig.group) for twig in twigs],
        first + 1,
        Total(len(groups)),
        Cursor("", twigs[0].id, first + 1) if first else None,
        Cursor("", twigs[-1].id, last) if last < len(shown) else None,
    )
    return Tree(page, twigs)


@cache
def _statement() -> Any:
    columns = (CachedGroup.id, CachedGroup.evotor_id, CachedGroup.parent_evotor_id, CachedGroup.name)
    return (
        select(*columns)
        .filter_by(user_id=USER_ID, store_evotor_id=STORE_ID)
        .order_by(CachedGroup.sort_name, CachedGroup.id)
        .limit(bindparam("most", type_=Integer))
    )


def as_branches(rows: list[GroupRow], tree: Tree, query: ListQuery) -> list[GroupRow]:
    """Put the rows of a page into the tree: what folds them, and where the first of them lies."""
    folded = query.folded_groups
    for row, twig in zip(rows, tree.twigs, strict=True):
        row.depth = twig.depth
        if twig.inside:
            row.fold_url = query.fold_url(row.number)
            row.is_folded = row.number in folded
    if rows and tree.page.first > 1:
        rows[0].shows_path = True
    return rows


def in_order(groups: Sequence[Any], folded: Collection[int]) -> Iterator[Twig]:
    """The groups (key, id, id of the parent, …), each followed by those within it unless it is `folded`.

    Those of one parent keep their order. What lies in a group that the cloud does not list stands at the
    root, and so does one group of a loop.
    """
    listed = {group[1] for group in groups}
    inside: dict[str | None, list[Any]] = {}
    for group in groups:
        inside.setdefault(group[2] if group[2] in listed else None, []).append(group)
    seen: set[str] = set()
    # By hand: groups may lie deeper in each other than Python can go.
    for root in (*inside.get(None, ()), *groups):
        waiting = [(root, 0, False)]
        while waiting:
            group, depth, is_hidden = waiting.pop()
            number, evotor_id = group[:2]
            if evotor_id in seen:
                continue
            seen.add(evotor_id)
            children = [child for child in inside.get(evotor_id, ()) if child[1] not in seen]
            if not is_hidden:
                yield Twig(group, depth, len(children))
            if children:
                hides = is_hidden or number in folded
                waiting += [(child, depth + 1, hides) for child in reversed(children)]


def _first(shown: Sequence[Twig], query: ListQuery) -> int:
    """The place in the tree, from 0, of the first group of the page."""
    cursor = query.cursor
    if cursor is None:
        return 0
    # Its group may be folded away, or gone: then its place counts.
    at = next((place for place, twig in enumerate(shown) if twig.id == cursor.id), cursor.position - 1)
    first = at - query.per_page if query.is_backwards else at + 1
    return first if 0 < first < len(shown) else 0
