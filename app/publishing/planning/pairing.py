"""Which of the community's own listings are goods of the till: proposals for the owner, each with its reason.

The same listings and goods in any order give the same proposals. Nothing is paired by a guess: what has
several counterparts is told apart by a weaker mark, or shown with all of them. Only where these are the same
good in several stores the first store of the owner's order that sells it now is chosen, and that is said.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple

from app.mirror.folding import fold, fold_code, fold_words
from app.publishing.planning import texts
from app.publishing.planning.existing import ForeignItem
from app.publishing.planning.good import Good, Key
from app.publishing.planning.judging import is_sold_out
from app.publishing.planning.merging import as_one
from app.publishing.planning.settings import DEFAULTS, Settings
from app.publishing.planning.sku import key_sku, natural_sku, own_mark

# The goods that would stand behind one listing, the main one first.
Shelf = Sequence[Good]


class Why(StrEnum):
    """What a listing and a good have in common, the surest first."""

    SKU = "sku"  # What we sent, or would send, as the good's sku.
    ARTICLE = "article"  # An article, code or barcode of the good.
    NAME = "name"
    ALIKE = "alike"  # The words and numbers of the name, in any case and with any signs between.


class Proposal(NamedTuple):
    """A listing and the goods that it is, the main one first; `others`: the same good in further stores."""

    item: ForeignItem
    shelf: Shelf
    why: Why
    others: tuple[Shelf, ...] = ()


class Alike(NamedTuple):
    """A listing that may be any of several goods, or a good that several listings may be."""

    item: ForeignItem
    shelves: tuple[Shelf, ...]
    why: Why


class Pairing(NamedTuple):
    """Each listing stands in one of the three, each good in one proposal at most."""

    proposals: tuple[Proposal, ...] = ()
    alike: tuple[Alike, ...] = ()
    unpaired: tuple[ForeignItem, ...] = ()


class _Level(NamedTuple):
    """One way to tell that a listing is a good: a mark of the listing, and those of the good."""

    why: Why
    of_item: Callable[[ForeignItem], str | None]
    of_good: Callable[[Good], Iterable[str | None]]


_LEVELS = (
    _Level(Why.SKU, lambda item: own_mark(item.sku or ""), lambda good: (key_sku(good.key),)),
    _Level(Why.SKU, lambda item: item.sku, lambda good: (natural_sku(good),)),
    _Level(Why.ARTICLE, lambda item: fold_code(item.sku or ""), lambda good: map(fold_code, codes_of(good))),
    _Level(Why.NAME, lambda item: texts.one_line(item.name), lambda good: _names(good)),
    _Level(Why.ALIKE, lambda item: fold_words(item.name), lambda good: map(fold_words, _names(good))),
)


def propose(items: Iterable[ForeignItem], shelves: Iterable[Shelf], settings: Settings = DEFAULTS) -> Pairing:
    """Pair the community's own listings with goods that have no listing yet.

    Of `settings` the owner's order of stores counts, where those without a place come after the others, by
    name, and what is sold out.

    A good that the rules do not publish is proposed for a hidden listing only: being paired must take
    nothing out of the shop. What the owner called another good is left alone.
    """
    items = sorted((item for item in items if not item.is_other), key=lambda item: item.item_id)
    if not items:
        return Pairing()
    published: list[Shelf] = []
    others: list[Shelf] = []
    for shelf in shelves:
        (published if shelf[0].is_published else others).append(shelf)
    proposals, alike, left = _paired(items, published, settings)
    more, more_alike, unpaired = _paired([item for item in left if not item.is_available], others, settings)
    unpaired += [item for item in left if item.is_available]
    order = list(Why)
    return Pairing(
        tuple(sorted(proposals + more, key=lambda each: (order.index(each.why), each.item.item_id))),
        tuple(sorted(alike + more_alike, key=lambda each: each.item.item_id)),
        tuple(sorted(unpaired, key=lambda item: item.item_id)),
    )


def _paired(
    items: Sequence[ForeignItem], shelves: Sequence[Shelf], settings: Settings
) -> tuple[list[Proposal], list[Alike], list[ForeignItem]]:
    """Go from the surest mark to the weakest; the same listing or good is never paired twice."""
    by_key = {shelf[0].key: shelf for shelf in shelves}
    left = {item.item_id: item for item in items}
    proposals: list[Proposal] = []
    alike: dict[int, Alike] = {}
    for level in _LEVELS if by_key else ():
        found = _counterparts(left.values(), by_key.values(), level)
        claims: defaultdict[Key, int] = defaultdict(int)
        for keys in found.values():
            for key in keys:
                claims[key] += 1
        for item_id, keys in found.items():
            several = tuple(by_key[key] for key in keys)
            if all(claims[key] == 1 for key in keys) and _are_the_same(several):
                first, *others = sorted(several, key=lambda shelf: _place(shelf, settings))
                proposals.append(Proposal(left.pop(item_id), first, level.why, tuple(others)))
                del by_key[first[0].key]
            elif item_id not in alike:
                alike[item_id] = Alike(left[item_id], several, level.why)
    taken = {each.shelf[0].key for each in proposals}
    proposals = [
        each._replace(others=tuple(shelf for shelf in each.others if shelf[0].key not in taken))
        for each in proposals
    ]
    still_alike = [
        each._replace(shelves=free)
        for item_id, each in alike.items()
        if item_id in left
        if (free := tuple(shelf for shelf in each.shelves if shelf[0].key not in taken))
    ]
    shown = {each.item.item_id for each in still_alike}
    return proposals, still_alike, [item for item_id, item in left.items() if item_id not in shown]


def _are_the_same(shelves: Sequence[Shelf]) -> bool:
    """Tell whether these are one good in several stores: one name, and no article or barcode against it."""
    if len(shelves) == 1:
        return True
    goods = [good for shelf in shelves for good in shelf]
    barcodes = [set(good.barcodes.split()) for good in goods if good.barcodes and not good.barcodes.isspace()]
    return (
        len({good.store_id for good in goods}) == len(goods)
        and len({fold(texts.one_line(good.name)) for good in goods}) == 1
        and len({fold_code(good.article) for good in goods if good.article}) <= 1
        and (not barcodes or bool(set.intersection(*barcodes)))
    )


def _place(shelf: Shelf, settings: Settings) -> tuple[bool, int, str, Key]:
    first, shown = shelf[0], as_one(shelf, settings)
    order = settings.store_order
    # What is not sold now would take the listing out of the shop, and another store's be added beside it.
    is_away = shown.allow_to_sell is False or is_sold_out(shown, settings)
    rank = order.index(first.store_id) if first.store_id in order else len(order)
    return is_away, rank, first.store_name or "", first.key


def _counterparts(
    items: Iterable[ForeignItem], shelves: Iterable[Shelf], level: _Level
) -> dict[int, list[Key]]:
    """The main goods that bear the mark of each listing, in the order of their keys."""
    by_mark: defaultdict[str, list[int]] = defaultdict(list)
    for item in items:
        if mark := level.of_item(item):
            by_mark[mark].append(item.item_id)
    found: defaultdict[int, set[Key]] = defaultdict(set)
    for shelf in shelves if by_mark else ():
        for mark in {mark for good in shelf for mark in level.of_good(good)}:
            for item_id in by_mark.get(mark or "", ()):
                found[item_id].add(shelf[0].key)
    return {item_id: sorted(keys) for item_id, keys in found.items()}


def codes_of(good: Good) -> Iterator[str]:
    """What a good bears: its article, its code and all its barcodes."""
    yield from filter(None, (good.article, good.code))
    yield from (good.barcodes or "").split()


def _names(good: Good) -> tuple[str, ...]:
    """The good's name whole, and as long as VK takes it."""
    name = texts.one_line(good.name)
    cut = texts.cut(name, texts.NAME_MIN, texts.NAME_MAX)
    return (name,) if cut == name else (name, cut)
