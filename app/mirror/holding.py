"""Whether a text holds another, quickly for any two.

LIKE begins anew at each letter and reads on as long as the letters are the same: «ааа…б» in «ааа…а» takes it
the product of both lengths, on SQLite half a millisecond a name.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, literal, literal_column, true
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


def holds(text: Any, part: str) -> ColumnElement[bool]:
    """Tell of any row whether `part` stands in `text`, letter by letter; of NULL nothing is known."""
    return _Place(text, literal(part)) > literal_column("0")


def holds_all(text: Any, parts: Iterable[str]) -> ColumnElement[bool]:
    """Tell of any row whether all `parts` do."""
    return and_(true(), *(holds(text, part) for part in parts))


def overlap(word: str) -> int:
    """How many letters a word has in common with itself when it is moved on: 98 of «ааа…», 0 of most.

    Whoever begins anew at each letter of a text reads no more of the word than these, and one, each time.
    """
    return max(_overlap(word), _overlap(word[::-1]))


def _overlap(word: str) -> int:
    # How far the word goes on as it began, from each of its letters; each is looked at twice at most.
    same = [0] * len(word)
    begin = end = 0
    for place in range(1, len(word)):
        length = min(end - place, same[place - begin]) if place < end else 0
        while place + length < len(word) and word[length] == word[place + length]:
            length += 1
        same[place] = length
        if place + length > end:
            begin, end = place, place + length
    return max(same, default=0)


class _Place(FunctionElement[int]):
    """Where a text holds another, from 1; 0 is nowhere."""

    type = Integer()
    inherit_cache = True


@compiles(_Place)
def _in_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    return f"strpos({compiler.process(element.clauses, **options)})"


@compiles(_Place, "sqlite")
def _in_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    return f"instr({compiler.process(element.clauses, **options)})"
