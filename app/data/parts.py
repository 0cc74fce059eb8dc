"""Much work in parts that one request or statement carries."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, delete, select, tuple_
from sqlalchemy.orm import Session, scoped_session

T = TypeVar("T")

# A database takes so many values in one statement.
VALUES_A_STATEMENT = 500


def in_parts(things: Iterable[T], size: int) -> Iterator[list[T]]:
    """Yield things in lists of `size`, the last of what is left."""
    left = iter(things)
    while part := list(islice(left, size)):
        yield part


def delete_some(
    session: Session | scoped_session[Any], table: Any, which: ColumnElement[bool], most: int
) -> int:
    """Delete rows of a table that `which` says, `most` at most; give how many. Commits nothing."""
    keys = table.primary_key.columns
    key = tuple_(*keys) if len(keys) > 1 else keys[0]
    some = delete(table).where(key.in_(select(*keys).where(which).limit(most)))
    return session.execute(some).rowcount  # type: ignore[attr-defined]
