"""Which goods are known to be one: by the owner's word on them, or by the listing that they stand behind."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, combinations, pairwise, product
from typing import NamedTuple

from app.publishing.planning.forbidden import elsewhere
from app.publishing.planning.good import Good, Key


class Answer(NamedTuple):
    """The owner's word on goods that bore one mark; `goods` are those that it was about, None: not known."""

    is_one: bool
    goods: frozenset[Key] | None = None

    def is_about(self, good: Key) -> bool:
        """Tell whether it was given about this good: a mark may have moved to another one since."""
        return self.goods is None or good in self.goods


@dataclass(frozen=True)
class Joins:
    """What is known of goods that may be one; it holds for these goods, whatever marks they bear since.

    `answers` are the owner's by mark, the oldest first: of two about the same goods the later one holds, and
    one that names no goods is about those that bear its mark. `listed` are the listings that goods stand
    behind together with others: those were one before, and stay so unless the owner says otherwise.
    `forbidden` are the cards of other stores that are the same good and of a type that VK forbids, by good:
    published or not there, it is the same good here.
    """

    answers: Mapping[str, Answer] = field(default_factory=dict)
    listed: Mapping[Key, int] = field(default_factory=dict)
    forbidden: Mapping[Key, Sequence[Good]] = field(default_factory=dict)

    def goods(self) -> set[Key]:
        """The goods that may be known to be one with others, but for those that only a mark tells of."""
        said = (answer.goods for answer in self.answers.values() if answer.is_one and answer.goods)
        return set(self.listed).union(*said)

    def marks(self) -> set[str]:
        """The marks of answers that name no goods."""
        return {mark for mark, said in self.answers.items() if said.goods is None}

    def as_known(self, goods: Iterable[Good]) -> Iterable[Good]:
        """The same goods, those of forbidden types in other stores as such."""
        if not self.forbidden:
            return goods
        return (
            good._replace(type=elsewhere(card.type, is_gone=not card.name))
            if (card := self._card(good[:2])) and card.type
            else good
            for good in goods
        )

    def type_elsewhere(self, key: Key) -> str | None:
        """The type that VK forbids which another store's card gives a good, None where none does."""
        card = self._card(key)
        return card.type if card else None

    def _card(self, key: Key) -> Good | None:
        """One that keeps a good from VK; only where the till has none of them any more one without a name."""
        cards = self.forbidden.get(key, ())
        return next((card for card in cards if card.name), cards[0] if cards else None)


def name_of(goods: Iterable[Key]) -> str:
    """What an answer about goods is kept by where no mark of theirs will do."""
    text = "\x1f".join(map(repr, sorted(goods)))
    return "=" + hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


# Goods of which all are one, by their stores.
Group = dict[str, Good]


