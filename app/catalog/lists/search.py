"""What a search means, and how each database's index is asked: trigrams of names, codes by their beginning.

PostgreSQL keeps both in one GIN index, SQLite in two FTS5 tables that triggers keep in step with the goods.
"""

from typing import Any

from sqlalchemy import ColumnElement, Select, cast, column, literal_column, or_, select, table
from sqlalchemy.dialects.postgresql import TSQUERY

from app.mirror.folding import fold, fold_code, like_code_start, like_part

# Names shorter than this have no trigram to be found by.
SHORTEST_INDEXED = 3
_NAME = "product_names"
_CODES = "product_codes"
_GIN = "ix_cached_products_search"

_names = table(_NAME, column("rowid"), column(_NAME))
_codes = table(_CODES, column("rowid"), column(_CODES))
# An index on an expression is found by that very expression only.
_CODE_WORDS = r"array_to_tsvector(array_remove(string_to_array(search_text, E'\n'), ''))"


def matches(sort_name: ColumnElement[str], search_text: ColumnElement[str], q: str) -> ColumnElement[bool]:
    """Tell of any row whether `q` is a part of its name or begins one of its codes."""
    return or_(is_part(sort_name, q), begins_code(search_text, q))


def is_part(sort_name: ColumnElement[str], q: str) -> ColumnElement[bool]:
    """Tell of any row whether `q` is a part of its name."""
    return sort_name.like(like_part(q), escape="\\")


def begins_code(search_text: ColumnElement[str], q: str) -> ColumnElement[bool]:
    """Tell of any row whether `q` begins one of its codes."""
    return search_text.like(like_code_start(q), escape="\\")


def is_of_search(name: str | None) -> bool:
    """Tell whether a table or an index is the search's own: a migration makes it, no model describes it."""
    return name is not None and name.startswith((_NAME, _CODES, _GIN))


def is_indexed(q: str) -> bool:
    """Tell whether the index can find names by `q`."""
    return len(fold(q)) >= SHORTEST_INDEXED


def in_gin(sort_name: ColumnElement[str], q: str) -> ColumnElement[bool]:
    """What `matches` tells, in the words that PostgreSQL's index understands; of `cached_products` only."""
    return or_(is_part(sort_name, q), coded_in_gin(q))


def coded_in_gin(q: str) -> ColumnElement[bool]:
    """What `begins_code` tells, in the words of that index."""
    word = fold_code(q).replace("\\", "\\\\").replace("'", "''")
    return literal_column(_CODE_WORDS).op("@@", is_comparison=True)(cast(f"'{word}':*", TSQUERY))


def in_fts(row_id: ColumnElement[int], q: str) -> ColumnElement[bool]:
    """The rows that `matches` may be true of, as SQLite's index finds them: it must be asked as well."""
    named = select(_names.c.rowid).where(_match(_names.c[_NAME], _trigrams(fold(q))))
    return row_id.in_(named.union(coded_in_fts(q)))


def coded_in_fts(q: str) -> Select[Any]:
    """The ids of the rows that `begins_code` may be true of; it must be asked as well."""
    return select(_codes.c.rowid).where(_match(_codes.c[_CODES], f"{_quoted(fold_code(q))}*"))


def _match(indexed: ColumnElement[str], expression: str) -> ColumnElement[bool]:
    return indexed.op("MATCH", is_comparison=True)(expression)


def _trigrams(folded: str) -> str:
    pieces = [folded[start : start + 3] for start in range(len(folded) - 2)]
    return " AND ".join(_quoted(piece) for piece in dict.fromkeys(pieces))


def _quoted(token: str) -> str:
    doubled = token.replace('"', '""')
    return f'"{doubled}"'
