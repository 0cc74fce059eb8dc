"""Listings that are as they should be are known again by a mark, without comparing field by field.

The mark stands for all that a comparison looks at: the settings, the facts of the good, what the ledger
holds of the listing, and the code that compares. Whatever of it changes, the mark is another: none is ever
taken back.
"""

import hashlib
from functools import cache
from pathlib import Path

from app.publishing.planning.desired import Desired
from app.publishing.planning.existing import Entry
from app.publishing.planning.settings import Settings

_SIZE = 16
_SEPARATOR = "\x1f"


class Settled:
    """Marks listings under the owner's settings."""

    def __init__(self, settings: Settings) -> None:
        self._head = hashlib.blake2b(_code() + repr(settings).encode(), digest_size=_SIZE)

    def mark(self, want: Desired, entry: Entry) -> str | None:
        """The mark that it has while it is to be seen; None where it cannot be told what the ledger holds."""
        if entry.version is None:
            return None
        hashed = self._head.copy()
        good = want.good
        # Whether it is to be seen at all, and what goes with it.
        seen = f"{good.type} {good.allow_to_sell} {want.is_sold_out} {want.stock}"
        facts = f"{seen}\x1e{want.facts}\x1e{_SEPARATOR.join(entry.version)}"
        hashed.update(facts.encode("utf-8", "surrogatepass"))
        return hashed.hexdigest()


@cache
def _code() -> bytes:
    """A digest of the pure code beside this: what it finds may be another with the next release."""
    hashed = hashlib.blake2b(digest_size=_SIZE)
    for path in sorted(Path(__file__).parent.glob("*.py")):
        hashed.update(path.read_bytes())
    return hashed.digest()
