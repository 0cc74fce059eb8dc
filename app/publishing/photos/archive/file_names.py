"""What the name of a file says of its good: a barcode, an article, a code or a name, and its place there."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from app.composed import composed
from app.mirror.folding import fold_code

_LONGEST_SHOWN = 255
# «4601-1», «4601_2», «Улун (3)».
_NUMBERED = re.compile(r"(.*\S)\s*(?:[-_]\s*(\d{1,3})|\((\d{1,3})\))")
_EXTENSION = re.compile(r"\.[A-Za-z]{3,4}$")
# What a file's name cannot hold is written otherwise there; all of it counts as the same.
_UNWRITABLE = str.maketrans(dict.fromkeys('\\/:*?"<>|', "_"))


class Reading(NamedTuple):
    """One way to read a file's name: the words, and the place among the pictures of the good."""

    text: str
    place: int


def shown_name(path: str) -> str:
    """The name of a file without its folders and what nobody can see, short enough for a row."""
    bare = path.replace("\\", "/").rpartition("/")[2]
    bare = "".join(character for character in bare if character.isprintable())
    # Some letters are longer composed than they were.
    return _shortened(composed(_shortened(bare), _LONGEST_SHOWN))


def _shortened(name: str) -> str:
    return name if len(name) <= _LONGEST_SHOWN else f"{name[:200]}…{name[-50:]}"


def readings(name: str) -> Iterator[Reading]:
    """Yield the ways to read a shown name, the likeliest first: whole, then without its number."""
    stem = _EXTENSION.sub("", name).strip()
    if stem:
        yield Reading(stem, 0)
    numbered = _NUMBERED.fullmatch(stem)
    if numbered:
        yield Reading(numbered[1], int(numbered[2] or numbered[3]))


def code_key(text: str) -> str:
    """By which barcodes, articles and codes are compared."""
    return written_codes(fold_code(text))


def written_codes(folded: str) -> str:
    """Folded codes as the names of files can hold them."""
    return folded.translate(_UNWRITABLE)