class Together:
    """Goods in groups of what is known to be one; none holds two of one store, or what was called different.

    `bearers`: the goods that bear the marks of answers which name none.
    """

    def __init__(self, goods: Iterable[Good], joins: Joins, bearers: Mapping[str, Iterable[Key]]) -> None:
        self._goods: dict[Key, Good] = {good[:2]: good for good in goods}
        self._groups: dict[Key, Group] = {}
        self._answers = [
            (mark, said.is_one, bearers.get(mark, ()) if said.goods is None else said.goods)
            for mark, said in joins.answers.items()
        ]
        parted = (keys for _, is_one, keys in self._answers if not is_one)
        self._doubted: set[Key] = set(chain.from_iterable(parted))
        for _, is_one, keys in reversed(self._answers):
            if is_one:
                self.join(keys)
        behind: defaultdict[int, list[Key]] = defaultdict(list)
        for key, listing_id in joins.listed.items():
            behind[listing_id].append(key)
        self._listed = list(behind.values())
        for keys in self._listed:
            self.join(keys)

    def join(self, keys: Iterable[Key]) -> None:
        """Put goods together as far as nothing is known against it."""
        left = self._present(keys)
        if len(left) == 2:
            # Most have two stores.
            self._put_together(*left)
            return
        while len(left) > 1:
            first, *others = left
            left = [good for good in others if not self._put_together(first, good)]

    def group_of(self, good: Good) -> Group:
        """What is known to be one with a good, this one among it."""
        return self._groups.get(good[:2]) or {good.store_id: good}

    def shelves(self) -> Iterator[tuple[Good, ...]]:
        """Give all goods, each with those that are one with it, in the order in which they came."""
        place = {key: number for number, key in enumerate(self._goods)}
        given: set[int] = set()
        for key, good in self._goods.items():
            group = self._groups.get(key)
            if group is None:
                yield (good,)
            elif id(group) not in given:
                given.add(id(group))
                yield tuple(sorted(group.values(), key=lambda each: place[each[:2]]))

    def is_joined(self, good: Good) -> bool:
        """Tell whether it is known to be one with others."""
        return good[:2] in self._groups

    def is_one(self, goods: Sequence[Good]) -> bool | None:
        """Tell whether all of these are one; None where the owner has not said so of some."""
        first = self._groups.get(goods[0][:2])
        if first is not None and all(self._groups.get(good[:2]) is first for good in goods):
            return True
        if not self._answers:
            return None
        groups = {id(group): group for group in map(self.group_of, goods)}.values()
        # What was called one before a later word put it elsewhere is not one any more.
        return False if self._is_told_of_all(goods) or self._is_told_of_each(groups) else None

    def kin(self) -> list[list[Good]]:
        """Give what any word that still holds calls one, however many of one store that makes."""
        said = (keys for _, is_one, keys in self._answers if is_one)
        found: dict[Key, list[Good]] = {}
        for goods in map(self._present, chain(said, self._listed)):
            are_doubted = any(good.key in self._doubted for good in goods)
            for one, other in combinations(goods, 2) if are_doubted else pairwise(goods):
                if are_doubted and self.word_on(one, other) is False:
                    continue
                kin, more = (found.setdefault(good.key, [good]) for good in (one, other))
                if kin is not more:
                    kin += more
                    found |= dict.fromkeys([good.key for good in more], kin)
        return list({id(kin): kin for kin in found.values()}.values())

    def word_on(self, one: Good, other: Good) -> bool | None:
        """What the owner said last of two goods."""
        said, also = self._said.get(one.key), self._said.get(other.key)
        both = said.keys() & also.keys() if said and also else ()
        return said[max(both)] if said and both else None

    def parted(self) -> Iterator[tuple[str, list[Good]]]:
        """The goods that were called different, with the mark that they bore then, the latest word first."""
        for mark, is_one, keys in reversed(self._answers):
            goods = [] if is_one else self._present(keys)
            if len(goods) > 1 and self.is_one(goods) is False:
                yield mark, goods

    @cached_property
    def _said(self) -> Mapping[Key, dict[int, bool]]:
        """By good: the numbers of the answers about it, and what they say."""
        said: defaultdict[Key, dict[int, bool]] = defaultdict(dict)
        for number, (_, is_one, keys) in enumerate(self._answers):
            for key in keys:
                said[key][number] = is_one
        return said

    def _present(self, keys: Iterable[Key]) -> list[Good]:
        return [self._goods[key] for key in sorted(keys) if key in self._goods]

    def _put_together(self, one: Good, other: Good) -> bool:
        group, more = self.group_of(one), self.group_of(other)
        if group is not more:
            if not self._may_be_one(group, more):
                return False
            group |= more
            self._groups[one[:2]] = group
            for good in more.values():
                self._groups[good[:2]] = group
        return True

    def _may_be_one(self, group: Group, more: Group) -> bool:
        if not group.keys().isdisjoint(more):
            return False
        if not self._doubted:
            return True
        doubted = [good for good in more.values() if good.key in self._doubted]
        return all(self.word_on(one, other) is not False for one, other in product(doubted, group.values()))

    def _is_told_of_all(self, goods: Iterable[Good]) -> bool:
        """Whether one answer was about all of these."""
        said = [self._said.get(good.key, {}).keys() for good in goods]
        return bool(said and set(said[0]).intersection(*said[1:]))

    def _is_told_of_each(self, groups: Iterable[Group]) -> bool:
        """Whether of any two of these groups it is known what goods of theirs are to each other."""
        return all(
            any(self.word_on(*two) is not None for two in product(one.values(), other.values()))
            for one, other in combinations(groups, 2)
        )
