"""Many rows at once, past SQLAlchemy's work on each value: COPY on PostgreSQL, long VALUES on SQLite.

Several stores are read by threads of one process. SQLite's driver lets the other threads run at each row of a
result and of `executemany`, and waits to get back in; one statement for many rows waits once.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple

from sqlalchemy import Connection, text

from app.data.parts import in_parts

_ROWS_A_STATEMENT = 100

_KNOWN_SQLITE = text(
    "SELECT json_group_array(json_array(evotor_id, id, digest)) FROM cached_products"
    " WHERE user_id = :user_id AND store_evotor_id = :store_id"
    " AND evotor_id IN (SELECT value FROM json_each(:ids))"
)
# One index probe for each id, also while the planner knows nothing yet of a table just filled.
_KNOWN_POSTGRESQL = text(
    "SELECT wanted.evotor_id, found.id, found.digest FROM unnest(CAST(:ids AS text[])) AS wanted (evotor_id)"
    " CROSS JOIN LATERAL (SELECT id, digest FROM cached_products WHERE user_id = :user_id"
    " AND store_evotor_id = :store_id AND evotor_id = wanted.evotor_id LIMIT 1) AS found"
)


# So many keys go into a statement at most.
KEYS_A_STATEMENT = 1000


class Known(NamedTuple):
    """A cached row: its key and the digest of what it holds."""

    id: int
    digest: str


def find_known(
    connection: Connection, user_id: int, store_id: str, evotor_ids: Sequence[str]
) -> dict[str, Known]:
    """Find which of the goods a store has in the cache, by the cloud's id."""
    place = {"user_id": user_id, "store_id": store_id}
    if connection.dialect.name == "postgresql":
        rows = connection.execute(_KNOWN_POSTGRESQL, place | {"ids": list(evotor_ids)})
        return {evotor_id: Known(row_id, digest) for evotor_id, row_id, digest in rows}
    ids = json.dumps(evotor_ids, ensure_ascii=False)
    found = json.loads(connection.scalar(_KNOWN_SQLITE, place | {"ids": ids}) or "[]")
    return {evotor_id: Known(row_id, digest) for evotor_id, row_id, digest in found}


def insert_rows(
    connection: Connection, table: str, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]
) -> None:
    """Insert tuples of values, in the order of `columns`, inside the caller's transaction."""
    cursor: Any = connection.connection.cursor()
    try:
        if connection.dialect.name == "postgresql":
            with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            return
        for chunk in in_parts(rows, _ROWS_A_STATEMENT):
            # SQLAlchemy, too, keeps a NUMERIC in SQLite as a floating number.
            values = [
                float(value) if value.__class__ is Decimal else value for value in chain.from_iterable(chunk)
            ]
            cursor.execute(_insert(table, tuple(columns), len(chunk)), values)
    finally:
        cursor.close()


def batches(keys: Sequence[int]) -> Iterator[list[int]]:
    """Keys of rows, as many at a time as go into a statement."""
    return in_parts(keys, KEYS_A_STATEMENT)


@lru_cache(maxsize=16)
def _insert(table: str, columns: tuple[str, ...], rows: int) -> str:
    one = f"({', '.join('?' * len(columns))})"
    # The names are our own, never a user's.
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES {', '.join([one] * rows)}"  # noqa: S608
