"""A listing as it should be against the listing as it is: what to change, and what to ask."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from app.publishing.planning import texts
from app.publishing.planning.card import is_card
from app.publishing.planning.desired import Desired
from app.publishing.planning.existing import (
    AVAILABLE,
    CATEGORY,
    DESCRIPTION,
    NAME,
    PHOTO_IDS,
    PHOTOS,
    PRICE,
    STOCK,
    Entry,
    same_value,
)
from app.publishing.planning.settings import TILL, VK, Settings


class Change(NamedTuple):
    """A field with its value before and after, as the ledger holds them."""

    field: str
    old: Any
    new: Any


class Comparison(NamedTuple):
    """What differs.

    `changes` are to be sent; `questions` are edits made in VK: `old` is VK's value, `new` the till's;
    `refused` would be sent, had VK not refused the same before.
    """

    changes: tuple[Change, ...]
    questions: tuple[Change, ...]
    refused: tuple[Change, ...]


def all_fields(want: Desired) -> dict[str, Any]:
    """Every field of a listing by name, as it is sent when the listing is added."""
    return dict(_composed(want))


def compare(entry: Entry, want: Desired, settings: Settings) -> Comparison:
    """Compare a listing that is in VK with what it should be.

    A field that cannot be composed (no category, too short a name) is left as it is.
    """
    owners = {
        NAME: settings.own_name,
        DESCRIPTION: settings.own_description,
        CATEGORY: settings.own_category,
        PHOTOS: settings.own_photos,
        **entry.owners,
        # Whatever anybody chose: a shop that sells by other prices than its till is a shop in trouble.
        PRICE: TILL,
        AVAILABLE: TILL,
        STOCK: TILL,
    }
    changes: list[Change] = []
    questions: list[Change] = []
    refused: list[Change] = []
    for field, new in _composed(want):
        owner = owners[field]
        if owner == VK:
            continue
        if field == PHOTOS:
            was_edited = entry.was_edited(PHOTO_IDS)
            old = entry.sent.get(PHOTOS)
            # A card is no better than any picture that somebody has put into VK.
            is_as_wished = is_card(new[0]) if was_edited else same_value(field, old, new)
        else:
            old = entry.now(field)
            is_as_wished = same_value(field, old, new)
            was_edited = not is_as_wished and entry.was_edited(field)
        if is_as_wished:
            continue
        if was_edited and owner != TILL:
            found = questions
        else:
            found = refused if entry.was_refused(field, new) else changes
        found.append(Change(field, old, new))
    return Comparison(tuple(changes), tuple(questions), tuple(refused))


def _composed(want: Desired) -> Iterator[tuple[str, Any]]:
    if want.price_text is not None:
        yield PRICE, want.price_text
    yield AVAILABLE, want.available
    if want.stock is not None:
        yield STOCK, want.stock
    if len(want.name) >= texts.NAME_MIN:
        yield NAME, want.name
    if len(want.description) >= texts.DESCRIPTION_MIN:
        yield DESCRIPTION, want.description
    if want.choice.category_id is not None:
        yield CATEGORY, want.choice.category_id
    if want.photos:
        yield PHOTOS, want.photos
