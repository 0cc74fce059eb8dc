"""Texts as VK counts them, prices as it reads and shows them."""

import re
from decimal import ROUND_HALF_UP, Decimal

# How long a character is once it is escaped for cp1251 (found out by shops that publish to VK).
ESCAPED = {'"': 5, "&": 5, "'": 5, "!": 5, "\\": 6, "$": 6, "<": 4, ">": 4}
PRICE = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,6})?", re.ASCII)


def weight(text: str) -> int:
    """Return the length that VK gives a text: escaped, in cp1251, anything else as &#number;."""
    return sum(ESCAPED.get(character) or _length_in_cp1251(character) for character in text)


def hundredths(written: str) -> int | None:
    """Read roubles such as 199.90; None when this is no price from 0 to 999999999999."""
    if not PRICE.fullmatch(written):
        return None
    return int((Decimal(written) * 100).quantize(Decimal(1), ROUND_HALF_UP))


def roubles(amount: int) -> str:
    """Write hundredths of a rouble as people type them: 199,90."""
    whole, rest = divmod(amount, 100)
    return f"{whole},{rest:02d}" if rest else str(whole)


def price_text(amount: int) -> str:
    """Show hundredths of a rouble to people: 1 199,90 ₽."""
    whole, _, rest = roubles(amount).partition(",")
    grouped = f"{int(whole):,}".replace(",", "\N{NO-BREAK SPACE}")
    return f"{grouped},{rest} ₽" if rest else f"{grouped} ₽"


def _length_in_cp1251(character: str) -> int:
    try:
        character.encode("cp1251")
    except UnicodeEncodeError:
        return len(f"&#{ord(character)};")
    return 1
