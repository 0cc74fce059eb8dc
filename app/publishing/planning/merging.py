"""Which goods stand behind one listing, and how several are shown as one."""

from collections.abc import Iterable, Sequence

from app.publishing.planning.good import Good
from app.publishing.planning.settings import Settings

_MARKS = {
    "barcode": lambda good: good.first_barcode,
    "article": lambda good: good.article,
    "code": lambda good: good.code,
}


def merged(goods: Iterable[Good], settings: Settings) -> Iterable[tuple[Good, ...]]:
    """Put goods of different stores that bear the same mark together, in the owner's order of stores.

    Goods of one store are never one good, whatever they bear: the first takes part, the others stand alone.
    """
    if settings.merge_by == "none":
        return ((good,) for good in goods)
    mark_of = _MARKS[settings.merge_by]
    shelves: dict[object, dict[str, Good]] = {}
    for good in goods:
        mark = (mark_of(good) or "").strip()
        shelf = shelves.setdefault(mark, {}) if mark else None
        if shelf is None or good.store_id in shelf:
            shelves[good.key] = {good.store_id: good}
        else:
            shelf[good.store_id] = good
    rank = {store_id: place for place, store_id in enumerate(settings.store_order)}
    return (
        tuple(sorted(shelf.values(), key=lambda good: rank.get(good.store_id, len(rank))))
        for shelf in shelves.values()
    )


def as_one(goods: Sequence[Good]) -> Good:
    """The good that buyers see: the first store's facts, what it lacks from the next, stock summed."""
    first = goods[0]
    if len(goods) == 1:
        return first
    stocks = [good.quantity for good in goods if good.quantity is not None]
    on_sale = [good.allow_to_sell for good in goods]
    return first._replace(
        price=next((good.price for good in goods if good.price), first.price),
        quantity=sum(stocks[1:], stocks[0]) if stocks else None,
        allow_to_sell=True if True in on_sale else first.allow_to_sell,
        description=next((good.description for good in goods if good.description), None),
        photos=next((good.photos for good in goods if good.photos), ()),
    )
