"""What of several stores is one good, or may be: as the owner is asked about it, or has answered."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from app.publishing.planning.good import Good, Key
from app.publishing.planning.joins import Together, name_of
from app.publishing.planning.settings import Settings

# The goods that bear a mark, one of each store.
ByMark = Mapping[str, Mapping[str, Good]]


class Alike(NamedTuple):
    """Goods of different stores that are one, or may be, in the owner's order of stores.

    All bear the `mark`, or it is the name that an answer about them is kept by: `shared` is then what they
    are asked about for. `is_one`: what is known of them, None while nothing is.
    """

    mark: str
    goods: tuple[Good, ...]
    is_one: bool | None
    shared: str = ""


def in_order(goods: Iterable[Good], settings: Settings) -> tuple[Good, ...]:
    """Goods of several stores in the owner's order of these: the first is the main one."""
    order = settings.store_order
    if not order:
        return tuple(goods)
    rank = {store_id: place for place, store_id in enumerate(order)}
    return tuple(sorted(goods, key=lambda good: rank.get(good[0], len(order))))


def alike_of(
    by_mark: ByMark, shelves: Iterable[tuple[Good, ...]], together: Together, settings: Settings
) -> list[Alike]:
    """Tell what shares a mark, what is one though it shares none any more, and what was called different."""
    sharing = [(mark, in_order(each.values(), settings)) for mark, each in by_mark.items() if len(each) > 1]
    told = _Told()
    marks: dict[int, str] = {}
    found: dict[str, Alike] = {}
    # The wider ones first: what is asked about all of them is not asked about some.
    for mark, shelf in sorted(sharing, key=lambda each: len(each[1]), reverse=True):
        is_one = together.is_one(shelf)
        if is_one and len(group := together.group_of(shelf[0])) > len(shelf):
            marks[id(group)] = mark
        elif told.is_new(shelf):
            found[mark] = Alike(mark, shelf, is_one)
    found = {mark: found[mark] for mark in by_mark if mark in found}
    for shelf in shelves:
        if len(shelf) > 1 and told.is_new(shelf):
            mark = marks.get(id(together.group_of(shelf[0]))) or name_of(good.key for good in shelf)
            found[mark] = Alike(mark, shelf, is_one=True)
    for mark, goods in together.parted():
        if told.is_new(goods):
            name = name_of(good.key for good in goods) if mark in found else mark
            found[name] = Alike(name, in_order(goods, settings), is_one=False)
    return list(found.values())


def kept_from_sale(
    goods: Iterable[Good], forbidden: Mapping[Key, Sequence[Good]], alike: Iterable[Alike]
) -> list[Alike]:
    """Give goods with each card that keeps them from VK (see `Joins`) and is not told of beside them yet.

    Such a card is not published, has left the till, or lies in a store that another of the good's is from.
    """
    goods = list(goods)
    held = [good for good in goods if good.key in forbidden]
    if not held:
        return []
    told = [{good.key for good in each.goods} for each in alike if each.is_one]
    names = {good.store_id: good.store_name for good in goods}
    pairs = ((good, card) for good in held for card in forbidden[good.key])
    return [
        Alike(
            name_of((good.key, card.key)),
            (good, card._replace(store_name=names.get(card.store_id))),
            is_one=True,
        )
        for good, card in pairs
        if not any({good.key, card.key} <= keys for keys in told)
    ]


def may_be_one(alike: Iterable[Alike]) -> dict[Key, list[frozenset[Key]]]:
    """Give by good those that it may be one with, itself among them, where the owner has not said yet."""
    found: defaultdict[Key, list[frozenset[Key]]] = defaultdict(list)
    for each in alike:
        if each.is_one is None:
            keys = frozenset(good.key for good in each.goods)
            for key in keys:
                found[key].append(keys)
    return found


class _Told:
    """Goods that something is told about already."""

    def __init__(self) -> None:
        self._told: set[frozenset[Key]] = set()
        # Those of more than two, by each of them: pairs may be a part of these.
        self._wide: defaultdict[Key, list[frozenset[Key]]] = defaultdict(list)

    def is_new(self, goods: Iterable[Good]) -> bool:
        """Note goods; tell whether nothing was told of all of them so far."""
        keys = frozenset([good[:2] for good in goods])
        if keys in self._told or (
            self._wide and any(keys < wider for wider in self._wide.get(next(iter(keys)), ()))
        ):
            return False
        self._told.add(keys)
        for key in keys if len(keys) > 2 else ():
            self._wide[key].append(keys)
        return True
