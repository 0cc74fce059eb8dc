"""What a good costs in VK: decided here alone, for tables, the plan, files and VK alike."""

import re
from decimal import Decimal
from typing import NamedTuple

from app.publishing.planning import prices
from app.publishing.planning.choosing import Choice
from app.publishing.planning.good import Good
from app.publishing.planning.settings import Settings

# What prices for 100 g are called, as a unit of the good and within its name.
HUNDRED_GRAMS = "100 г"
# What is said of them at the end of a description.
HUNDRED_GRAMS_NOTE = f"Цена за {HUNDRED_GRAMS}."

# What a unit of weight is in grams, as people write it in the till.
_GRAMS = {
    **dict.fromkeys(("кг", "килограмм", "kg"), Decimal(1000)),
    **dict.fromkeys(("г", "гр", "грамм", "g"), Decimal(1)),
}
_HUNDRED = Decimal(100)
_SAYS_SO = re.compile(r"(?<!\d)100\s?(?:г|гр)\b", re.IGNORECASE)


class Asked(NamedTuple):
    """What buyers are asked for, in roubles.

    `price` is None where nothing can be asked. `old` is what it cost before by the same terms, to be crossed
    out where buyers saw it. `portion`: how many units of the till the price is for, None: one unit, as in the
    till.
    """

    price: Decimal | None
    old: Decimal | None = None
    portion: Decimal | None = None


def asked_for(good: Good, choice: Choice, settings: Settings) -> Asked:
    """Decide what `good` costs in VK: its portion, then the markup, then the rounding."""
    portion = hundred_grams(good.unit) if choice.per_100g else None
    terms = choice.markup_percent, settings.rounding
    price = in_vk(good.price, portion, *terms)
    if price is None or not settings.old_price_days or good.former_price is None:
        return Asked(price, None, portion)
    old = in_vk(good.former_price, portion, *terms)
    if old is None or old <= price or (old - price) * _HUNDRED < old * settings.old_price_percent:
        old = None
    return Asked(price, old, portion)


def says_hundred_grams(name: str) -> bool:
    """Tell whether a name tells by itself that it is about 100 g."""
    return _SAYS_SO.search(name) is not None


def hundred_grams(unit: str | None) -> Decimal | None:
    """Tell how much of a unit 100 g are; None when it is no unit of weight."""
    grams = _GRAMS.get(_folded(unit))
    return None if grams is None else _HUNDRED / grams


def may_be_one_unit(one: str | None, other: str | None) -> bool:
    """Tell whether what is sold by these is sold by the same; a unit that is not known may be any."""
    one, other = _folded(one), _folded(other)
    return not one or not other or _GRAMS.get(one, one) == _GRAMS.get(other, other)


def _folded(unit: str | None) -> str:
    return unit.strip().rstrip(".").casefold() if unit else ""


def in_vk(
    price: Decimal | None,
    portion: Decimal | None,
    markup_percent: Decimal,
    rounding: str,
    most: Decimal = prices.PRICE_MAX,
) -> Decimal | None:
    """Tell what a price of the till is in VK, for so much of a unit; None where nothing can be asked."""
    if price is not None and portion is not None:
        price = price * portion
    return prices.price_for_vk(price, markup_percent, rounding, most)
