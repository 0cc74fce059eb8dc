"""Listings that are as they should be are known again by a mark, without comparing field by field.

The mark stands for all that a comparison looks at: the settings, the facts of the good, the revision of what
the ledger holds of the listing, and the code that compares. Whatever of it changes, the mark is another: none
is ever taken back.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path

from app.publishing.planning.desired import Desired, Shop
from app.publishing.planning.existing import Entry, Listed
from app.publishing.planning.good import Good, Key
from app.publishing.planning.settings import Settings
from app.publishing.planning.sku import mark_of

_SIZE = 16


class Settled:
    """Marks listings under the owner's settings."""

    def __init__(self, settings: Settings) -> None:
        self._head = hashlib.blake2b(_code() + repr(settings).encode(), digest_size=_SIZE)

    def mark(self, want: Desired, entry: Entry | Listed) -> str | None:
        """The mark that it has while it is to be seen; None where it cannot be told what the ledger holds."""
        if entry.revision is None:
            return None
        hashed = self._head.copy()
        good = want.good
        # Whether it is to be seen at all, and what goes with it.
        seen = f"{good.type} {good.allow_to_sell} {want.is_sold_out} {want.stock}"
        facts = f"{entry.listing_id} {entry.revision} {seen}\x1e{want.facts}"
        hashed.update(facts.encode("utf-8", "surrogatepass"))
        return hashed.hexdigest()


class Unchanged:
    """Leaves out of a plan, good by good, what a mark tells to be as it should be: it costs no more.

    Only a good with a listing to itself can be told so, where no other good decides about it: `shop` joins no
    goods and uses no albums. `listing_ids` are those of what was left out; each is in VK, to be seen. `marks`
    are what the goods behind them bear.
    """

    def __init__(self, shop: Shop, listed: Sequence[Entry | Listed]) -> None:
        self.listing_ids: set[int] = set()
        self.marks: list[str] = []
        self._shop = shop
        self._marks = Settled(shop.settings)
        self._listing_of = _alone(listed)

    def others(self, goods: Iterable[Good]) -> Iterator[Good]:
        """The goods that have to be looked at, in their order."""
        listing_of, listing, mark = self._listing_of.get, self._shop.listing, self._marks.mark
        for good in goods:
            entry = listing_of(good[:2])
            if entry is None or not good.is_published or mark(listing(good), entry) != entry.settled:
                yield good
            else:
                self.listing_ids.add(entry.listing_id)
                self.marks.append(mark_of(good))


def _alone(listed: Sequence[Entry | Listed]) -> dict[Key, Entry | Listed]:
    """Marked listings by their only good, of which no other listing has anything."""
    listings = Counter(key for entry in listed for key in entry.goods)
    return {
        entry.goods[0]: entry
        for entry in listed
        if entry.settled and len(entry.goods) == 1 and listings[entry.goods[0]] == 1
    }


@cache
def _code() -> bytes:
    """A digest of the pure code beside this: what it finds may be another with the next release."""
    hashed = hashlib.blake2b(digest_size=_SIZE)
    for path in sorted(Path(__file__).parent.glob("*.py")):
        hashed.update(path.read_bytes())
    return hashed.digest()
