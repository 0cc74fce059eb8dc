"""Letters and their marks as one letter each (NFC), of no more text than is used.

This takes the square of the marks in a row, and lets no other thread of the process run meanwhile: ten
minutes for a megabyte of them. So nothing else here normalises: tests/security/test_lengths_come_first.py.
"""

import unicodedata

# No letter is of more: «ᾂ» is an alpha with three marks.
_PARTS = 4


def composed(text: str, most: int) -> str:
    """Compose the letters of `text`; behind what surely makes more than `most` of them it is cut off.

    So what is too long still is, and what is not is whole.
    """
    return unicodedata.normalize("NFC", text[: _PARTS * most + 1])
