"""Prices for VK: exact decimals, in roubles when written, in hundredths when read."""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

ROUNDINGS = ("none", "1", "10", "9")
# VK's own bound.
PRICE_MAX = Decimal(999_999_999_999)

_KOPECK = Decimal("0.01")
_ONE = Decimal(1)
_TEN = Decimal(10)
_HUNDRED = Decimal(100)


def price_for_vk(
    price: Decimal | None,
    markup_percent: Decimal | int = 0,
    rounding: str = "none",
    most: Decimal = PRICE_MAX,
) -> Decimal | None:
    """The price in VK in roubles: marked up, then rounded; None where there is nothing to ask for.

    `rounding`: `none` to kopecks, `1` and `10` to the nearest whole and ten roubles, `9` to the nearest whole
    rouble that ends with 9 (the greater of two equally near). Rounding never makes a price zero. More than
    `most` cannot be asked.
    """
    if price is None or not price > 0:
        return None
    if markup_percent:
        price = price * (_HUNDRED + markup_percent) / _HUNDRED
    rounded = _rounded(price, rounding)
    return rounded if 0 < rounded <= most else None


def _rounded(price: Decimal, rounding: str) -> Decimal:
    if rounding == "none":
        return price.quantize(_KOPECK, ROUND_HALF_UP)
    if rounding == "1":
        return max(_ONE, price.quantize(_ONE, ROUND_HALF_UP))
    if rounding == "10":
        return max(_TEN, _tens(price) * _TEN)
    if rounding == "9":
        return max(_TEN, _tens(price + _ONE) * _TEN) - _ONE
    raise ValueError(f"unknown rounding {rounding!r}")


def _tens(price: Decimal) -> Decimal:
    return (price / _TEN).quantize(_ONE, ROUND_HALF_UP)


def written(price: Decimal) -> str:
    """The price as VK's methods take it, and as the ledger keeps it: `199.90`."""
    return f"{price:.2f}"


def read(hundredths: str | int) -> str:
    """The price as VK's answers give it (`"19990"`), written as it is sent: `199.90`; ValueError else."""
    try:
        return written(Decimal(hundredths).scaleb(-2))
    except InvalidOperation as error:
        raise ValueError(f"not a price in hundredths: {hundredths!r}") from error


def for_people(price: Decimal) -> str:
    """The price within a text, without its currency: `350`, `199,90`."""
    text = written(price)
    return text[:-3] if text.endswith(".00") else text.replace(".", ",")


def moved_percent(old: str, new: str) -> Decimal:
    """By how many percent of the old price the new one differs; a price out of nothing moved by all of it."""
    before = Decimal(old)
    if not before:
        return _HUNDRED if Decimal(new) else Decimal(0)
    return abs(Decimal(new) - before) * _HUNDRED / before
