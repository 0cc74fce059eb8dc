"""What the owner has chosen for the whole shop and for groups of goods."""

from dataclasses import dataclass
from decimal import Decimal

HIDE = "hide"
KEEP = "keep"
ORDER = "order"
CARD = "card"
BLOCK = "block"
NOT_MERGED = "none"
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
    not published. `lost_categories` were chosen, and VK knows them no more.
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
    new_goods: str = "rules"  # rules, wait
    has_stock: bool = False
    lost_categories: tuple[int, ...] = ()
    auto: bool = False
    hide_guard_percent: int = 50
    price_guard_percent: int = 50
    own_name: str = ASK  # till, vk, ask
    own_description: str = ASK
    own_photos: str = ASK
    own_category: str = ASK
    own_albums: str = ASK


DEFAULTS = Settings()
