"""What each listing should be: goods, the rules' outcome and the settings, and nothing else.

Texts are composed when somebody asks for them: a hundred thousand goods are judged without.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from app.publishing.planning import prices, pricing, reasons, texts
from app.publishing.planning.card import Card
from app.publishing.planning.choosing import Choice, Chooser, GroupTree, with_terms_of
from app.publishing.planning.composing import Composer, often_the_same
from app.publishing.planning.good import Good, Key
from app.publishing.planning.judging import hidden_at, is_sold_out, stock_in_vk, what_lacks
from app.publishing.planning.merging import as_one, merged, price_source
from app.publishing.planning.pricing import Asked
from app.publishing.planning.reasons import Reason
from app.publishing.planning.settings import CARD, NOT_MERGED, ORDER, Settings

PHOTOS_MAX = 5
PRICES_KEPT = 4_000  # There may be as many as goods, and a price list does not hold all of those.
TO_ORDER = "Под заказ: сейчас нет в наличии."


class Desired:
    """One listing as it should be; `good` is what buyers see of the goods behind it."""

    __slots__ = ("_asked", "_behind", "_hidden_by", "_name", "_shop", "choice", "good", "key")

    def __init__(self, shop: "Shop", good: Good, behind: tuple[Good, ...] | None, choice: Choice) -> None:
        self._shop = shop
        self._behind = behind
        # Of listings that are known to be as they should be nobody asks for any of these.
        self._asked: Asked | None = None
        self._hidden_by: Reason | None = None
        self._name: str | None = None
        self.good = good
        self.key = good[:2]
        self.choice = choice

    @property
    def goods(self) -> tuple[Good, ...]:
        """The goods behind the listing, the main one first."""
        return self._behind or (self.good,)

    @property
    def keys(self) -> tuple[Key, ...]:
        return tuple(good.key for good in self._behind) if self._behind else (self.key,)

    @property
    def asked(self) -> Asked:
        """What it costs."""
        return self._asked or self._judged()

    @property
    def hidden_by(self) -> Reason | None:
        """The reason why it is not to be seen in the shop now, None when it is."""
        if self._asked is None:
            self._judged()
        return self._hidden_by

    def _judged(self) -> Asked:
        asked = self._asked = self._shop.asked_for(self.good, self.choice)
        self._hidden_by = hidden_at(self.good, asked, self.choice, self._shop.settings)
        return asked

    @property
    def available(self) -> bool:
        return self.hidden_by is None

    @property
    def price(self) -> Decimal | None:
        """The price in roubles, None where nothing can be asked."""
        return self.asked.price

    @property
    def is_priced_as_in_till(self) -> bool:
        """Whether buyers see the very price of the till."""
        return self.price == self.good.price and self.asked.portion is None

    @property
    def price_text(self) -> str | None:
        return None if self.price is None else prices.written(self.price)

    @property
    def old_price_text(self) -> str | None:
        """What it cost before, to be crossed out where buyers saw it; None where nothing can be."""
        return None if self.asked.old is None else prices.written(self.asked.old)

    @property
    def old_price_unasked(self) -> str | None:
        """The same where nobody knows what buyers saw: only a fall that would go without the owner's word."""
        old, new, most = self.old_price_text, self.price_text, self._shop.settings.price_guard_percent
        return None if old is None or new is None or prices.moved_percent(old, new) > most else old

    @property
    def name(self) -> str:
        """The name as it is sent; shorter than VK takes when even the template gives no more."""
        if self._name is None:
            self._name = self._shop.texts.name_of(self.good, self.asked)
        return self._name

    @property
    def description(self) -> str:
        """The description as it is sent; shorter than VK takes when even the template gives no more."""
        # Not kept: of all goods together it takes more than all else.
        note = TO_ORDER if self.is_to_order else ""
        return self._shop.texts.description_of(self.good, self.asked, note)

    @property
    def facts(self) -> str:
        """What all that is sent is made of, stock apart: the same facts and settings, the same listing."""
        good = self.good
        facts = (
            good.name,
            f"{good.price} {good.former_price}",
            self._shop.written(self.choice),
            good.text,
            good.unit or "",
            good.group_name or "",
            good.store_name or "",
            good.code or "",
            good.article or "",
            good.barcodes or "",
            *good.photos,
        )
        return "\x1f".join(facts)

    @property
    def category_id(self) -> int | None:
        """VK's category, None where none is chosen that VK knows."""
        chosen = self.choice.category_id
        return None if chosen in self._shop.settings.lost_categories else chosen

    @property
    def has_card(self) -> bool:
        """Whether a card stands in: there is no photo, and the owner allows cards."""
        return not self.good.photos and self._shop.settings.photo_fallback == CARD

    @property
    def card(self) -> Card | None:
        """The card to draw, where one stands in for a photo."""
        if not self.has_card:
            return None
        settings, good = self._shop.settings, self.good
        # The name of what is priced for 100 g says so itself.
        unit = "" if self.asked.portion else often_the_same(good.unit)
        return Card(self.name, unit, often_the_same(good.store_name), settings.card_colour)

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
        return stock_in_vk(self.good, self.asked, self.choice, self._shop.settings)

    @property
    def is_sold_out(self) -> bool:
        """Whether the till has none to sell, by the owner's reserve."""
        return is_sold_out(self.good, self._shop.settings)

    @property
    def is_to_order(self) -> bool:
        """Whether it is sold out and kept as something that is made or brought to order."""
        return self.choice.out_of_stock == ORDER and self.is_sold_out

    @property
    def obstacle(self) -> Reason | None:
        """Why it cannot be added to the shop now, None when it can."""
        return self.hidden_by or what_lacks(self.good, self.choice, self._shop.settings) or self.short_text

    @property
    def short_text(self) -> Reason | None:
        """Which of its texts VK would find too short, None when neither."""
        if not (self._shop.texts.names_itself(self.good) or len(self.name) >= texts.NAME_MIN):
            return reasons.SHORT_NAME
        if not (
            self._shop.texts.describes_itself(self.good) or len(self.description) >= texts.DESCRIPTION_MIN
        ):
            return reasons.SHORT_DESCRIPTION
        return None


