"""Which goods stand behind one listing, and how several are shown as one."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from app.publishing.planning.forbidden import forbidden
from app.publishing.planning.good import Good, Key
from app.publishing.planning.settings import FIRST, NOT_MERGED, Settings

MARK_LENGTH = 255
_MARKS = {
    "barcode": lambda good: good.first_barcode,
    "article": lambda good: good.article,
    "code": lambda good: good.code,
}


class Answer(NamedTuple):
    """The owner's word on goods that bear one mark; `goods` are those that it was about, None: not known."""

    is_one: bool
    goods: frozenset[Key] | None = None

    def is_about(self, shelf: Iterable[Good]) -> bool:
        """Tell whether it was given about all of these: a mark may have moved to another good since."""
        return self.goods is None or all(good.key in self.goods for good in shelf)


@dataclass(frozen=True)
class Joins:
    """What is known of goods that bear one mark.

    `answers` are the owner's by mark; about other goods than they were given for they say nothing. `listed`
    are the listings that goods stand behind together with others: those were one before, and stay so unless
    the owner says otherwise, also where they bear no mark any more. A good that joins them by its mark is
    asked about, and they wait for nothing.
    """

    answers: Mapping[str, Answer] = field(default_factory=dict)
    listed: Mapping[Key, int] = field(default_factory=dict)

    def is_one(self, mark: str, shelf: Sequence[Good]) -> bool | None:
        """Tell whether these goods are one; None while nobody knows."""
        said = self.answers.get(mark)
        if said is not None and said.is_about(shelf):
            return said.is_one
        return True if len(self.together(mark, shelf)) == len(shelf) else None

    def together(self, mark: str, shelf: Sequence[Good]) -> tuple[Good, ...]:
        """Those of these goods that are known to be one, whatever the others are; none for a single one."""
        said, parts = self.answers.get(mark), []
        if said is not None and said.is_one:
            parts.append(tuple(good for good in shelf if said.goods is None or good.key in said.goods))
        listings = [self.listed.get(good.key) for good in shelf]
        for listing in dict.fromkeys(filter(None, listings)):
            part = tuple(good for good, found in zip(shelf, listings, strict=True) if found == listing)
            if said is None or said.is_one or not said.is_about(part):
                parts.append(part)
        return max((part for part in parts if len(part) > 1), key=len, default=())


class Alike(NamedTuple):
    """Goods of different stores that bear one mark, in the owner's order of stores; `is_one`: as in Joins."""

    mark: str
    goods: tuple[Good, ...]
    is_one: bool | None


class Shelves(NamedTuple):
    """The goods by listing, in the order in which they came, and those of several stores that are alike."""

    shelves: list[tuple[Good, ...]]
    alike: list[Alike]


def merged(goods: Iterable[Good], settings: Settings, joins: Joins | None = None) -> Shelves:
    """Put goods of different stores together that bear the same mark and that the owner called one.

    joins: what the owner has said; None: yes to everything. Goods of one store are never one good, whatever
    they bear: the first takes part, the others stand alone.
    """
    if settings.merge_by == NOT_MERGED:
        return Shelves([(good,) for good in goods], [])
    shelves: list[tuple[Good, ...]] = []
    alike: list[Alike] = []
    for mark, shelf in _by_mark(goods, settings, joins.listed if joins else {}):
        if mark is None or len(shelf) == 1:
            shelves.append(shelf)
            continue
        is_one = True if joins is None else joins.is_one(mark, shelf)
        one = shelf if is_one else joins.together(mark, shelf) if joins and is_one is None else ()
        shelves += [one] if one else []
        shelves += [(good,) for good in shelf if good not in one]
        alike.append(Alike(mark, shelf, is_one))
    return Shelves(shelves, alike)


def _by_mark(
    goods: Iterable[Good], settings: Settings, listed: Mapping[Key, int]
) -> Iterator[tuple[str | None, tuple[Good, ...]]]:
    mark_of = _MARKS[settings.merge_by]
    shelves: dict[object, dict[str, Good]] = {}
    unmarked: list[Good] = []
    for good in goods:
        mark = _usable(mark_of(good))
        shelf = shelves.setdefault(mark, {}) if mark else None
        if not mark and good.key in listed:
            unmarked.append(good)
        elif shelf is None or good.store_id in shelf:
            shelves[good.key] = {good.store_id: good}
        else:
            shelf[good.store_id] = good
    # An answer without marks says nothing of what is one.
    behind = {
        listed[good.key]: shelf for shelf in shelves.values() for good in shelf.values() if good.key in listed
    }
    for good in unmarked:
        shelf = behind.get(listed[good.key], {})
        if not shelf or good.store_id in shelf:
            shelf = behind[listed[good.key]] = shelves[good.key] = {}
        shelf[good.store_id] = good
    rank = {store_id: place for place, store_id in enumerate(settings.store_order)}
    for mark_or_key, of_stores in shelves.items():
        shelf_of = sorted(
            of_stores.values(), key=lambda good: (rank.get(good.store_id, len(rank)), good.number)
        )
        yield (mark_or_key if isinstance(mark_or_key, str) else None), tuple(shelf_of)


def mark_of_good(good: Good, settings: Settings) -> str | None:
    """By what the good is told to be one with those of other stores; None where it stands alone."""
    return None if settings.merge_by == NOT_MERGED else _usable(_MARKS[settings.merge_by](good)) or None


def _usable(mark: str | None) -> str:
    bare = (mark or "").strip()
    return bare if len(bare) <= MARK_LENGTH else ""


def as_one(goods: Sequence[Good], settings: Settings) -> Good:
    """The good that buyers see: the first store's facts, what it lacks from the next.

    Stock is that of all stores together, or of the first one that counts any, as the owner has chosen.
    """
    first = goods[0]
    if len(goods) == 1:
        return first
    priced = price_source(goods)
    stocks = [good.quantity for good in stock_sources(goods, settings) if good.quantity is not None]
    kinds = [good.type for good in goods]
    on_sale = [good.allow_to_sell for good in goods]
    return first._replace(
        # What one store calls forbidden is so, whatever the others call it.
        type=next((kind for kind in kinds if forbidden(kind)), first.type),
        price=priced.price,
        former_price=priced.former_price,
        quantity=sum(stocks[1:], stocks[0]) if stocks else None,
        # One store that sells it is enough, and one that says nothing of it does.
        allow_to_sell=next((said for said in (True, None) if said in on_sale), False),
        description=next((good.description for good in goods if good.description), None),
        photos=next((good.photos for good in goods if good.photos), ()),
        number=max(good.number for good in goods),
    )


def price_source(goods: Sequence[Good]) -> Good:
    """The good whose price the listing has: the first one that has any."""
    return next((good for good in goods if good.price), goods[0])


def stock_sources(goods: Sequence[Good], settings: Settings) -> Sequence[Good]:
    """The goods whose stock the listing has: all, or the first one that counts any."""
    if settings.stock_from != FIRST:
        return goods
    return [next((good for good in goods if good.quantity is not None), goods[0])]
