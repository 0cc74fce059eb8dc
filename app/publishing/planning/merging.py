"""Which goods stand behind one listing, and how several are shown as one."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from app.publishing.planning.alike import Alike, ByMark, alike_of, in_order
from app.publishing.planning.forbidden import is_forbidden, type_of_all
from app.publishing.planning.good import Good, Key
from app.publishing.planning.joins import Joins, Together
from app.publishing.planning.pricing import may_be_one_unit
from app.publishing.planning.settings import FIRST, NOT_MERGED, Settings

MARK_LENGTH = 255
_MARKS: dict[str, Callable[[Good], Sequence[str]]] = {
    "barcode": lambda good: good.barcodes.split() if good.barcodes else (),
    "article": lambda good: (good.article.strip(),) if good.article else (),
    "code": lambda good: (good.code.strip(),) if good.code else (),
}


class Shelves(NamedTuple):
    """The goods by listing, in the order in which they came, and those of several stores that are alike."""

    shelves: list[tuple[Good, ...]]
    alike: list[Alike]


def merged(goods: Iterable[Good], settings: Settings, joins: Joins | None = None) -> Shelves:
    """Put goods of different stores together that are known to be one; those that share a mark may be.

    joins: what is known; None: whatever shares a mark is one. Goods of one store are never one good, whatever
    they bear: the first takes part, the others stand alone.
    """
    if settings.merge_by == NOT_MERGED:
        return Shelves([(good,) for good in goods], [])
    goods = list(goods)
    known = joins or Joins()
    together = Together(goods, known, first_bearers(goods, known.marks(), settings))
    by_mark = _by_mark(goods, together, settings)
    if joins is None:
        for of_stores in by_mark.values():
            together.join(good.key for good in of_stores.values())
    shelves = [in_order(shelf, settings) if len(shelf) > 1 else shelf for shelf in together.shelves()]
    alike = alike_of(by_mark, shelves, together, settings)
    if joins is None:
        alike = [each._replace(is_one=bool(each.is_one)) for each in alike]
    return Shelves(shelves, alike)


def forbidden_elsewhere(goods: Iterable[Good], settings: Settings, joins: Joins) -> dict[Key, list[Good]]:
    """The cards that are the same good and of a type that VK forbids, by good; `goods` are published or not.

    Those are left out that are of such a type themselves. Only a word on a good and the card itself frees it:
    to call it one with another card of the same store as well leaves it what it was.
    """
    goods = list(goods)
    if settings.merge_by == NOT_MERGED or not any(is_forbidden(good.type) for good in goods):
        return {}
    together = Together(goods, joins, first_bearers(goods, joins.marks(), settings))
    found: dict[Key, list[Good]] = {}
    for kin in together.kin():
        cards = [good for good in kin if is_forbidden(good.type)]
        for good in kin if cards else ():
            held = [card for card in cards if together.word_on(good, card) is not False]
            if held and not is_forbidden(good.type):
                found[good.key] = held
    return found


def marks_of(good: Good, settings: Settings) -> Sequence[str]:
    """By what the good may be told to be one with those of other stores; none where it stands alone."""
    if settings.merge_by == NOT_MERGED:
        return ()
    return [mark for mark in _MARKS[settings.merge_by](good) if 0 < len(mark) <= MARK_LENGTH]


def first_mark_of(good: Good, settings: Settings) -> str | None:
    """By what it was told so before goods were known by all their barcodes."""
    return next(iter(marks_of(good, settings)), None)


def first_bearers(goods: Iterable[Good], marks: set[str], settings: Settings) -> dict[str, list[Key]]:
    """The goods of which each of these marks is the first, one of each store."""
    found: defaultdict[str, dict[str, Key]] = defaultdict(dict)
    for good in goods if marks else ():
        mark = first_mark_of(good, settings)
        if mark is not None and mark in marks:
            found[mark].setdefault(good.store_id, good.key)
    return {mark: list(of_stores.values()) for mark, of_stores in found.items()}


def _by_mark(goods: Iterable[Good], together: Together, settings: Settings) -> ByMark:
    found: dict[str, dict[str, Good]] = {}
    # Of two in one store that bear the same one that is known to be one with others takes part.
    for good in sorted(goods, key=together.is_joined, reverse=True):
        for mark in marks_of(good, settings):
            found.setdefault(mark, {}).setdefault(good.store_id, good)
    return found


def as_one(goods: Sequence[Good], settings: Settings) -> Good:
    """The good that buyers see: the first store's facts, what it lacks from the next.

    Its price, its unit and all words and stock are of goods that are sold by one unit: the name of cheese by
    weight does not stand over the price of a piece. Stock is that of all stores together, or of the first one
    that counts any, as the owner has chosen.
    """
    first = goods[0]
    if len(goods) == 1:
        return first
    priced = price_source(goods)
    sold = _sold_as(priced, goods)
    stocks = [good.quantity for good in stock_sources(goods, settings) if good.quantity is not None]
    on_sale = [good.allow_to_sell for good in sold]
    return first._replace(
        name=sold[0].name,
        type=type_of_all(good.type for good in goods),
        price=priced.price,
        former_price=priced.former_price,
        unit=priced.unit,
        quantity=sum(stocks[1:], stocks[0]) if stocks else None,
        # One store that sells it is enough, and one that says nothing of it does.
        allow_to_sell=next((said for said in (True, None) if said in on_sale), False),
        description=next((good.description for good in sold if good.description), None),
        photos=next((good.photos for good in goods if good.photos), ()),
        number=max(good.number for good in goods),
    )


def price_source(goods: Sequence[Good]) -> Good:
    """The good whose price the listing has: the first that has any, of those on sale if one of them has."""
    priced = [good for good in goods if good.price] or goods[:1]
    return next((good for good in priced if good.allow_to_sell is not False), priced[0])


def stock_sources(goods: Sequence[Good], settings: Settings) -> Sequence[Good]:
    """The goods whose stock the listing has: all that are sold by its unit, or the first that counts any."""
    goods = _sold_as(price_source(goods), goods)
    if settings.stock_from != FIRST:
        return goods
    return [next((good for good in goods if good.quantity is not None), goods[0])]


def _sold_as(priced: Good, goods: Sequence[Good]) -> list[Good]:
    """Those of the goods that are sold by the unit that the price is for; of some no unit is known."""
    return [good for good in goods if may_be_one_unit(good.unit, priced.unit)]
