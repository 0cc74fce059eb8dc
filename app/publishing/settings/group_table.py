"""The groups that a table shows: as a tree where they can be read whole, else by name, a part at a time."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Select, and_, func, literal, select, tuple_

from app.data.db import db
from app.data.recursion import step
from app.mirror.holding import holds_all
from app.mirror.models import CachedGroup, CachedStore
from app.mirror.search import words_of
from app.publishing.planning.good import Key
from app.publishing.settings.group_tree import DEEPEST, Found, Node, groups_of, matching

# To put more of them into a tree takes a page longer than its rows do.
MOST = 5_000

_groups = CachedGroup.__table__
_stores = CachedStore.__table__
_COLUMNS = (
    _groups.c.id,
    _groups.c.store_evotor_id,
    _groups.c.evotor_id,
    _groups.c.name,
    _groups.c.parent_evotor_id,
)
_PLACES = (_groups.c.store_evotor_id, _groups.c.evotor_id, _groups.c.name, _groups.c.parent_evotor_id)
_ORDER = (_stores.c.sort_name, _stores.c.id, _groups.c.sort_name, _groups.c.id)


class Tree:
    """The groups as a tree, or what a search leaves of it; `names` and `parents` are of all in it."""

    is_flat = False

    def __init__(self, nodes: Sequence[Node], words: str) -> None:
        self._found = matching(nodes, words) if words else nodes
        self.names = {node.key: node.name for node in nodes}
        self.parents = {node.key: node.above[-1][1] if node.above else None for node in nodes}

    @property
    def total(self) -> int:
        return len(self._found)

    def part(self, first: int, count: int) -> Sequence[Node]:
        """The groups from place `first`, from 0, on."""
        return self._found[first : first + count]

    def place_of(self, node: Node) -> int | None:
        """Where a group stands, from 0; None when it is not among them."""
        return next((place for place, found in enumerate(self._found) if found.key == node.key), None)


class Flat:
    """Very many groups, store by store, by name; `names` and `parents` are of those that were read."""

    is_flat = True

    def __init__(self, user_id: int, store_id: str, words: str) -> None:
        self.names: dict[Key, str] = {}
        self.parents: dict[Key, str | None] = {}
        self._user_id = user_id
        self._which = [_groups.c.user_id == user_id]
        if store_id:
            self._which.append(_groups.c.store_evotor_id == store_id)
        if words:
            self._which.append(holds_all(_groups.c.sort_name, words_of(words)))
        self.total = db.session.scalar(select(func.count()).where(*self._which)) or 0

    def part(self, first: int, count: int) -> Sequence[Node]:
        """The groups from place `first`, from 0, on."""
        shown = self._with_store(*_COLUMNS).order_by(*_ORDER).offset(first).limit(count)
        nodes, names, parents = _with_those_above(
            self._user_id, [Found._make(row) for row in db.session.execute(shown)]
        )
        self.names |= names
        self.parents |= parents
        return nodes

    def place_of(self, node: Node) -> int | None:
        """Where a group stands, from 0; None when it is not among them."""
        named = self._with_store(*_ORDER).where(_groups.c.id == node.number)
        itself = db.session.execute(named).one_or_none()
        if itself is None:
            return None
        before = self._with_store(func.count()).where(tuple_(*_ORDER) < tuple_(*itself))
        return db.session.scalar(before) or 0

    def _with_store(self, *columns: Any) -> Select[Any]:
        is_in = and_(_stores.c.user_id == self._user_id, _stores.c.evotor_id == _groups.c.store_evotor_id)
        return select(*columns).select_from(_groups).join(_stores, is_in).where(*self._which)


def table_of(user_id: int, store_id: str = "", words: str = "") -> Tree | Flat:
    """Read the owner's groups, or those of a store, whose names hold the words."""
    in_scope = select(_groups.c.id).where(_groups.c.user_id == user_id)
    if store_id:
        in_scope = in_scope.where(_groups.c.store_evotor_id == store_id)
    counted = select(func.count()).select_from(in_scope.limit(MOST + 1).subquery())
    if (db.session.scalar(counted) or 0) > MOST:
        return Flat(user_id, store_id, words)
    return Tree(groups_of(user_id, store_id or None), words)


def group_of(user_id: int, key: Key) -> tuple[Node, dict[Key, str], dict[Key, str | None]] | None:
    """Find a group, with the names and the parents of it and of all above it; None without it."""
    store_id, group_id = key
    named = select(*_COLUMNS).where(
        _groups.c.user_id == user_id, _groups.c.store_evotor_id == store_id, _groups.c.evotor_id == group_id
    )
    row = db.session.execute(named).one_or_none()
    if row is None:
        return None
    (node,), names, parents = _with_those_above(user_id, [Found._make(row)])
    return node, names, parents


def _with_those_above(
    user_id: int, groups: Iterable[Found]
) -> tuple[list[Node], dict[Key, str], dict[Key, str | None]]:
    """The groups in their places, and of all that lie above them the names and the parents."""
    groups = list(groups)
    above = db.session.execute(_lineage(user_id, [group.number for group in groups])).all()
    known = {(store_id, group_id) for store_id, group_id, *_ in above}
    if any(depth == DEEPEST and (row[0], row[3] or "") not in known for *row, depth in above):
        # Deeper than anybody would put them: to go on for each takes longer than to read all there are.
        of_owner = select(*_PLACES, literal(0)).where(_groups.c.user_id == user_id)
        above = db.session.execute(of_owner).all()
    names, parents = dict[Key, str](), dict[Key, str | None]()
    for store_id, group_id, name, parent_id, _ in above:
        names[store_id, group_id], parents[store_id, group_id] = name, parent_id
    return [Node(*group[:4], _way_down(group, parents)) for group in groups], names, parents


def _lineage(user_id: int, numbers: list[int]) -> Select[Any]:
    """The groups of these keys and those above them, as far up as they are shown, with the way to each."""
    of_owner = _groups.c.user_id == user_id
    seeds = select(*_PLACES, literal(0).label("depth")).where(of_owner, _groups.c.id.in_(numbers))
    lineage = seeds.cte("lineage", recursive=True)
    is_above = and_(
        of_owner,
        _groups.c.store_evotor_id == lineage.c.store_evotor_id,
        _groups.c.evotor_id == lineage.c.parent_evotor_id,
    )
    higher = (
        select(*_PLACES, lineage.c.depth + 1)
        .select_from(step(lineage, _groups, is_above))
        .where(lineage.c.depth < DEEPEST)
    )
    # UNION, since groups of a page have most of those above them in common.
    return select(lineage.union(higher))


def _way_down(group: Found, parents: dict[Key, str | None]) -> tuple[Key, ...]:
    """The nearest groups above, the outermost first; a loop is cut where it closes."""
    way: list[Key] = []
    key = group.store_id, group.parent_id or ""
    while key in parents and key not in way and key[1] != group.group_id and len(way) < DEEPEST:
        way.append(key)
        key = key[0], parents[key] or ""
    return tuple(reversed(way))
