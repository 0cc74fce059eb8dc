"""Long texts that are kept packed until somebody asks: a big shop has hundreds of megabytes of them."""

import zlib

# Letters that a plan keeps as they are, of goods and of the ledger each: most shops have no more.
LETTERS_UNPACKED = 4_000_000
_QUICKLY = 1


def packed(text: str) -> bytes:
    """The text in a third of its bytes and less; half of a letter is kept as well."""
    return zlib.compress(text.encode("utf-8", "surrogatepass"), _QUICKLY)


def unpacked(kept: str | bytes | None) -> str:
    """The text of what may be packed; of nothing it is empty."""
    if isinstance(kept, bytes):
        return zlib.decompress(kept).decode("utf-8", "surrogatepass")
    return kept or ""
