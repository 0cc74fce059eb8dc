"""What a search means, and how each database's index is asked: trigrams of names, codes by their beginning.

A good is found when its name has every word that was typed, in any order, or when one of its codes begins
with all that was typed. A word is a part of the name; one of two letters begins a word of it, since they have
no trigram but the one with the blank before them.

PostgreSQL keeps both in one GIN index, SQLite in two FTS5 tables that triggers keep in step with the goods.
There every name stands behind the mark of its owner and a blank, and the mark begins every code: what other
owners have is not looked at.
"""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    case,
    cast,
    column,
    literal,
    literal_column,
    not_,
    or_,
    select,
    table,
)
from sqlalchemy.dialects.postgresql import TSQUERY

from app.data.db import db
from app.mirror.folding import fold, fold_code, like_code_start, like_part, like_word_start
from app.mirror.holding import holds
from app.mirror.models import CachedProduct
from app.mirror.name_blocks import pieces_of

# One letter has no trigram to be found by, two have that of a word's beginning.
SHORTEST_INDEXED = 2
_TRIGRAM = 3
# The last one holds what is left, as it was typed.
_MOST_WORDS = 8
# So much of all words PostgreSQL is led by: LIKE takes the product of both lengths of some words and names.
_LED_BY = 32
# What a search finds comes in this order: names that begin with all of it, then those where its words begin
# words, then the rest.
TIERS = BEGINS_NAME, BEGINS_WORDS, THE_REST = "0", "1", "2"
_NAME = "product_names"
_CODES = "product_codes"
# The letters that an owner's mark is made of: those for private use.
# Reference: https://www.unicode.org/charts/PDF/UE000.pdf
_FIRST_OF_MARK, _LETTERS_OF_MARK = 0xE000, 6400
# Sorts behind every letter.
_LAST = "\U0010ffff"
_GIN = "ix_cached_products_search"

_goods = CachedProduct.__table__.c
_names = table(_NAME, column("rowid"), column(_NAME))
_codes = table(_CODES, column("rowid"), column(_CODES))
# An index on an expression is found by that very expression only.
_CODE_WORDS = r"array_to_tsvector(array_remove(string_to_array(search_text, E'\n'), ''))"


def words_of(q: str) -> list[str]:
    """The different words of a search, folded."""
    return _parted(fold(q))


def matches(sort_name: ColumnElement[str], search_text: ColumnElement[str], q: str) -> ColumnElement[bool]:
    """Tell of any row whether its name has the words of `q`, or `q` begins one of its codes."""
    return or_(has_words(sort_name, q), begins_code(search_text, q))


def has_words(sort_name: ColumnElement[str], q: str) -> ColumnElement[bool]:
    """Tell of any row whether its name has every word of `q`."""
    words = _telling(words_of(q))
    led_by = _LED_BY // max(len(words), 1)
    return and_(*(_has_word(sort_name, word, led_by) for word in words))


def begins_words(sort_name: ColumnElement[str], q: str) -> ColumnElement[bool]:
    """Tell of any row whether every word of `q` begins a word of its name."""
    return and_(*(_begins_word(sort_name, word) for word in words_of(q)))


def begins_name(sort_name: ColumnElement[str], q: str) -> ColumnElement[bool]:
    """Tell of any row whether its name begins with `q`; a range of the index of names."""
    folded = fold(q)
    return and_(sort_name >= folded, sort_name < folded + _LAST)


def match_key(sort_name: ColumnElement[str], q: str) -> ColumnElement[str]:
    """By what the finds of a search are sorted: one of `TIERS`, and the name within it."""
    tier = case(
        (begins_name(sort_name, q), BEGINS_NAME), (begins_words(sort_name, q), BEGINS_WORDS), else_=THE_REST
    )
    return tier + sort_name


def of_tier(
    sort_name: ColumnElement[str], q: str, tier: str, fits: ColumnElement[bool]
) -> ColumnElement[bool]:
    """Tell of any row whether it stands in a tier of what `fits` the search."""
    if tier == BEGINS_NAME:
        return begins_name(sort_name, q)
    by_words = begins_words(sort_name, q)
    return and_(fits, not_(begins_name(sort_name, q)), by_words if tier == BEGINS_WORDS else not_(by_words))


def has_words_in_any_case(name: ColumnElement[str], q: str) -> ColumnElement[bool]:
    """Tell of a name that is kept as it was written whether it has every word of `q`."""
    return and_(*(_is_in(name, word) for word in _parted(" ".join(q.split()))))


def _parted(text: str) -> list[str]:
    # Each is asked of each name.
    return list(dict.fromkeys(text.split(" ", _MOST_WORDS - 1)))


def _is_in(name: ColumnElement[str], word: str) -> ColumnElement[bool]:
    # SQLite tells the cases of Cyrillic letters apart.
    small = word.lower()
    written = {word, small, small.capitalize(), small.upper()}
    written |= {each.replace("ё", "е").replace("Ё", "Е") for each in written}
    return or_(*(holds(name, each) for each in sorted(written)))


def _telling(words: list[str]) -> list[str]:
    """Without those that stand in another of them, and so in every name that has it."""
    within = {word for word in words for other in words if word in other != word}
    return [word for word in words if len(word) == SHORTEST_INDEXED or word not in within]


