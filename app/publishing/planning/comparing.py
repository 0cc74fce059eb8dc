"""A listing as it should be against the listing as it is: what to change, and what to ask."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from app.publishing.planning import reasons, texts
from app.publishing.planning.card import is_card
from app.publishing.planning.changes import Change, parted, says_portion
from app.publishing.planning.desired import Desired
from app.publishing.planning.existing import (
    AVAILABLE,
    CATEGORY,
    DESCRIPTION,
    NAME,
    NO_OLD_PRICE,
    OLD_PRICE,
    PHOTO_IDS,
    PHOTOS,
    PRICE,
    SKU,
    STOCK,
    Entry,
    same_value,
)
from app.publishing.planning.pricing import hundred_grams, says_hundred_grams
from app.publishing.planning.reasons import Reason
from app.publishing.planning.settings import TILL, VK, Settings


class Comparison(NamedTuple):
    """What differs.

    `changes` are to be sent; `questions` are edits made in VK: `old` is VK's value, `new` the till's;
    `refused` would be sent, had VK not refused the same before. `is_withheld`: it must not come on sale:
    VK has not taken its price or its stock, or would not show it and nothing differs since, or its price
    waits for the words that say what it is for. `mistold`: what is wrong with the name that its owner keeps.
    """

    changes: tuple[Change, ...]
    questions: tuple[Change, ...]
    refused: tuple[Change, ...]
    is_withheld: bool
    mistold: Reason | None = None


def all_fields(want: Desired) -> dict[str, Any]:
    """Every field of a listing by name, as it is sent when it is added: it has cost nothing before."""
    return dict(_composed(want, None))


# What is not in VK as it should be keeps a listing from coming on sale.
_SOLD_BY = frozenset({PRICE, STOCK})

# Whatever anybody chose: a shop that sells by other prices than its till is a shop in trouble.
_TILLS_OWN = {PRICE: TILL, OLD_PRICE: TILL, AVAILABLE: TILL, STOCK: TILL}


def field_owners(settings: Settings) -> dict[str, str]:
    """Who has the last word on each field of a listing that the owner was not asked about."""
    return {
        NAME: settings.own_name,
        DESCRIPTION: settings.own_description,
        CATEGORY: settings.own_category,
        PHOTOS: settings.own_photos,
        **_TILLS_OWN,
    }


def compare(entry: Entry, want: Desired, owners: Mapping[str, str]) -> Comparison:
    """Compare a listing that is in VK with what it should be; `owners` are those of the settings.

    A field that cannot be composed (no category, too short a name) is left as it is.
    """
    if entry.owners:
        owners = {**owners, **entry.owners, **_TILLS_OWN}
    # What the till had and VK never showed, a typo say, is no price that it fell from.
    old_price = want.old_price_text
    if old_price is not None and not entry.has_shown(old_price):
        old_price = None
    changes: list[Change] = []
    questions: list[Change] = []
    refused: list[Change] = []
    for change in _missing_sku(entry) + _former_price_over(entry, old_price):
        (refused if entry.was_refused(change.field, change.new) else changes).append(change)
    for field, new in _composed(want, old_price):
        if field == PHOTOS:
            was_edited = entry.was_edited(PHOTO_IDS)
            old = _other_than(new, PHOTOS, entry.sent.get(PHOTOS), entry)
            # A card is no better than any picture that somebody has put into VK.
            is_as_wished = is_card(new[0]) if was_edited else same_value(field, old, new)
        else:
            old = _other_than(new, field, entry.now(field), entry)
            if old == new:
                continue
            is_as_wished = same_value(field, old, new)
            was_edited = not is_as_wished and entry.was_edited(field)
        if is_as_wished or owners[field] == VK:
            continue
        if was_edited and owners[field] != TILL:
            found = questions
        else:
            found = refused if entry.was_refused(field, new) else changes
        found.append(Change(field, old, new))
    names = {change.field for change in refused}
    mistold = mistold_by(entry.now(NAME), want) if owners[NAME] == VK else None
    kept = [Change(NAME, entry.now(NAME), want.name)] if mistold and _is_for_another(entry, want) else []
    waiting = _parted_from(questions + refused + kept, changes, entry)
    changes = [change for change in changes if change.field not in waiting]
    is_withheld = bool((names | waiting) & _SOLD_BY) or (AVAILABLE in names and not changes)
    if is_withheld:
        changes = [change for change in changes if change.field != AVAILABLE]
    return Comparison(tuple(changes), tuple(questions), tuple(refused), is_withheld, mistold)


def mistold_by(name: str | None, want: Desired) -> Reason | None:
    """Why a name kept in VK gives buyers a wrong price of what is sold by weight; None: it does not."""
    says_so = says_hundred_grams(name or "")
    if want.asked.portion is not None:
        return None if says_so else reasons.NAME_WITHOUT_PORTION
    is_by_weight = hundred_grams(want.good.unit) is not None
    return reasons.NAME_OF_PORTION if is_by_weight and says_so and not says_hundred_grams(want.name) else None


def _is_for_another(entry: Entry, want: Desired) -> bool:
    """Whether the price that was sent last is for another amount: the new one waits for its words."""
    was_portion = any(says_portion(field, entry.sent.get(field)) for field in (NAME, DESCRIPTION))
    return was_portion is (want.asked.portion is None)


def _parted_from(others: list[Change], changes: list[Change], entry: Entry) -> frozenset[str]:
    """The fields of `changes` that wait for what cannot be sent with them."""
    if not others:
        return frozenset()
    # The price in VK is for what was said when it was sent, whatever somebody has written there since.
    sent = [each._replace(old=entry.sent.get(each.field, each.old)) for each in changes + others]
    return parted(sent, {change.field for change in changes})


def _other_than(new: Any, field: str, known: Any, entry: Entry) -> Any:
    """What stands in VK, or may: of what is known and what it was asked for, what is not as it should be."""
    return entry.asked.get(field, known) if same_value(field, known, new) else known


def _missing_sku(entry: Entry) -> list[Change]:
    """The mark of a listing that was paired, where VK has none or another one: by it we find it again.

    Afterwards it is left alone like everything that nobody but the owner changes.
    """
    theirs = entry.seen.get(SKU)
    if theirs is None or theirs == entry.sku or SKU in entry.sent or NAME in entry.sent:
        return []
    return [Change(SKU, theirs or None, entry.sku)]


def _former_price_over(entry: Entry, old_price: str | None) -> list[Change]:
    """The former price that we sent, once it is not to be shown any more; nobody else's is touched."""
    sent = (entry.sent.get(OLD_PRICE), entry.asked.get(OLD_PRICE))
    if old_price is not None or not any(Decimal(price) for price in sent if price is not None):
        return []
    return [Change(OLD_PRICE, entry.now(OLD_PRICE), NO_OLD_PRICE)]


def _composed(want: Desired, old_price: str | None) -> Iterator[tuple[str, Any]]:
    if (price := want.price_text) is not None:
        yield PRICE, price
    if old_price is not None:
        yield OLD_PRICE, old_price
    yield AVAILABLE, want.available
    if (stock := want.stock) is not None:
        yield STOCK, stock
    if len(name := want.name) >= texts.NAME_MIN:
        yield NAME, name
    if len(description := want.description) >= texts.DESCRIPTION_MIN:
        yield DESCRIPTION, description
    if (category_id := want.category_id) is not None:
        yield CATEGORY, category_id
    if photos := want.photos:
        yield PHOTOS, photos
