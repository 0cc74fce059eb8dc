"""A list that is at hand as a whole and too long for a page: a part of it at a time."""

from collections.abc import Sequence
from typing import Generic, NamedTuple, TypeVar

from app.web.keys import read_key

SIZE = 50

Row = TypeVar("Row")


class Leaf(NamedTuple, Generic[Row]):
    """The `rows` of part `number` of `leaves`, the first at place `first`; all count from 1."""

    rows: Sequence[Row]
    number: int
    leaves: int
    first: int
    total: int


def leaf_of(rows: Sequence[Row], asked: str) -> Leaf[Row]:
    """Give the part that an address asks for; the first or the last where there is none of this number."""
    leaves = max(1, -(-len(rows) // SIZE))
    number = min(read_key(asked) or 1, leaves)
    start = (number - 1) * SIZE
    return Leaf(rows[start : start + SIZE], number, leaves, start + 1, len(rows))
