"""Text as it is compared: the same letters in any case, «е» for «ё», one blank for many."""

_FOLD_YO = str.maketrans("ё", "е")


def fold(text: str) -> str:
    """Fold `text` so that what an owner takes for the same word is the same string."""
    return " ".join(text.lower().translate(_FOLD_YO).split())


def like_part(text: str) -> str:
    r"""The LIKE pattern that finds `text` anywhere; the escape character is `\`."""
    escaped = fold(text).replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
    return f"%{escaped}%"
