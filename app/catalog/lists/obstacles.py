"""What keeps goods out of VK, for a whole list: the owner's settings, and what groups choose otherwise."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from functools import cache, cached_property, lru_cache
from typing import Any, NamedTuple

from sqlalchemy import CompoundSelect, Select, func, literal, null, select, union_all

from app.catalog.lists.readiness import CHOICE_AS_TEXT, SETTINGS_AS_TEXT, read_choice, read_settings
from app.catalog.lists.short_texts import short_texts
from app.catalog.lists.surroundings import USER_ID
from app.connections.may_publish import chosen_community_id
from app.data.compiled import read_rows
from app.data.db import db
from app.mirror.groups import parents_of
from app.mirror.models import CachedProduct, GroupSize
from app.publishing.joined import forbidden_elsewhere_here
from app.publishing.planning import pricing
from app.publishing.planning.choosing import Choice, Chooser, GroupChoice, GroupTree
from app.publishing.planning.good import Key
from app.publishing.planning.prices import PRICE_MAX
from app.publishing.planning.settings import HIDE, NOT_MERGED, Settings
from app.publishing.settings.lost_categories import select_lost
from app.publishing.settings.models import GroupSettings, PublicationSettings

_KOPECK = Decimal("0.01")
# Whatever the till can ask for, in kopecks.
_IN_TILL = range(1, 10**12)
_ENDLESS = Decimal("Infinity")


class Bounds(NamedTuple):
    """Between which prices in the till VK is told of one, in roubles, both included.

    `most` is None where the till can ask for no more than VK takes, `least` where no price is right.
    """

    least: Decimal | None
    most: Decimal | None = None


class Needs(NamedTuple):
    """What goods of some groups need to be in VK.

    `prices`: the bounds by the units that they are for, under None for all other units. `may_run_out`: they
    may be there though the till has none. `has_category`: VK knows theirs.
    """

    prices: tuple[tuple[tuple[str, ...] | None, Bounds], ...]
    may_run_out: bool
    has_category: bool


class Chosen(NamedTuple):
    """What the owner has chosen, and how many goods there are to judge by it: `sizes` are of each store.

    `lacks` is whether what is not chosen keeps goods out.
    """

    settings: Settings
    of_groups: dict[Key, GroupChoice]
    sizes: dict[str, int]
    lacks: bool


class Obstacles:
    """The owner's settings and the choices of groups; `lacks` as in `Chosen`.

    `short` are the numbers of goods that are kept out by a text that is too short. Where goods of several
    stores are one, another store's may stand for any: all that is said is what VK forbids, by its own type or
    by that of the same good `elsewhere`.
    """

    def __init__(
        self,
        settings: Settings,
        groups: GroupTree,
        units: Collection[str],
        *,
        lacks: bool,
        short: Collection[int] = (),
        elsewhere: Collection[Key] = (),
    ) -> None:
        self.settings = settings
        self.lacks = lacks
        self.short = short
        self.elsewhere = elsewhere
        self._groups = groups
        self._weights = _alike(units)
        self._chooser = Chooser(settings, groups)

    @cached_property
    def of_others(self) -> Needs:
        """What goods need that lie in none of `of_groups`."""
        return self._needs(self._chooser.choice("", None))

    @cached_property
    def of_groups(self) -> dict[Needs, dict[str, list[str]]]:
        """The groups by what their goods need, and by store; none where that is what all others need."""
        found: defaultdict[Needs, defaultdict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        needs: dict[Choice, Needs] = {}
        for store_id, group_id in self._groups.parents.keys() | self._groups.choices.keys():
            choice = self._chooser.choice(store_id, group_id)
            if choice not in needs:
                needs[choice] = self._needs(choice)
            if needs[choice] != self.of_others:
                found[needs[choice]][store_id].append(group_id)
        return {each: dict(of_stores) for each, of_stores in found.items()}

    def _needs(self, choice: Choice) -> Needs:
        category = choice.category_id
        return Needs(
            tuple(self._prices(choice)),
            choice.out_of_stock != HIDE,
            not self.lacks or (category is not None and category not in self.settings.lost_categories),
        )

    def _prices(self, choice: Choice) -> Iterable[tuple[tuple[str, ...] | None, Bounds]]:
        """The bounds of prices that VK is told of; units of one weight have theirs together."""
        terms = choice.markup_percent, self.settings.rounding, self.settings.price_floor
        others = bounds_of(None, *terms)
        yield None, others
        for portion, units in self._weights.items() if choice.per_100g else ():
            bounds = bounds_of(portion, *terms)
            if bounds != others:
                yield units, bounds


def _alike(units: Iterable[str]) -> dict[Decimal, tuple[str, ...]]:
    """The units of weight by how much of them 100 g are, which decides the price however they are written."""
    alike = defaultdict(list)
    for unit in units:
        portion = pricing.hundred_grams(unit)
        if portion is not None:
            alike[portion].append(unit)
    return {portion: tuple(written) for portion, written in alike.items()}


# The groups of a shop choose between few.
@lru_cache(maxsize=4096)
def bounds_of(portion: Decimal | None, markup_percent: Decimal, rounding: str, floor: Decimal) -> Bounds:
    """Find the bounds: what a price becomes in VK grows with it until it is more than VK takes."""

    def in_vk(kopecks: int) -> Decimal:
        # Too little and too much are both no price in VK, so that only the former may be none here.
        terms = portion, markup_percent, rounding
        return pricing.in_vk(kopecks * _KOPECK, *terms, most=_ENDLESS) or Decimal(0)

    too_little = bisect_left(_IN_TILL, max(floor, _KOPECK), key=in_vk)
    least = _IN_TILL[too_little] * _KOPECK if too_little < len(_IN_TILL) else None
    if in_vk(_IN_TILL[-1]) <= PRICE_MAX:
        return Bounds(least)
    most = bisect_right(_IN_TILL, PRICE_MAX, key=in_vk) * _KOPECK
    return Bounds(least, most) if least is not None and least <= most else Bounds(None)


def obstacles_of(user_id: int, chosen: Chosen) -> Obstacles:
    """Read what they hang on: one statement where groups choose, one where anything is priced for 100 g.

    And one for texts that are too short, or a few for what is one with others. Raises 429 when there is much
    to be cleaned and others are in front.
    """
    parents: Mapping[Key, str | None] = parents_of(user_id) if chosen.of_groups else {}
    is_weighed = chosen.settings.per_100g or any(each.per_100g for each in chosen.of_groups.values())
    groups = GroupTree(chosen.of_groups, parents)
    says_more = chosen.lacks and chosen.settings.merge_by == NOT_MERGED
    return Obstacles(
        chosen.settings,
        groups,
        _units_of(user_id) if is_weighed else (),
        lacks=chosen.lacks,
        short=tuple(short_texts(user_id, chosen.settings, groups)) if says_more else (),
        elsewhere=forbidden_elsewhere_here(user_id, chosen.settings).keys(),
    )


def read_chosen(user_id: int) -> Chosen:
    """Read it; one statement."""
    of: defaultdict[str, list[Any]] = defaultdict(list)
    for kind, *values in read_rows(_statement(), {"user_id": user_id}):
        of[kind].append(values)
    [(_, _, community_id, _)] = of["community"]
    text = next((text for _, _, _, text in of["settings"]), None)
    lost = tuple(number for _, _, number, _ in of["lost"])
    return Chosen(
        read_settings(text, lost),
        {(store_id, group_id): read_choice(choice) for store_id, group_id, _, choice in of["choice"]},
        {store_id: int(goods) for store_id, _, goods, _ in of["size"]},
        lacks=text is not None or community_id is not None,
    )


@cache
def _statement() -> CompoundSelect[Any]:
    lost = select_lost(USER_ID, chosen_community_id(USER_ID)).subquery("lost_categories")
    return union_all(
        select(literal("community"), null(), null(), chosen_community_id(USER_ID), null()),
        select(literal("settings"), null(), null(), null(), SETTINGS_AS_TEXT).where(
            PublicationSettings.user_id == USER_ID
        ),
        select(
            *(literal("choice"), GroupSettings.store_evotor_id, GroupSettings.group_evotor_id),
            *(null(), CHOICE_AS_TEXT),
        ).where(GroupSettings.user_id == USER_ID),
        select(literal("lost"), null(), null(), lost.c.category_id, null()),
        select(literal("size"), GroupSize.store_evotor_id, null(), func.sum(GroupSize.products), null())
        .where(GroupSize.user_id == USER_ID)
        .group_by(GroupSize.store_evotor_id),
    )


def _units_of(user_id: int) -> list[str]:
    """The units that an owner's goods are measured in."""
    units: Select[Any] = select(func.coalesce(CachedProduct.measure_name, "")).filter_by(user_id=user_id)
    return sorted(db.session.scalars(units.distinct()))
