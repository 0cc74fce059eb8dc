"""What the owner has chosen for the whole shop and for groups of goods."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from app.publishing.planning.good import Key

HIDE = "hide"
KEEP = "keep"
ORDER = "order"
CARD = "card"
BLOCK = "block"
SUM = "sum"
FIRST = "first"

# Who has the last word on a field of a listing.
TILL = "till"
VK = "vk"
ASK = "ask"


@dataclass(frozen=True)
class Settings:
    """The owner's settings; names and values are those of the table and of the form.

    `store_order` ranks stores for a listing that stands for several goods; its stock is that of all of them
    or of the first, as `stock_from` says. `new_first` is the order in which new goods go when they cannot all
    go at once. `has_stock`: the community's shop is an extended one, which counts stock.

    `per_100g`: what is sold by weight is priced for 100 g. What fell in price by `old_price_percent` or more
    shows its former price for `old_price_days`, 0: never. What would cost less than `price_floor` in VK is
    not published.
    """

    default_category_id: int | None = None
    photo_fallback: str = BLOCK  # card, block
    out_of_stock: str = HIDE  # hide, keep, order
    not_on_sale: str = HIDE  # hide, keep
    services: str = BLOCK  # block, keep
    reserve: Decimal = Decimal(0)
    markup_percent: Decimal = Decimal(0)
    rounding: str = "none"  # none, 1, 10, 9
    per_100g: bool = False
    old_price_days: int = 0
    old_price_percent: int = 5
    price_floor: Decimal = Decimal(0)
    name_template: str = "{name}, {unit}"
    description_template: str = "{name}\n{group}\nЕдиница: {unit}\nАртикул: {article}\nМагазин: {store}"
    card_colour: str = "#0f766e"
    albums: bool = False
    merge_by: str = "none"  # none, barcode, article, code
    store_order: tuple[str, ...] = ()
    stock_from: str = SUM  # sum, first
    new_first: str = "order"  # order, price, stock, newest
    has_stock: bool = False
    auto: bool = False
    hide_guard_percent: int = 50
    price_guard_percent: int = 50
    own_name: str = ASK  # till, vk, ask
    own_description: str = ASK
    own_photos: str = ASK
    own_category: str = ASK
    own_albums: str = ASK


class GroupChoice(NamedTuple):
    """What is chosen for a group; None: as the group above has it, else as the shop."""

    category_id: int | None = None
    markup_percent: Decimal | None = None
    out_of_stock: str | None = None
    album: bool | None = None
    per_100g: bool | None = None


class Choice(NamedTuple):
    """What holds for a good once its groups have been asked."""

    category_id: int | None
    markup_percent: Decimal
    out_of_stock: str
    album: bool
    per_100g: bool = False


@dataclass(frozen=True)
class GroupTree:
    """The owner's choices for groups and the tree they are inherited in; both keyed by (store, group).

    A parent that is no key itself ends the way up, and so does a loop.
    """

    choices: Mapping[Key, GroupChoice] = field(default_factory=dict)
    parents: Mapping[Key, str | None] = field(default_factory=dict)


class Chooser:
    """Finds what holds for a group: the nearest group upwards wins, each field on its own."""

    def __init__(self, settings: Settings, groups: GroupTree) -> None:
        self._groups = groups
        self._default = Choice(
            settings.default_category_id,
            settings.markup_percent,
            settings.out_of_stock,
            settings.albums,
            settings.per_100g,
        )
        self._known: dict[tuple[str, str | None], Choice] = {}

    def choice(self, store_id: str, group_id: str | None) -> Choice:
        """What holds for goods of this group (None: in no group)."""
        key = (store_id, group_id)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._resolved(store_id, group_id)
        return found

    def _resolved(self, store_id: str, group_id: str | None) -> Choice:
        if not self._groups.choices:
            return self._default
        way_up = []
        visited = set()
        while group_id is not None and group_id not in visited:
            visited.add(group_id)
            if chosen := self._groups.choices.get((store_id, group_id)):
                way_up.append(chosen)
            group_id = self._groups.parents.get((store_id, group_id))
        fields = (
            next((value for value in values if value is not None), default)
            for *values, default in zip(*way_up, self._default, strict=True)
        )
        return Choice(*fields)
