"""What each listing should be: goods, the rules' outcome and the settings, and nothing else.

Texts are composed when somebody asks for them: a hundred thousand goods are judged without.
"""

from collections.abc import Callable, Iterable, Iterator
from decimal import ROUND_FLOOR, Decimal
from functools import lru_cache

from app.publishing.planning import prices, reasons, texts
from app.publishing.planning.card import Card
from app.publishing.planning.forbidden import SERVICE, forbidden
from app.publishing.planning.good import Good, Key
from app.publishing.planning.merging import as_one, merged
from app.publishing.planning.reasons import Reason
from app.publishing.planning.settings import BLOCK, CARD, HIDE, Choice, Chooser, GroupTree, Settings
from app.publishing.planning.templates import Template, read_template

PHOTOS_MAX = 5
STOCK_MAX = 999_999
UNLIMITED = -1


class Desired:
    """One listing as it should be.

    `good` is what buyers see of the goods behind it. `price` is in roubles. `hidden_by` is the reason why it
    is not to be seen in the shop now, None when it is.
    """

    __slots__ = ("_behind", "_description", "_name", "_shop", "choice", "good", "hidden_by", "price")

    def __init__(self, shop: "Shop", good: Good, behind: tuple[Good, ...] | None, choice: Choice) -> None:
        settings = shop.settings
        self._shop = shop
        self._behind = behind
        self._name: str | None = None
        self._description: str | None = None
        self.good = good
        self.choice = choice
        self.price = prices.price_for_vk(good.price, choice.markup_percent, settings.rounding)
        self.hidden_by = _why_hidden(good, self.price, choice, settings)

    @property
    def key(self) -> Key:
        return self.good.key

    @property
    def goods(self) -> tuple[Good, ...]:
        """The goods behind the listing, the main one first."""
        return self._behind or (self.good,)

    @property
    def keys(self) -> tuple[Key, ...]:
        return tuple(good.key for good in self.goods)

    @property
    def available(self) -> bool:
        return self.hidden_by is None

    @property
    def price_text(self) -> str | None:
        return None if self.price is None else prices.written(self.price)

    @property
    def name(self) -> str:
        """The name as it is sent; shorter than VK takes when even the template gives no more."""
        if self._name is None:
            self._name = self._shop.name_of(self.good, self.price)
        return self._name

    @property
    def description(self) -> str:
        """The description as it is sent; shorter than VK takes when even the template gives no more."""
        if self._description is None:
            self._description = self._shop.description_of(self.good, self.price)
        return self._description

    @property
    def card(self) -> Card | None:
        """The card to draw, when there is no photo and the owner allows cards."""
        settings = self._shop.settings
        if self.good.photos or settings.photo_fallback != CARD:
            return None
        good = self.good
        return Card(
            self.name, _often_the_same(good.unit), _often_the_same(good.store_name), settings.card_colour
        )

    @property
    def photos(self) -> tuple[str, ...]:
        """Digests of the photos in their order, or the mark of the card; empty when there is neither."""
        if self.good.photos:
            return self.good.photos[:PHOTOS_MAX]
        card = self.card
        return () if card is None else (card.mark,)

    @property
    def stock(self) -> int | None:
        """Whole pieces to sell (-1: any number), None where the shop counts no stock."""
        settings = self._shop.settings
        if not settings.has_stock:
            return None
        quantity = self.good.quantity
        if quantity is None or self.good.type == SERVICE or self.choice.out_of_stock != HIDE:
            return UNLIMITED
        left = (quantity - settings.reserve).to_integral_value(ROUND_FLOOR)
        return max(0, min(STOCK_MAX, int(left)))

    @property
    def obstacle(self) -> Reason | None:
        """Why it cannot be added to the shop now, None when it can."""
        if self.hidden_by is not None:
            return self.hidden_by
        if self.choice.category_id is None:
            return reasons.NO_CATEGORY
        if not self.good.photos and self._shop.settings.photo_fallback != CARD:
            return reasons.NO_PHOTO
        if not (self._shop.names_itself(self.good) or len(self.name) >= texts.NAME_MIN):
            return reasons.SHORT_NAME
        if not (self._shop.describes_itself(self.good) or len(self.description) >= texts.DESCRIPTION_MIN):
            return reasons.SHORT_DESCRIPTION
        return None


