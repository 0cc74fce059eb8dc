"""Why a good is not to be seen in the shop, and what it lacks to be added."""

from decimal import ROUND_FLOOR

from app.mirror.good_types import ORDINARY, SERVICE
from app.publishing.planning import pricing, reasons
from app.publishing.planning.choosing import Choice
from app.publishing.planning.forbidden import forbidden
from app.publishing.planning.good import Good
from app.publishing.planning.pricing import Asked
from app.publishing.planning.reasons import Reason
from app.publishing.planning.settings import BLOCK, CARD, HIDE, Settings

STOCK_MAX = 999_999
UNLIMITED = -1


def why_hidden(good: Good, choice: Choice, settings: Settings) -> Reason | None:
    """The reason why a good that stands for itself is not to be seen in the shop now, None when it is."""
    return hidden_at(good, pricing.asked_for(good, choice, settings), choice, settings)


def hidden_at(good: Good, asked: Asked, choice: Choice, settings: Settings) -> Reason | None:
    """The same where it is known already what the good costs."""
    kind, price = good.type, asked.price
    if kind is not None and kind != ORDINARY:
        if (reason := forbidden(kind)) is not None:
            return reason
        if kind == SERVICE and settings.services == BLOCK:
            return reasons.SERVICE
    if price is None:
        return reasons.NO_PRICE
    if good.allow_to_sell is False and settings.not_on_sale == HIDE:
        return reasons.NOT_ON_SALE
    if price < settings.price_floor:
        return reasons.BELOW_FLOOR
    if choice.out_of_stock == HIDE and is_sold_out(good, settings):
        return reasons.SOLD_OUT
    if stock_in_vk(good, asked, choice, settings) == 0:
        # VK shows what it has none of to nobody, whatever else it is told.
        return reasons.LESS_THAN_ONE
    return None


def stock_in_vk(good: Good, asked: Asked, choice: Choice, settings: Settings) -> int | None:
    """Whole pieces to sell (-1: any number), None where the shop counts no stock."""
    if not settings.has_stock:
        return None
    if good.quantity is None or good.type == SERVICE or choice.out_of_stock != HIDE:
        return UNLIMITED
    pieces = (good.quantity - settings.reserve) / (asked.portion or 1)
    return max(0, min(STOCK_MAX, int(pieces.to_integral_value(ROUND_FLOOR))))


def is_sold_out(good: Good, settings: Settings) -> bool:
    """Whether the till has none to sell, by the owner's reserve."""
    return good.quantity is not None and good.quantity <= settings.reserve and good.type != SERVICE


def what_lacks(good: Good, choice: Choice, settings: Settings) -> Reason | None:
    """What a new listing needs and this good has not, its texts apart; None when all is there."""
    if choice.category_id is None:
        return reasons.NO_CATEGORY
    if choice.category_id in settings.lost_categories:
        is_of_all = choice.category_id == settings.default_category_id
        return reasons.LOST_CATEGORY if is_of_all else reasons.LOST_GROUP_CATEGORY
    if not good.photos and settings.photo_fallback != CARD:
        return reasons.NO_PHOTO
    return None
