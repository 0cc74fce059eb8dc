"""What is in VK: the ledger's entries as the plan sees them, and listings that are not ours."""

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any, NamedTuple

from app.publishing.planning import texts
from app.publishing.planning.good import Key

# Names of fields in `sent` and `seen`, with the JSON they hold.
NAME = "name"  # text
DESCRIPTION = "description"  # text
PRICE = "price"  # roubles: "199.90"
OLD_PRICE = "old_price"  # roubles, crossed out beside the price; "0.00" for none
CATEGORY = "category_id"  # number
PHOTOS = "photos"  # digests of pictures and marks of cards, in their order; only in `sent`
CARD = "card"  # what is written on the card among `photos`, so that it can be drawn again; only in `sent`
PHOTO_IDS = "photo_ids"  # VK's ids of the same photos
# What goes along with the pictures, which alone tell whether they are others.
BESIDE_PICTURES = (PHOTO_IDS, CARD)
AVAILABLE = "available"  # bool
STOCK = "stock_amount"  # pieces, -1 for «as many as you like»
SKU = "sku"  # text, empty where VK shows none
ALBUMS = "albums"  # VK's ids of albums: in `sent` ours that it was put into, in `seen` all that hold it
ASKED = "asked"  # only in `sent`, while VK has not answered: whose call it was, and under FIELDS what it sent
FIELDS = "fields"

# A price is one for what the name and the description say: of these all are sent, or put back, or none.
TOGETHER = frozenset({NAME, DESCRIPTION, PRICE, OLD_PRICE})

NO_OLD_PRICE = "0.00"
MOVING = "moving"  # true in `sent` while it is not known which albums hold it: a run may have broken

SENDING = "sending"
LIVE = "live"
HIDDEN = "hidden"
FAILED = "failed"
GONE = "gone"

Fields = Mapping[str, Any]
NOTHING: Fields = MappingProxyType({})


class Entry(NamedTuple):
    """A listing in the ledger.

    `state`: `sending` was committed before the good was added and its outcome is unknown; `failed` was
    refused for certain, or is to be added again; `gone` was deleted in VK by hand. `sent` holds each field as
    last sent (of `sending`: as it was about to be), `seen` as last read, without the fields that were sent
    after that reading. `owners` holds the owner's answers for this very listing: a field's name → `till` or
    `vk`. `refused` holds fields as VK would not take them, `problem` the sentence about it. `goods` stand
    behind it, the main one first.

    `revision` is another whenever anything of this but the goods is, None where that is not known; `settled`
    is the mark of `app.publishing.planning.settled` under which it was last found as it should be.
    """

    listing_id: int
    sku: str
    item_id: int | None
    state: str
    sent: Fields
    seen: Fields
    goods: tuple[Key, ...]
    owners: Mapping[str, str] = NOTHING
    refused: Fields = NOTHING
    problem: str | None = None
    revision: int | None = None
    settled: str | None = None

    @property
    def is_in_vk(self) -> bool:
        return self.item_id is not None and self.state != GONE

    @property
    def is_visible(self) -> bool:
        return self.is_in_vk and bool(self.now(AVAILABLE, self.state != HIDDEN))

    @property
    def asked(self) -> Fields:
        """What VK may show in place of what is known: a run was cut off before it heard the answer."""
        return self.sent[ASKED][FIELDS] if ASKED in self.sent else NOTHING

    def may_be(self, *, visible: bool) -> bool:
        """Tell whether buyers may see a listing in VK, or may not, for all that is known."""
        return self.is_in_vk and visible in (self.is_visible, self.asked.get(AVAILABLE, self.is_visible))

    @property
    def name(self) -> str:
        return self.now(NAME, self.sku)

    def now(self, field: str, unknown: Any = None) -> Any:
        """What VK shows in `field` as far as is known."""
        return self.seen[field] if field in self.seen else self.sent.get(field, unknown)

    def has_shown(self, price: str) -> bool:
        """Tell whether buyers see a price in VK, crossed out or not, or saw it as what was sent last."""
        return has_shown(price, self.sent, self.seen)

    def was_edited(self, field: str) -> bool:
        """Tell whether somebody changed `field` in VK since it was last sent."""
        return field in self.seen and not same_value(field, self.sent.get(field), self.seen[field])

    def was_refused(self, field: str, value: Any) -> bool:
        """Tell whether VK would not take this very value before."""
        return field in self.refused and same_value(field, self.refused[field], value)


class Listed(NamedTuple):
    """An entry whose fields are left unread: most plans never ask for them. Names are those of Entry."""

    listing_id: int
    sku: str
    item_id: int | None
    state: str
    goods: tuple[Key, ...]
    revision: int
    settled: str | None

    @property
    def is_in_vk(self) -> bool:
        return self.item_id is not None and self.state != GONE


class ForeignItem(NamedTuple):
    """A listing of the community that is not in the owner's ledger.

    `sku`: as in the ledger of another account that leads it, else as VK shows it. `is_other`: the owner said
    that it is not the good whose sku it bears.
    """

    item_id: int
    name: str
    sku: str | None = None
    price: str | None = None
    is_available: bool = True
    is_other: bool = False


def without(fields: Fields, *names: str) -> dict[str, Any]:
    """The fields but those of these names."""
    return {name: value for name, value in fields.items() if name not in names}


def has_shown(price: str, sent: Fields, seen: Fields) -> bool:
    """As of an entry, for the fields of a listing that is in VK."""
    return any(
        same_value(field, fields.get(field), price) for fields in (sent, seen) for field in (PRICE, OLD_PRICE)
    )


def same_value(field: str, ours: Any, theirs: Any) -> bool:
    """Tell whether two values of a field mean the same in VK."""
    if ours == theirs:
        return True
    if ours is None or theirs is None:
        return False
    if field in (NAME, DESCRIPTION):
        return texts.same(ours, theirs)
    if field in (PRICE, OLD_PRICE):
        return Decimal(ours) == Decimal(theirs)
    if field in (PHOTOS, PHOTO_IDS, ALBUMS):
        return list(ours) == list(theirs)
    return False