class Shop:
    """The owner's settings made ready to be applied to many goods.

    Raises TemplateError when a template of the settings cannot be used.
    """

    def __init__(self, settings: Settings, groups: GroupTree | None = None) -> None:
        self.settings = settings
        self._chooser = Chooser(settings, groups or GroupTree())
        self._name_template = read_template(settings.name_template)
        self._description_template = read_template(settings.description_template)

    def desired(self, goods: Iterable[Good]) -> Iterator[Desired]:
        """The listings of those `goods` that the rules publish, in their order; what is alike is one."""
        return self.listings(merged((good for good in goods if good.is_published), self.settings).shelves)

    def listings(self, shelves: Iterable[tuple[Good, ...]]) -> Iterator[Desired]:
        """The listing of each shelf: of one good, or of several that are one."""
        choice = self._chooser.choice
        for behind in shelves:
            good = behind[0]
            if len(behind) == 1:
                yield Desired(self, good, None, choice(good.store_id, good.group_id))
            else:
                good = as_one(behind, self.settings)
                yield Desired(self, good, behind, choice(good.store_id, good.group_id))

    def names_itself(self, good: Good) -> bool:
        """Tell quickly, if it can be told quickly, that the name will be long enough."""
        return len(good.name) >= texts.NAME_MIN and texts.is_plain(good.name)

    def describes_itself(self, good: Good) -> bool:
        """Tell quickly, if it can be told quickly, that the description will be long enough."""
        description = good.description or ""
        if len(description) < texts.DESCRIPTION_MIN:
            # The template takes over, and a name within it does not get shorter.
            description = good.name if "name" in self._description_template.placeholders else ""
        return len(description) >= texts.DESCRIPTION_MIN and texts.is_plain(description)

    def name_of(self, good: Good, price: Decimal | None) -> str:
        """Evotor's name, lengthened by the owner's template where VK wants more, cut where it wants less."""
        name = texts.one_line(good.name)
        if len(name) < texts.NAME_MIN:
            name = texts.one_line(_filled(self._name_template, good, price))
        return texts.cut(name, texts.NAME_MIN, texts.NAME_MAX)

    def description_of(self, good: Good, price: Decimal | None) -> str:
        """Evotor's description, or the owner's template where there is none that VK would take."""
        description = texts.plain(good.description)
        if len(description) < texts.DESCRIPTION_MIN:
            description = texts.plain(_filled(self._description_template, good, price))
        return texts.cut(description, texts.DESCRIPTION_MIN, texts.DESCRIPTION_MAX)


def _filled(template: Template, good: Good, price: Decimal | None) -> str:
    return template.fill({name: _VALUES[name](good, price) for name in template.placeholders})


# Names of units, groups and stores: a few for thousands of goods.
_often_the_same = lru_cache(maxsize=8192)(texts.one_line)

_VALUES: dict[str, Callable[[Good, Decimal | None], str]] = {
    "name": lambda good, price: texts.one_line(good.name),
    "description": lambda good, price: texts.plain(good.description),
    "unit": lambda good, price: _often_the_same(good.unit),
    "barcode": lambda good, price: good.first_barcode,
    "article": lambda good, price: texts.one_line(good.article),
    "code": lambda good, price: texts.one_line(good.code),
    "group": lambda good, price: _often_the_same(good.group_name),
    "store": lambda good, price: _often_the_same(good.store_name),
    "price": lambda good, price: "" if price is None else prices.for_people(price),
}


def _why_hidden(good: Good, price: Decimal | None, choice: Choice, settings: Settings) -> Reason | None:
    kind = good.type
    if kind is not None and kind != "NORMAL":
        if (reason := forbidden(kind)) is not None:
            return reason
        if kind == SERVICE and settings.services == BLOCK:
            return reasons.SERVICE
    if price is None:
        return reasons.NO_PRICE
    if good.allow_to_sell is False and settings.not_on_sale == HIDE:
        return reasons.NOT_ON_SALE
    if (
        choice.out_of_stock == HIDE
        and good.quantity is not None
        and good.quantity <= settings.reserve
        and kind != SERVICE
    ):
        return reasons.SOLD_OUT
    return None