class Shop:
    """The owner's settings made ready to be applied to many goods.

    Raises TemplateError when a template of the settings cannot be used.
    """

    def __init__(self, settings: Settings, groups: GroupTree | None = None) -> None:
        self.settings = settings
        self._groups = groups or GroupTree()
        self._chooser = Chooser(settings, self._groups)
        self.texts = Composer(settings)
        self._made: dict[Choice, Choice] = {}
        self._written: dict[int, str] = {}
        self._asked: dict[tuple[Any, ...], Asked] = {}

    @property
    def keeps_goods_apart(self) -> bool:
        """Whether each good has a listing to itself, and no album to share with others."""
        has_albums = self.settings.albums or any(each.album for each in self._groups.choices.values())
        return self.settings.merge_by == NOT_MERGED and not has_albums

    def asked_for(self, good: Good, choice: Choice) -> Asked:
        """What a good costs; asked once for all that cost the same in the till and are in one group."""
        if good.former_price is not None:
            return pricing.asked_for(good, choice, self.settings)
        # The choices of groups live as long as the shop.
        like = (good.price, good.unit if choice.per_100g else None, id(choice))
        if (asked := self._asked.get(like)) is None:
            if len(self._asked) == PRICES_KEPT:
                self._asked.clear()
            asked = self._asked[like] = pricing.asked_for(good, choice, self.settings)
        return asked

    def written(self, choice: Choice) -> str:
        """One of this shop's choices as text; one holds for all goods of a group."""
        if (text := self._written.get(id(choice))) is None:
            text = self._written[id(choice)] = str(choice)
        return text

    def desired(self, goods: Iterable[Good]) -> Iterator[Desired]:
        """The listings of those `goods` that the rules publish, in their order; what is alike is one."""
        return self.listings(merged((good for good in goods if good.is_published), self.settings).shelves)

    def listing(self, good: Good) -> Desired:
        """The listing of a good that stands for itself."""
        return Desired(self, good, None, self._chooser.choice(good.store_id, good.group_id))

    def listings(self, shelves: Iterable[tuple[Good, ...]]) -> Iterator[Desired]:
        """The listing of each shelf: of one good, or of several that are one."""
        choice = self._chooser.choice
        for behind in shelves:
            if len(behind) == 1:
                yield self.listing(behind[0])
            else:
                both = behind[0], price_source(behind)
                of_card, of_price = (choice(each.store_id, each.group_id) for each in both)
                made = with_terms_of(of_card, of_price)
                # Known by its identity, too: each lives as long as the shop.
                chosen = of_card if made == of_card else self._made.setdefault(made, made)
                yield Desired(self, as_one(behind, self.settings), behind, chosen)
