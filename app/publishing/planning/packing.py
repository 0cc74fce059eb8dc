"""Long texts that are kept packed until somebody asks: a big shop has hundreds of megabytes of them."""

import zlib

from app.publishing.planning.texts import Plain

# Letters that a plan keeps as they are, of goods and of the ledger each: most shops have no more.
LETTERS_UNPACKED = 4_000_000
_QUICKLY = 1


class _PackedPlain(bytes):
    """A `Plain` text."""

    __slots__ = ()


def packed(text: str) -> bytes:
    """The text in a third of its bytes and less; half of a letter is kept as well."""
    kept = zlib.compress(text.encode("utf-8", "surrogatepass"), _QUICKLY)
    return _PackedPlain(kept) if isinstance(text, Plain) else kept


def unpacked(kept: str | bytes | None) -> str:
    """The text of what may be packed; of nothing it is empty."""
    if isinstance(kept, bytes):
        text = zlib.decompress(kept).decode("utf-8", "surrogatepass")
        return Plain(text) if isinstance(kept, _PackedPlain) else text
    return kept or ""
