"""The table of groups: what holds for each, and the group that decided it."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import groupby
from typing import Any, NamedTuple

from flask_babel import gettext

from app.connections.may_publish import may_publish
from app.mirror.stores import store_names
from app.publishing.planning.choosing import Chooser, Decided, GroupChoice, GroupTree
from app.publishing.planning.good import Key
from app.publishing.settings.categories import category_name, leaf_paths
from app.publishing.settings.group_form import NEW_GOODS, NO, OUT_OF_STOCK, YES, YES_OR_NO
from app.publishing.settings.group_table import group_of, table_of
from app.publishing.settings.group_tree import Node
from app.publishing.settings.read import group_choices_of, settings_of
from app.publishing.settings.suggestions import SHOWN, asked_as, suggestions_for
from app.web.formatting import quantity, quoted

PAGE = 100
OWN, GROUP, SHOP = "own", "group", "shop"
# Between the steps of a category's path.
_STEP = " → "
FIELDS = ("category_id", "markup_percent", "out_of_stock", "per_100g", "album", "new_goods")


class Place(NamedTuple):
    """Which part of the table is looked at: groups whose names hold `q`, of one store, a page of them."""

    q: str = ""
    in_store: str = ""
    page: int = 1

    @property
    def query(self) -> dict[str, Any]:
        """The parameters that lead there; what goes without saying is left out."""
        given = {"q": self.q, "in_store": self.in_store, "page": self.page if self.page > 1 else ""}
        return {name: value for name, value in given.items() if value}


class Cell(NamedTuple):
    """A value in words; `by` whom it is decided (`own`, `group`, `shop`); `whence` an inherited one comes."""

    value: str
    by: str
    whence: str = ""

    @property
    def short(self) -> str:
        """The value where there is little room: of a path its end."""
        return self.value.rpartition(_STEP)[2]

    @property
    def as_above(self) -> str:
        """The first choice of a field: to leave it to the groups above."""
        return gettext("как выше: %(value)s (%(whence)s)", value=self.short, whence=self.whence)


class Suggestion(NamedTuple):
    """A category that VK found for the group's name."""

    category_id: int
    path: str

    @property
    def name(self) -> str:
        return self.path.rpartition(_STEP)[2]


class Row(NamedTuple):
    """A group in the table; `path` names the groups above it, the outermost first."""

    node: Node
    store: str
    path: tuple[str, ...]
    cells: dict[str, Cell]
    suggestions: list[Suggestion]

    @property
    def anchor(self) -> str:
        return f"g{self.node.number}"

    @property
    def address(self) -> dict[str, str]:
        """The fields that name it in addresses and forms."""
        return {"store_id": self.node.store_id, "group_id": self.node.group_id}


