"""What holds for the goods of a group: its own choices, else those of the groups above, else the shop's."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from app.publishing.planning.good import Key
from app.publishing.planning.settings import Settings


class GroupChoice(NamedTuple):
    """What is chosen for a group; None: as the group above has it, else as the shop."""

    category_id: int | None = None
    markup_percent: Decimal | None = None
    out_of_stock: str | None = None
    album: bool | None = None
    per_100g: bool | None = None


class Choice(NamedTuple):
    """What holds for a good once its groups have been asked."""

    category_id: int | None
    markup_percent: Decimal
    out_of_stock: str
    album: bool
    per_100g: bool = False


class Decided(NamedTuple):
    """A value and the group that it comes from; None: it is the whole shop's."""

    value: Any
    by: Key | None


@dataclass(frozen=True)
class GroupTree:
    """The owner's choices for groups and the tree they are inherited in; both keyed by (store, group).

    A parent that is no key itself ends the way up, and so does a loop.
    """

    choices: Mapping[Key, GroupChoice] = field(default_factory=dict)
    parents: Mapping[Key, str | None] = field(default_factory=dict)


class Chooser:
    """Finds what holds for a group: the nearest group upwards wins, each field on its own."""

    def __init__(self, settings: Settings, groups: GroupTree) -> None:
        self._groups = groups
        self._default = Choice(
            settings.default_category_id,
            settings.markup_percent,
            settings.out_of_stock,
            settings.albums,
            settings.per_100g,
        )
        self._known: dict[tuple[str, str | None], Choice] = {}

    def choice(self, store_id: str, group_id: str | None) -> Choice:
        """What holds for goods of this group (None: in no group)."""
        key = (store_id, group_id)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._resolved(store_id, group_id)
        return found

    def decided(self, store_id: str, group_id: str) -> dict[str, Decided]:
        """What holds for a group by the names of Choice, and the group that decided it."""
        found = {name: Decided(value, None) for name, value in self._default._asdict().items()}
        for key, chosen in reversed(self._way_up(store_id, group_id)):
            for name, value in chosen._asdict().items():
                if value is not None:
                    found[name] = Decided(value, key)
        return found

    def _resolved(self, store_id: str, group_id: str | None) -> Choice:
        if not self._groups.choices:
            return self._default
        way_up = [chosen for _, chosen in self._way_up(store_id, group_id)]
        fields = (
            next((value for value in values if value is not None), default)
            for *values, default in zip(*way_up, self._default, strict=True)
        )
        return Choice(*fields)

    def _way_up(self, store_id: str, group_id: str | None) -> list[tuple[Key, GroupChoice]]:
        """The choices for a group and for those above it, its own first."""
        way_up = []
        visited = set()
        while group_id is not None and group_id not in visited:
            visited.add(group_id)
            key = (store_id, group_id)
            if chosen := self._groups.choices.get(key):
                way_up.append((key, chosen))
            group_id = self._groups.parents.get(key)
        return way_up
