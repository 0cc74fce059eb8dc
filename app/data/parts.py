"""Much work in parts that one request or statement carries."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")

# A database takes so many values in one statement.
VALUES_A_STATEMENT = 500


def in_parts(things: Iterable[T], size: int) -> Iterator[list[T]]:
    """Yield things in lists of `size`, the last of what is left."""
    left = iter(things)
    while part := list(islice(left, size)):
        yield part