class GroupsView:
    """The owner's table of groups, or the part of it at `place`; read once, asked for rows as needed."""

    def __init__(self, user_id: int, place: Place) -> None:
        self._user_id = user_id
        self.stores = store_names(user_id)
        self.settings = settings_of(user_id)
        self.choices = group_choices_of(user_id)
        self._table = table_of(user_id, place.in_store, place.q)
        # The table's own: they grow with what it reads.
        self._names, self._parents = self._table.names, self._table.parents
        self.total = self._table.total
        self.pages = max(1, -(-self.total // PAGE))
        self.place = place._replace(page=min(max(1, place.page), self.pages))
        self._chooser = self._chooser_of(self.choices)
        self.community, self.problem = may_publish(user_id)
        self.paths = leaf_paths(self.community.id) if self.community else {}

    @property
    def has_groups(self) -> bool:
        """Whether there is a group at all."""
        return bool(self.total or self.place.q or self.place.in_store)

    @property
    def is_flat(self) -> bool:
        """Whether there are too many groups for a tree."""
        return self._table.is_flat

    @property
    def is_narrowed(self) -> bool:
        """Whether rows tell their place themselves, since they do not stand in a tree."""
        return bool(self.place.q) or self.is_flat

    @cached_property
    def shown(self) -> Sequence[Node]:
        """The groups on the page."""
        return self._table.part((self.place.page - 1) * PAGE, PAGE)

    @property
    def rows(self) -> list[Row]:
        return [self.row(node) for node in self.shown]

    @property
    def rows_by_store(self) -> list[tuple[str, list[Row]]]:
        """The rows of the page below the names of their stores."""
        stores = groupby(self.rows, key=lambda row: row.node.store_id)
        return [(self.stores.get(store_id, ""), list(rows)) for store_id, rows in stores]

    def node(self, key: Key) -> Node | None:
        """Find a group, on whatever page; None when the catalogue has none of this id."""
        found = group_of(self._user_id, key)
        if found is None:
            return None
        node, names, parents = found
        self._names.update(names)
        self._parents.update(parents)
        return node

    def turned_to(self, node: Node) -> Place:
        """Where a group is to be seen: the page of it, without the search when that does not find it."""
        place, at = self.place, self._table.place_of(node)
        if at is None:
            place, at = Place(), table_of(self._user_id).place_of(node)
        return place._replace(page=(at or 0) // PAGE + 1)

    def below(self, node: Node) -> list[Row]:
        """The rows of the page that may inherit from a group."""
        return [self.row(other) for other in self.shown if node.key in other.above]

    def row(self, node: Node) -> Row:
        decided = self._chooser.decided(*node.key)
        own = self.choices.get(node.key, GroupChoice())
        return Row(
            node,
            self.stores.get(node.store_id, ""),
            tuple(self._names[key] for key in node.above),
            {name: self._cell(name, decided[name], node.key) for name in FIELDS},
            self._suggested(node.name) if own.category_id not in self.paths else [],
        )

    def inherited(self, node: Node) -> dict[str, str]:
        """What would hold for a group without choices of its own, in words, by field."""
        others = {key: choice for key, choice in self.choices.items() if key != node.key}
        decided = self._chooser_of(others).decided(*node.key)
        return {name: self._cell(name, decided[name], node.key).as_above for name in FIELDS}

    def choose(self, key: Key, choice: GroupChoice) -> None:
        """Show what has just been chosen for a group."""
        self.choices[key] = choice
        self._chooser = self._chooser_of(self.choices)

    @property
    def unasked(self) -> list[str]:
        """The names on the page that VK has not been asked about, if it can be asked."""
        if self.community is None or self.problem is not None or not self.paths:
            return []
        return [node.name for node in self.shown if asked_as(node.name) not in self._found_by_vk]

    def _chooser_of(self, choices: Mapping[Key, GroupChoice]) -> Chooser:
        return Chooser(self.settings, GroupTree(choices, self._parents))

    @cached_property
    def _found_by_vk(self) -> Mapping[str, list[int]]:
        return suggestions_for(self._user_id, [node.name for node in self.shown])

    def _suggested(self, name: str) -> list[Suggestion]:
        numbers = self._found_by_vk.get(asked_as(name), [])
        return [Suggestion(each, self.paths[each]) for each in numbers if each in self.paths][:SHOWN]

    def _cell(self, name: str, decided: Decided, key: Key) -> Cell:
        value = self._in_words(name, decided.value)
        if decided.by is None:
            return Cell(value, SHOP, gettext("настройки"))
        if decided.by == key:
            return Cell(value, OWN)
        name_there = quoted(self._names.get(decided.by, ""))
        return Cell(value, GROUP, gettext("группа «%(name)s»", name=name_there))

    def _in_words(self, name: str, value: Any) -> str:
        if name == "category_id":
            return gettext("не выбрана") if value is None else category_name(value, self.paths)
        if name == "markup_percent":
            return f"{quantity(value)} %"
        if name == "out_of_stock":
            return gettext(OUT_OF_STOCK[value])
        if name == "new_goods":
            return gettext(NEW_GOODS[value])
        return gettext(YES_OR_NO[YES if value else NO])
