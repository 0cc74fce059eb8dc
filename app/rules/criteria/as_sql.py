"""The conditions of `app.rules.criteria.criterion` as SQL over goods."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, String, and_, case, false, func, literal, literal_column, null, or_
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from app.mirror.holding import holds_all
from app.rules.criteria.criterion import (
    BEGINNINGS,
    BETWEEN_WORDS,
    NO_PRICE,
    NORMAL,
    OTHER,
    PRICE,
    STOCK,
    TYPE,
    WORD,
    Criterion,
)

# Takes the owner and the columns of goods; tells whether a good meets a condition, never NULL.
Teller = Callable[[Any, Any], ColumnElement[bool]]

_tellers: dict[str, Teller] = {}


def tells(kind: str) -> Callable[[Teller], Teller]:
    """Register who tells of goods what only a package above knows: the rules need not know of its tables."""

    def register(teller: Teller) -> Teller:
        _tellers[kind] = teller
        return teller

    return register


def key_of_first(criteria: Sequence[Criterion], user_id: Any, goods: Any) -> ColumnElement[Any]:
    """The key of the first condition that a good meets, NULL for none; `goods` are columns of goods."""
    return _first(criteria, user_id, goods, [criterion.key for criterion in criteria])


def mode_of_first(criteria: Sequence[Criterion], user_id: Any, goods: Any) -> ColumnElement[Any]:
    """The mode of the first condition that a good meets, NULL for none."""
    return _first(criteria, user_id, goods, [criterion.mode for criterion in criteria])


def mode_of_key(criteria: Sequence[Criterion], key: ColumnElement[str]) -> ColumnElement[Any]:
    """The mode of the condition with this key, NULL for none."""
    if not criteria:
        return null()
    return case({criterion.key: literal(criterion.mode, String) for criterion in criteria}, value=key)


def _first(
    criteria: Sequence[Criterion], user_id: Any, goods: Any, values: Sequence[str]
) -> ColumnElement[Any]:
    told = [
        (_is_met(criterion, user_id, goods), literal(value, String))
        for criterion, value in zip(criteria, values, strict=True)
    ]
    if not any(map(_is_of_whole_words, criteria)):
        return _case(told)
    # Most names hold no such words, not even as parts: that is seen sooner than a name is taken apart.
    whole = [holds_all(goods.sort_name, each.words) for each in criteria if _is_of_whole_words(each)]
    others = [
        each for each, criterion in zip(told, criteria, strict=True) if not _is_of_whole_words(criterion)
    ]
    return case((or_(false(), *whole), _WithWords(goods.sort_name, _case(told))), else_=_case(others))


def _case(told: Sequence[tuple[ColumnElement[bool], ColumnElement[str]]]) -> ColumnElement[Any]:
    return case(*told) if told else null()


def _is_of_whole_words(criterion: Criterion) -> bool:
    return criterion.kind == WORD and not criterion.is_part


def _is_met(criterion: Criterion, user_id: Any, goods: Any) -> ColumnElement[bool]:
    if criterion.kind == STOCK:
        return _is_within(criterion, goods.quantity)
    if criterion.kind == PRICE:
        return _is_within(criterion, goods.price)
    if criterion.kind == NO_PRICE:
        return goods.price.is_(None)
    if criterion.kind == TYPE:
        return _is_of_type(criterion.text, goods.product_type)
    if _is_of_whole_words(criterion):
        return holds_all(literal_column(_WORDS), [f" {word} " for word in criterion.words])
    if criterion.kind == WORD:
        return holds_all(goods.sort_name, criterion.words)
    return _tellers[criterion.kind](user_id, goods)


def _is_within(criterion: Criterion, value: Any) -> ColumnElement[bool]:
    bounds = [value.is_not(None)]
    if criterion.low is not None:
        bounds.append(value >= criterion.low)
    if criterion.high is not None:
        bounds.append(value < criterion.high if criterion.is_below else value <= criterion.high)
    return and_(*bounds)


def _is_of_type(name: str, sent: Any) -> ColumnElement[bool]:
    told = func.coalesce(sent, "")
    if name == OTHER:
        return and_(told != "", *(~_begins(told, starts) for starts in BEGINNINGS.values()))
    is_so = _begins(told, BEGINNINGS[name])
    return or_(told == "", is_so) if name == NORMAL else is_so


def _begins(told: Any, starts: tuple[str, ...]) -> ColumnElement[bool]:
    # Not LIKE, for which SQLite knows no letter case.
    return or_(false(), *(func.substr(told, 1, len(start)) == start for start in starts))


# A folded name as its words, each between blanks, where `_WithWords` tells them.
_WORDS = "told.words"
# Else both databases put what it is made by wherever a word is looked for.
_TOLD = "told AS MATERIALIZED"
# SQLite has no `translate`, and so many `replace` inside each other are too deep for its parser.
_REPLACED_AT_ONCE = 3


class _WithWords(FunctionElement[str]):
    """A value that is told from `_WORDS`: takes the name and that value. The name is taken apart once.

    To look for each word of thirty conditions in a name with signs took minutes for a shop of 20 000 goods.
    """

    type = String()
    inherit_cache = True


@compiles(_WithWords)
def _by_translate(element: Any, compiler: Any, **options: Any) -> str:
    name, value = (compiler.process(clause, **options) for clause in element.clauses)
    signs, blanks = (
        compiler.render_literal_value(signs, String()) for signs in (BETWEEN_WORDS, " " * len(BETWEEN_WORDS))
    )
    return _told(f"{_TOLD} (SELECT translate(' ' || {name} || ' ', {signs}, {blanks}) AS words)", value)


@compiles(_WithWords, "sqlite")
def _by_replace(element: Any, compiler: Any, **options: Any) -> str:
    name, value = (compiler.process(clause, **options) for clause in element.clauses)
    told = f"told_0 AS (SELECT ' ' || {name} || ' ' AS words)"
    places = range(0, len(BETWEEN_WORDS), _REPLACED_AT_ONCE)
    for number, first in enumerate(places):
        words = "words"
        for sign in BETWEEN_WORDS[first : first + _REPLACED_AT_ONCE]:
            words = f"replace({words}, {compiler.render_literal_value(sign, String())}, ' ')"
        told += f", told_{number + 1} AS (SELECT {words} AS words FROM told_{number})"  # noqa: S608
    return _told(f"{told}, {_TOLD} (SELECT words FROM told_{len(places)})", value)  # noqa: S608


def _told(told: str, value: str) -> str:
    return f"(WITH {told} SELECT {value} FROM told)"  # noqa: S608
