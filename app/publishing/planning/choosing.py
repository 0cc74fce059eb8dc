"""What holds for the goods of a group: its own choices, else those of the groups above, else the shop's."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import reduce
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
    new_goods: str | None = None


class Choice(NamedTuple):
    """What holds for a good once its groups have been asked."""

    category_id: int | None
    markup_percent: Decimal
    out_of_stock: str
    album: bool
    per_100g: bool = False
    new_goods: str = "rules"


def with_terms_of(card: Choice, price: Choice) -> Choice:
    """What holds for goods that are shown as one: `card` is the main good's choice, `price` the priced one's.

    The markup and whether it is sold by 100 g go with the price, as its unit does. What is shown, where and
    when goes with the card: the category, the album, what becomes of it without stock, and of new goods.
    Rounding and templates are the whole shop's.
    """
    return card._replace(markup_percent=price.markup_percent, per_100g=price.per_100g)


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
            settings.new_goods,
        )
        self._known: dict[Key, Choice] = {}
        self._nearest: dict[Key, Key | None] = {}

    def choice(self, store_id: str, group_id: str | None) -> Choice:
        """What holds for goods of this group (None: in no group)."""
        if group_id is None or not self._groups.choices:
            return self._default
        if (known := self._known.get((store_id, group_id))) is not None:
            return known
        way_up: list[Key] = []
        visited: set[str] = set()
        while group_id is not None and group_id not in visited and (store_id, group_id) not in self._known:
            visited.add(group_id)
            way_up.append((store_id, group_id))
            group_id = self._groups.parents.get((store_id, group_id))
        if group_id is None:
            found = self._default
        elif group_id in visited:
            # Of a loop, whatever is chosen in it, from where it closes.
            loop = way_up[way_up.index((store_id, group_id)) :]
            found = reduce(self._chosen, reversed(loop), self._default)
        else:
            found = self._known[store_id, group_id]
        # Each group is looked at once, however deep it lies and however many lie in it.
        for key in reversed(way_up):
            found = self._known[key] = self._chosen(found, key)
        return found

    def decided(self, store_id: str, group_id: str) -> dict[str, Decided]:
        """What holds for a group by the names of Choice, and the group that decided it."""
        found = {name: Decided(value, None) for name, value in self._default._asdict().items()}
        for key, chosen in reversed(self._way_up(store_id, group_id)):
            for name, value in chosen._asdict().items():
                if value is not None:
                    found[name] = Decided(value, key)
        return found

    def _chosen(self, above: Choice, key: Key) -> Choice:
        """What holds for a group below one for which `above` does."""
        own = self._groups.choices.get(key)
        if own is None:
            return above
        return above._replace(**{name: value for name, value in own._asdict().items() if value is not None})

    def _way_up(self, store_id: str, group_id: str | None) -> list[tuple[Key, GroupChoice]]:
        """The choices for a group and for those above it, its own first."""
        way_up: dict[Key, GroupChoice] = {}
        while (key := self._chosen_from(store_id, group_id)) is not None and key not in way_up:
            way_up[key] = self._groups.choices[key]
            group_id = self._groups.parents.get(key)
        return list(way_up.items())

    def _chosen_from(self, store_id: str, group_id: str | None) -> Key | None:
        """The nearest group from this one up that something is chosen for; each is passed once."""
        passed: list[Key] = []
        nearest = None
        while group_id is not None:
            key = (store_id, group_id)
            if key in self._nearest or key in self._groups.choices:
                nearest = self._nearest.get(key, key)
                break
            # Until more is known, which ends a loop.
            self._nearest[key] = None
            passed.append(key)
            group_id = self._groups.parents.get(key)
        self._nearest |= dict.fromkeys(passed, nearest)
        return nearest
