"""The owner's groups of goods as one tree: store by store, each group above those that lie in it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import select

from app.data.db import db
from app.mirror.folding import fold
from app.mirror.models import CachedGroup, CachedStore
from app.mirror.search import words_of
from app.publishing.planning.good import Key

# Of groups that lie deeper than anybody would put them so many above are known: all of them of all would take
# the square of their number.
DEEPEST = 32

_groups = CachedGroup.__table__


class Node(NamedTuple):
    """A group in its place: `above` are the groups that it lies in, the outermost first, the nearest 32.

    `number` is the key of its row in the catalogue.
    """

    number: int
    store_id: str
    group_id: str
    name: str
    above: tuple[Key, ...]

    @property
    def key(self) -> Key:
        return self.store_id, self.group_id


class Found(NamedTuple):
    """A group as the catalogue has it."""

    number: int
    store_id: str
    group_id: str
    name: str
    parent_id: str | None


def groups_of(user_id: int, store_id: str | None = None) -> list[Node]:
    """Read all groups, or those of one store, as a tree; stores and groups by name. One statement."""
    statement = (
        select(
            _groups.c.id,
            _groups.c.store_evotor_id,
            _groups.c.evotor_id,
            _groups.c.name,
            _groups.c.parent_evotor_id,
        )
        .join(
            CachedStore,
            (CachedStore.user_id == _groups.c.user_id) & (CachedStore.evotor_id == _groups.c.store_evotor_id),
        )
        .where(_groups.c.user_id == user_id)
        .order_by(CachedStore.sort_name, CachedStore.id, _groups.c.sort_name, _groups.c.id)
    )
    if store_id is not None:
        statement = statement.where(_groups.c.store_evotor_id == store_id)
    return as_tree(map(Found._make, db.session.execute(statement)))


def group_names_of(user_id: int) -> Sequence[str]:
    """Read the names of all groups, in no order."""
    return db.session.scalars(select(_groups.c.name).where(_groups.c.user_id == user_id)).all()


def as_tree(groups: Iterable[Found]) -> list[Node]:
    """Put each group below its parent, otherwise in the given order.

    A group whose parent is not there stands at the top; so does one of each loop.
    """
    groups = list(groups)
    keys = {(group.store_id, group.group_id) for group in groups}
    below: defaultdict[Key, list[Found]] = defaultdict(list)
    tops = []
    for group in groups:
        parent = (group.store_id, group.parent_id or "")
        if parent in keys:
            below[parent].append(group)
        else:
            tops.append(group)
    nodes: list[Node] = []
    placed: set[Key] = set()

    def place(top: Found) -> None:
        left: list[tuple[Found, tuple[Key, ...]]] = [(top, ())]
        while left:
            group, above = left.pop()
            node = Node(group.number, group.store_id, group.group_id, group.name, above)
            if node.key in placed:
                continue
            placed.add(node.key)
            nodes.append(node)
            left += [(child, (*above, node.key)[-DEEPEST:]) for child in reversed(below.get(node.key, ()))]

    for group in (*tops, *groups):
        place(group)
    if len(tops) and len(nodes) > 1:
        # What stood in a loop was placed last: back to the store that it is in.
        order = {store_id: place for place, store_id in enumerate(dict.fromkeys(g.store_id for g in groups))}
        nodes.sort(key=lambda node: order[node.store_id])
    return nodes


def matching(nodes: Iterable[Node], words: str) -> list[Node]:
    """Those whose name holds all of the words, in whatever order."""
    wanted = words_of(words)
    return [node for node in nodes if _has_all(fold(node.name), wanted)]


def _has_all(folded: str, words: Iterable[str]) -> bool:
    """Tell whether a folded name holds each of some folded words."""
    return all(word in folded for word in words)