def _has_word(sort_name: ColumnElement[str], word: str, led_by: int) -> ColumnElement[bool]:
    if len(word) == SHORTEST_INDEXED:
        return _begins_word(sort_name, word)
    if db.engine.dialect.name == "sqlite":
        return holds(sort_name, word)
    is_led = sort_name.like(like_part(word[:led_by]), escape="\\")
    return is_led if len(word) <= led_by else and_(is_led, holds(sort_name, word))


def _begins_word(sort_name: ColumnElement[str], word: str) -> ColumnElement[bool]:
    if len(word) > _LED_BY:
        return holds(literal(" ") + sort_name, f" {word}")
    return or_(*(sort_name.like(pattern, escape="\\") for pattern in like_word_start(word)))


def begins_code(search_text: ColumnElement[str], q: str) -> ColumnElement[bool]:
    """Tell of any row whether `q` begins one of its codes."""
    return search_text.like(like_code_start(q), escape="\\")


def is_of_search(name: str | None) -> bool:
    """Tell whether a table or an index is the search's own: a migration makes it, no model describes it."""
    return name is not None and name.startswith((_NAME, _CODES, _GIN))


def is_indexed(q: str) -> bool:
    """Tell whether the index can find names by `q`."""
    return any(len(word) >= SHORTEST_INDEXED for word in words_of(q))


def has_inner_words(q: str) -> bool:
    """Tell whether a word of a search may also stand within one of a name."""
    return any(len(word) != SHORTEST_INDEXED for word in words_of(q))


def pieces(q: str, *, begins: bool) -> set[str]:
    """The pieces of words that a name has with every word of `q`, or with each beginning one of its own."""
    words = words_of(q)
    return set().union(*(pieces_of(word, begins=begins or len(word) == SHORTEST_INDEXED) for word in words))


def is_found(user_id: int, q: str) -> ColumnElement[bool]:
    """Tell of `cached_products` whether a good is the owner's, and is found; the index leads to those."""
    fits = matches(_goods.sort_name, _goods.search_text, q)
    if not is_indexed(q):
        return and_(_goods.user_id == user_id, fits)
    if db.engine.dialect.name == "sqlite":
        # Without statistics SQLite takes the index of the owner's goods for the better way.
        return and_(_goods.user_id + 0 == user_id, in_fts(_goods.id, user_id, q), fits)
    return and_(_goods.user_id == user_id, in_gin(_goods.sort_name, q))


def in_gin(sort_name: ColumnElement[str], q: str) -> ColumnElement[bool]:
    """What `matches` tells, in the words that PostgreSQL's index understands; of `cached_products` only."""
    return or_(has_words(sort_name, q), coded_in_gin(q))


def coded_in_gin(q: str) -> ColumnElement[bool]:
    """What `begins_code` tells, in the words of that index."""
    word = fold_code(q).replace("\\", "\\\\").replace("'", "''")
    return literal_column(_CODE_WORDS).op("@@", is_comparison=True)(cast(f"'{word}':*", TSQUERY))


def in_fts(row_id: ColumnElement[int], user_id: int, q: str) -> ColumnElement[bool]:
    """The owner's rows that `matches` may be true of, by SQLite's index: it must be asked as well."""
    named = select(_names.c.rowid).where(_is_named(user_id, q))
    return row_id.in_(named.union(coded_in_fts(user_id, q)))


def is_named_in_fts(goods: Any, user_id: int, q: str) -> tuple[ColumnElement[bool], ...]:
    """What `has_words` tells, for a statement that takes one hit after another from SQLite's index.

    It would gather all hits first for a condition like `in_fts`.
    """
    return _is_named(user_id, q), _names.c.rowid == goods.id, has_words(goods.sort_name, q)


def is_coded_in_fts(goods: Any, user_id: int, q: str) -> tuple[ColumnElement[bool], ...]:
    """What `begins_code` tells, in the same way."""
    return _is_coded(user_id, q), _codes.c.rowid == goods.id, begins_code(goods.search_text, q)


def coded_in_fts(user_id: int, q: str) -> Select[Any]:
    """The ids of the owner's rows that `begins_code` may be true of; it must be asked as well."""
    return select(_codes.c.rowid).where(_is_coded(user_id, q))


def _is_named(user_id: int, q: str) -> ColumnElement[bool]:
    pieces = [_mark(user_id), *(piece for word in words_of(q) for piece in _pieces(word))]
    return _match(_names.c[_NAME], " AND ".join(_quoted(piece) for piece in dict.fromkeys(pieces)))


def _is_coded(user_id: int, q: str) -> ColumnElement[bool]:
    return _match(_codes.c[_CODES], f"{_quoted(_mark(user_id) + fold_code(q))}*")


def _mark(user_id: int) -> str:
    """Three letters, so that they are a trigram, as the migration's triggers make them."""
    base = _LETTERS_OF_MARK
    digits = user_id // (base * base), user_id // base, user_id
    return "".join(chr(_FIRST_OF_MARK + digit % base) for digit in digits)


def _match(indexed: ColumnElement[str], expression: str) -> ColumnElement[bool]:
    return indexed.op("MATCH", is_comparison=True)(expression)


def _pieces(word: str) -> list[str]:
    if len(word) == SHORTEST_INDEXED:
        return [f" {word}"]
    return [word[start : start + _TRIGRAM] for start in range(len(word) - _TRIGRAM + 1)]


def _quoted(token: str) -> str:
    doubled = token.replace('"', '""')
    return f'"{doubled}"'
