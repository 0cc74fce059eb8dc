"""What a search meant that was typed with the keyboard in the other layout."""

from app.mirror.folding import fold
from app.mirror.search import is_indexed

_LATIN, _RUSSIAN = "qwertyuiop[]asdfghjkl;'zxcvbnm,.`", "йцукенгшщзхъфывапролджэячсмитьбюе"
_TO_RUSSIAN, _TO_LATIN = str.maketrans(_LATIN, _RUSSIAN), str.maketrans(_RUSSIAN[:-1], _LATIN[:-1])


def other_layout(q: str) -> str | None:
    """What was meant if the keyboard stood in the other layout; None where both are the same."""
    folded = fold(q)
    meant = fold(folded.translate(_TO_RUSSIAN if folded[:1].isascii() else _TO_LATIN))
    return meant if meant != folded and is_indexed(meant) else None
