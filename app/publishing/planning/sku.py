"""The mark that VK keeps for us on each listing, and by which it is found again."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from itertools import product

from app.publishing.planning.good import Good, Key

# Nothing that VK could escape, trim or fail to write.
_SAFE = re.compile(
    r"[0-9A-Za-zА-Яа-яЁё._/+#()-](?:[0-9A-Za-zА-Яа-яЁё ._/+#()-]{0,48}[0-9A-Za-zА-Яа-яЁё._/+#()-])?"
)
# As `SkuBook` gives them.
_OWN = re.compile(r"(v[a-z2-7]{16})(?:-[0-9]+)?")

# Base 32, two digits at once: the library takes ten times as long.
# Reference: https://www.rfc-editor.org/rfc/rfc4648#section-6
_PAIRS = tuple(map("".join, product("abcdefghijklmnopqrstuvwxyz234567", repeat=2)))
_PLACES = range(70, -1, -10)


def natural_sku(good: Good) -> str | None:
    """The good's article, else its code, else its first barcode; None when VK might not give it back."""
    mark = mark_of(good)
    return mark if _SAFE.fullmatch(mark) else None


def mark_of(good: Good) -> str:
    """What a good bears, be it fit for a sku or not; empty when nothing."""
    return (good.article or good.code or good.first_barcode).strip()


def key_sku(key: Key) -> str:
    """A mark of our own for a good: `v` and 16 letters and digits, the same each time."""
    digest = hashlib.blake2b("\0".join(key).encode("utf-8", "surrogatepass"), digest_size=10).digest()
    number = int.from_bytes(digest, "big")
    return "v" + "".join([_PAIRS[number >> place & 1023] for place in _PLACES])


def own_mark(sku: str) -> str | None:
    """The mark of our own in a sku, whatever number it had to get; None in any other."""
    found = _OWN.fullmatch(sku)
    return found and found[1]


class SkuBook:
    """Gives new listings their skus: the natural one when nothing else of the owner's bears it.

    `wanted` are the goods to be published, `others` what further ones of them bear, `taken` the skus that the
    ledger has given already.
    """

    def __init__(self, wanted: Iterable[Good], taken: Iterable[str], others: Iterable[str] = ()) -> None:
        self._bearers = Counter(map(mark_of, wanted))
        self._bearers.update(others)
        self._taken = set(taken)

    def give(self, good: Good, *, own: bool = False) -> str:
        """The sku of a new listing for `good`; `own`: one of ours even if the natural one is free."""
        sku = mark_of(good)
        if own or sku in self._taken or self._bearers[sku] != 1 or _SAFE.fullmatch(sku) is None:
            sku = self._own(good.key)
        self._taken.add(sku)
        return sku

    def _own(self, key: Key) -> str:
        sku = first = key_sku(key)
        number = 2
        while sku in self._taken:
            sku = f"{first}-{number}"
            number += 1
        return sku
