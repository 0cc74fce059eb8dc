"""The card that stands in for a good's photo: what is written on it, known before it is drawn."""

import hashlib
from typing import NamedTuple

# Counts up when the drawing changes, so that cards drawn before are told from those drawn after.
DRAWING = 1
_MARK = "card:"


class Card(NamedTuple):
    """What is on a card. No price: each change of it would cost the upload of a new picture.

    `colour` is `#rrggbb`; `unit` and `shop` may be empty.
    """

    name: str
    unit: str
    shop: str
    colour: str

    @property
    def mark(self) -> str:
        """What stands among the digests of photos for this card: the same card, the same mark."""
        facts = "\0".join((str(DRAWING), *self)).encode("utf-8", "surrogatepass")
        return _MARK + hashlib.blake2b(facts, digest_size=16).hexdigest()


def is_card(photo: str) -> bool:
    """Tell a card's mark from the digest of a photo."""
    return photo.startswith(_MARK)
