"""The conditions of `app.rules.criteria.criterion` as SQL over goods."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Boolean, ColumnElement, String, and_, case, false, func, literal, null, or_, true
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from app.mirror.folding import like_part, like_word
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
    if not criteria:
        return null()
    return case(
        *(
            (_is_met(criterion, user_id, goods), literal(value, String))
            for criterion, value in zip(criteria, values, strict=True)
        )
    )


def _is_met(criterion: Criterion, user_id: Any, goods: Any) -> ColumnElement[bool]:
    if criterion.kind == STOCK:
        return _is_within(criterion, goods.quantity)
    if criterion.kind == PRICE:
        return _is_within(criterion, goods.price)
    if criterion.kind == NO_PRICE:
        return goods.price.is_(None)
    if criterion.kind == TYPE:
        return _is_of_type(criterion.text, goods.product_type)
    if criterion.kind == WORD:
        return and_(true(), *(_holds(word, criterion, goods.sort_name) for word in criterion.words))
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


def _holds(word: str, criterion: Criterion, name: Any) -> ColumnElement[bool]:
    is_part = name.like(like_part(word), escape="\\")
    if criterion.is_part:
        return is_part
    # Most names end at the first half, which is quick.
    return and_(is_part, _HoldsWord(name, like_word(word), f"*{_ANY_SIGN}{word}{_ANY_SIGN}*"))


# In a class of GLOB a bracket stands first, a hyphen last.
_ANY_SIGN = f"[]{''.join(sign for sign in BETWEEN_WORDS if sign not in ']-')}-]"


class _HoldsWord(FunctionElement[bool]):
    """Whether a folded text holds a word: takes the text, and the word as LIKE and as GLOB want it."""

    type = Boolean()
    inherit_cache = True


@compiles(_HoldsWord)
def _by_like(element: Any, compiler: Any, **options: Any) -> str:
    text, pattern, _ = (compiler.process(clause, **options) for clause in element.clauses)
    signs, blanks = (
        compiler.render_literal_value(signs, String()) for signs in (BETWEEN_WORDS, " " * len(BETWEEN_WORDS))
    )
    return rf"(translate(' ' || {text} || ' ', {signs}, {blanks}) LIKE {pattern} ESCAPE '\')"


@compiles(_HoldsWord, "sqlite")
def _by_glob(element: Any, compiler: Any, **options: Any) -> str:
    # It has no `translate`; and so many `replace` inside each other are too deep for its parser.
    text, _, pattern = (compiler.process(clause, **options) for clause in element.clauses)
    return f"(' ' || {text} || ' ' GLOB {pattern})"
