"""Text as it is compared: the same letters in any case, «е» for «ё», blanks of any width as one."""

import re
from collections.abc import Iterable

# Stands for a blank inside a code, so that a code stays one word; and between codes there is a line's end.
_BLANK_IN_CODE = "␣"
_CODE_END = "\n"
_LONGEST_CODE = 100
# A number and its unit are two words, written together or not.
_WORD = re.compile(r"\d+|[^\W\d_]+")


def fold(text: str) -> str:
    """Fold `text` so that what an owner takes for the same word is the same string."""
    return " ".join(text.lower().replace("ё", "е").split())


def fold_words(text: str) -> str:
    """Fold `text` to its words and numbers alone: «Алишань, 50г» and «АЛИШАНЬ 50 Г» are the same."""
    return " ".join(_WORD.findall(fold(text)))


def fold_code(text: str) -> str:
    """Fold an article, code or barcode into one word without invisible signs."""
    if text.isdigit():
        return text[:_LONGEST_CODE]
    word = fold(text).replace(" ", _BLANK_IN_CODE)[:_LONGEST_CODE]
    if word.isprintable():
        return word
    return "".join([sign if sign.isprintable() else _BLANK_IN_CODE for sign in word])


def code_lines(codes: Iterable[str | None]) -> str:
    """Fold `codes` into a text of lines, each after a line's end, so that their beginnings can be found."""
    folded = [fold_code(code) for code in codes if code]
    lines = _CODE_END.join([code for code in folded if code])
    return f"{_CODE_END}{lines}{_CODE_END}" if lines else ""


def like_part(text: str) -> str:
    r"""The LIKE pattern that finds `text` anywhere; the escape character is `\`."""
    return f"%{_escaped(fold(text))}%"


def like_word_start(text: str) -> tuple[str, str]:
    r"""The LIKE patterns of a word that starts with `text`: the first, any other; the escape is `\`."""
    start = _escaped(fold(text))
    return f"{start}%", f"% {start}%"


def like_code_start(text: str) -> str:
    r"""The LIKE pattern that finds in `code_lines` a code that starts with `text`."""
    return f"%{_CODE_END}{_escaped(fold_code(text))}%"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
