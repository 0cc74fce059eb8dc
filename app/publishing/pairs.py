"""The community's own listings beside the owner's goods that have no listing: what may be what."""

from collections.abc import Callable
from typing import NamedTuple

from app.mirror.big_shops import MANY_GOODS, big_shop_in_turn, turn_once_big
from app.publishing.goods import every_good_of, goods_of
from app.publishing.ledger.entries import foreign_of
from app.publishing.ledger.pairing import listed_keys
from app.publishing.planning.existing import ForeignItem
from app.publishing.planning.good import Good, Key
from app.publishing.planning.joins import Joins
from app.publishing.planning.merging import merged
from app.publishing.planning.pairing import Pairing, Shelf, propose
from app.publishing.settings.read import settings_of
from app.publishing.settings.same_goods import answers_of


class Pairs(NamedTuple):
    """What is proposed, what the owner called other goods, and the goods that are published."""

    pairing: Pairing
    others: list[ForeignItem]
    published: list[Good]

    def all(self) -> dict[int, Shelf]:
        """Every proposal: the goods by VK's number of the listing."""
        return {each.item.item_id: each.shelf for each in self.pairing.proposals}

    def keys(self) -> list[tuple[int, Key]]:
        """Every proposal by its number and its main good."""
        return [(each.item.item_id, each.shelf[0].key) for each in self.pairing.proposals]

    def one(self, item_id: int, key: Key) -> dict[int, Shelf]:
        """This pair alone, proposed or one of several alike; empty when it is neither any more."""
        proposals = (each for each in self.pairing.proposals if each.item.item_id == item_id)
        shelves = [shelf for each in proposals for shelf in (each.shelf, *each.others)]
        shelves += [
            shelf for item, several, _ in self.pairing.alike if item.item_id == item_id for shelf in several
        ]
        found = [shelf for shelf in shelves if shelf[0].key == key]
        return {item_id: found[0]} if found else {}


def pairs_of(user_id: int, community_id: int) -> Pairs:
    """Compare what the last reading saw and is not ours with the goods of this moment; nothing is changed.

    The goods come without descriptions. Raises 429 on a page of what is very much when others are in front.
    """
    with turn_once_big(user_id) as take_turn:
        return _pairs(user_id, community_id, take_turn)


def _pairs(user_id: int, community_id: int, take_turn: Callable[[], None]) -> Pairs:
    foreign = foreign_of(user_id, community_id)
    if len(foreign) > MANY_GOODS:
        take_turn()
    others = [item for item in foreign if item.is_other]
    if len(others) == len(foreign):
        return Pairs(Pairing(), others, [])
    with big_shop_in_turn(user_id):
        return _compared(user_id, community_id, foreign, others, take_turn)


def _compared(
    user_id: int,
    community_id: int,
    foreign: list[ForeignItem],
    others: list[ForeignItem],
    take_turn: Callable[[], None],
) -> Pairs:
    listed = listed_keys(user_id, community_id)
    is_any_hidden = any(not item.is_available for item in foreign)
    found = (
        every_good_of(user_id, take_turn)
        if is_any_hidden
        else goods_of(user_id, community_id, on_many=take_turn)
    )
    # By descriptions nothing is paired.
    goods = [good if good.description is None else good._replace(description=None) for good in found]
    published = [good for good in goods if good.is_published]
    settings = settings_of(user_id)
    joins = Joins(answers_of(user_id, settings.merge_by))
    shelves: list[Shelf] = list(merged(published, settings, joins).shelves)
    shelves += [(good,) for good in goods if not good.is_published]
    free = (shelf for shelf in shelves if not any(good.key in listed for good in shelf))
    return Pairs(propose(foreign, free, settings), others, published)
