"""Conditions on goods, put in an order: the first that a good meets decides where no rule does.

Pure: knows neither tables nor the web. What meets one is said by `app.rules.criteria.as_sql`.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

STOCK, PRICE, NO_PRICE, NO_PHOTO, TYPE, WORD = "stock", "price", "no_price", "no_photo", "type", "word"
KINDS = (STOCK, PRICE, NO_PRICE, NO_PHOTO, TYPE, WORD)
MOST_CRITERIA = 30
LONGEST_TEXT = 100
# Each word of each condition is asked of each good, and makes the statements of every page longer.
MOST_WORDS = 6

NORMAL, SERVICE, ALCOHOL, TOBACCO, MEDICINE, SHOES, OTHER = (
    *("normal", "service", "alcohol", "tobacco", "medicine", "shoes", "other"),
)
# The till's types are an open set («ALCOHOL_NOT_MARKED», «BEER_MARKED_KEG»…): what counts is how they begin.
BEGINNINGS: Mapping[str, tuple[str, ...]] = {
    NORMAL: ("NORMAL",),
    SERVICE: ("SERVICE",),
    ALCOHOL: ("ALCOHOL", "BEER"),
    TOBACCO: ("TOBACCO", "NICOTINE"),
    MEDICINE: ("MEDICINE",),
    SHOES: ("SHOES",),
}
TYPES = (*BEGINNINGS, OTHER)
# Whatever is not here is part of a word.
BETWEEN_WORDS = "\t\n\r !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~«»„“”‘’–—…№·•×"
_TO_BLANKS = str.maketrans(dict.fromkeys(BETWEEN_WORDS, " "))


class Criterion(NamedTuple):
    """One condition: `mode` is what holds for the goods that meet it; `key` names it for good.

    STOCK and PRICE: from `low` to `high`, both included, None without a bound; `is_below` takes `high` itself
    out. TYPE: `text` is one of TYPES. WORD: each word of `text`, folded; `is_part` finds parts of words too.
    """

    key: str
    mode: str
    kind: str
    low: Decimal | None = None
    high: Decimal | None = None
    is_below: bool = False
    text: str = ""
    is_part: bool = False

    @property
    def words(self) -> list[str]:
        """The words that a name must hold."""
        return words_of(self.text)

    @property
    def says(self) -> tuple[Any, ...]:
        """What the condition is, whatever it is called by and does."""
        return self[2:]


def words_of(folded: str) -> list[str]:
    """Take a folded text apart into its words."""
    return folded.translate(_TO_BLANKS).split()
