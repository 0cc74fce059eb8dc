"""A change of a field, and which changes of one listing go together or not at all."""

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from app.publishing.planning.existing import DESCRIPTION, NAME, PHOTOS, STOCK, TOGETHER
from app.publishing.planning.pricing import HUNDRED_GRAMS_NOTE, says_hundred_grams

# A card bears the name, and stock is counted in what the price is for; neither makes a price wrong.
_BESIDE = frozenset({PHOTOS, STOCK})


class Change(NamedTuple):
    """A field with its value before and after, as the ledger holds them."""

    field: str
    old: Any
    new: Any


def parted(changes: Sequence[Change], going: Collection[str]) -> frozenset[str]:
    """The fields of `going` that may not go without the other changes of the same listing.

    Where a price comes to be for 100 g, or is so no more, a price without its words would be ten times too
    low or too high.
    """
    turned = {each.field: says_portion(each.field, each.new) for each in changes if _is_turned(each)}
    left = {each.field for each in changes}.intersection(TOGETHER).difference(going)
    if turned.get(NAME):
        # The description need not say what the name does.
        left.discard(DESCRIPTION)
    return frozenset(going) & (TOGETHER | _BESIDE) if turned and left else frozenset()


def _is_turned(change: Change) -> bool:
    return says_portion(change.field, change.old) != says_portion(change.field, change.new)


def says_portion(field: str, text: Any) -> bool:
    """Tell whether a text says that the price is for 100 g; what is no text never does."""
    if field == NAME:
        return says_hundred_grams(text or "")
    return field == DESCRIPTION and (text or "").rstrip().endswith(HUNDRED_GRAMS_NOTE)
