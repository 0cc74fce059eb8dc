"""Listings that are not ours and that may be goods which would be added: asked about, not added twice."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from app.publishing.planning import reasons
from app.publishing.planning.desired import Desired
from app.publishing.planning.existing import Entry, ForeignItem, Listed
from app.publishing.planning.good import Key
from app.publishing.planning.pairing import Shelf, Why, propose
from app.publishing.planning.plan import FOREIGN, Item
from app.publishing.planning.reasons import Reason
from app.publishing.planning.settings import Settings


class Twin(NamedTuple):
    """A listing that may be a good, and by what."""

    item: ForeignItem
    why: Why

    @property
    def reason(self) -> Reason:
        """Why the good is not added."""
        return reasons.SAME_SKU if self.why in (Why.SKU, Why.ARTICLE) else reasons.SAME_NAME


def foreign_items(foreign: Iterable[ForeignItem], entries: Iterable[Entry | Listed]) -> list[Item]:
    """What is not ours as the plan shows it; of a second bearer of a sku of ours it is said what it may be.

    VK adds a good twice when it does late what it was asked for before the good was looked for.
    """
    ours = {entry.sku for entry in entries if entry.is_in_vk}
    return [
        Item(
            FOREIGN,
            item.sku or "",
            foreign=item,
            reason=reasons.SECOND if item.sku in ours and not item.is_other else None,
        )
        for item in foreign
    ]


def twins_of(
    new: Sequence[tuple[Desired, Entry | None]], foreign: Sequence[ForeignItem], settings: Settings
) -> dict[Key, Twin]:
    """Find the twins of goods that have no listing, or none in VK any more, by the key of the good."""
    had = [(want.key, entry.sku) for want, entry in new if entry is not None]
    return twins_of_shelves((want.goods for want, _ in new), had, foreign, settings)


def twins_of_shelves(
    shelves: Iterable[Shelf],
    had: Iterable[tuple[Key, str]],
    foreign: Sequence[ForeignItem],
    settings: Settings,
) -> dict[Key, Twin]:
    """The same by the goods of each listing; `had` are main goods of listings of ours, with their skus."""
    if not foreign:
        return {}
    pairing = propose(foreign, shelves, settings)
    twins = {shelf[0].key: Twin(item, why) for item, shelves, why in pairing.alike for shelf in shelves}
    for item, _, why, others in pairing.proposals:
        twins |= {shelf[0].key: Twin(item, why) for shelf in others}
    twins |= {each.shelf[0].key: Twin(each.item, each.why) for each in pairing.proposals}
    # What bears the very sku that a listing of ours had may be that listing, brought back by hand.
    bearers = {item.sku: item for item in foreign if item.sku and not item.is_other}
    return twins | {key: Twin(bearers[sku], Why.SKU) for key, sku in had if sku in bearers}
