"""Cards that VK forbids beside goods that the rules publish: are they one? Published themselves or not."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator

from app.publishing.planning.alike import Alike, in_order
from app.publishing.planning.forbidden import is_forbidden
from app.publishing.planning.good import Good, Key
from app.publishing.planning.joins import Joins, Together, name_of
from app.publishing.planning.merging import first_bearers, marks_of
from app.publishing.planning.settings import NOT_MERGED, Settings

_ByMark = dict[str, dict[str, list[Good]]]


def beside_forbidden(
    goods: Iterable[Good], known: Iterable[Alike], settings: Settings, joins: Joins
) -> list[Alike]:
    """Ask about goods that share a mark with another store's card which VK forbids, and give what was parted.

    `goods`: those that the rules publish, and such cards whether or not they do. `known` is what is told of
    those that are published: of each store it has the first that bears a mark. Of goods that are one already
    one is asked about.
    """
    if settings.merge_by == NOT_MERGED:
        return []
    goods = [good for good in goods if good.is_published or is_forbidden(good.type)]
    forbidden = [good for good in goods if is_forbidden(good.type)]
    if not forbidden:
        return []
    cards = _by_mark(forbidden, settings)
    alike = [good for good in goods if not is_forbidden(good.type) and _is_like(good, cards, settings)]
    if not alike and all(said.is_one for said in joins.answers.values()):
        return []
    known = list(known)
    together = Together(goods, joins, first_bearers(goods, joins.marks(), settings))
    told = _told_of(known)

    def is_known(good: Good, card: Good) -> bool:
        return good.key in told[card.key] or together.is_one((good, card)) is not None

    asked: set[tuple[Key, Key]] = set()
    questions = []
    for good in alike:
        if good.key in joins.forbidden:
            continue
        found = _unknown(good, cards, settings, is_known)
        kin = min(each.key for each in together.group_of(good).values())
        unasked = {card.store_id: (mark, card) for mark, card in found if (kin, card.key) not in asked}
        if unasked:
            (mark, _), *_ = unasked.values()
            shelf = good, *(card for _, card in unasked.values())
            asked.update((kin, card.key) for card in shelf)
            questions.append(Alike(_name(shelf), in_order(shelf, settings), None, mark))
    return questions + list(_parted(together, known, settings))


def _is_like(good: Good, cards: _ByMark, settings: Settings) -> bool:
    return any(mark in cards for mark in marks_of(good, settings))


def _unknown(
    good: Good, cards: _ByMark, settings: Settings, is_known: Callable[[Good, Good], bool]
) -> list[tuple[str, Good]]:
    """The first card of each other store that shares a mark and of which nothing is known, with the mark.

    Thousands may bear one mark: those of a store are asked about one after another.
    """
    found: dict[str, tuple[str, Good]] = {}
    for mark in marks_of(good, settings):
        for store_id, some in cards.get(mark, {}).items():
            if store_id != good.store_id and store_id not in found:
                card = next((card for card in some if not is_known(good, card)), None)
                if card is not None:
                    found[store_id] = mark, card
    return list(found.values())


def _by_mark(cards: Iterable[Good], settings: Settings) -> _ByMark:
    """Cards by each mark that they bear and by store."""
    found: dict[str, dict[str, list[Good]]] = {}
    for card in cards:
        for mark in marks_of(card, settings):
            found.setdefault(mark, {}).setdefault(card.store_id, []).append(card)
    return found


def _parted(together: Together, known: Iterable[Alike], settings: Settings) -> Iterator[Alike]:
    """What was called different, where the rules publish some of it: that word may be taken back."""
    told = {_name(each.goods) for each in known}
    for _, goods in together.parted():
        name = _name(goods)
        are_published = {good.is_published for good in goods}
        if are_published == {True, False} and name not in told:
            told.add(name)
            yield Alike(name, in_order(goods, settings), is_one=False)


def _told_of(known: Iterable[Alike]) -> defaultdict[Key, set[Key]]:
    """The goods that something is told of together with each one."""
    told: defaultdict[Key, set[Key]] = defaultdict(set)
    for each in known:
        keys = {good.key for good in each.goods}
        for key in keys:
            told[key] |= keys
    return told


def _name(goods: Iterable[Good]) -> str:
    return name_of(good.key for good in goods)
