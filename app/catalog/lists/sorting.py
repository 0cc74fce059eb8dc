"""The orders that lists are offered in: each a key that an index holds, made total by the row's id."""

from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import ColumnElement, func, literal_column

# Sorts goods without a price or stock below all others; smaller than any number the columns hold.
LOWEST = -(10**10)
BY_NUMBER = ("price", "quantity")
# What a search has found, the best first: see `app.mirror.search.match_key`.
BY_MATCH = "match_key"


def sort_key(columns: Any, sort: str) -> ColumnElement[Any]:
    """The expression that `sort` orders by, on a model or on the columns of a statement.

    Constants stand in the statement's text: with parameters it would not find an index on an expression.
    """
    if sort in BY_NUMBER:
        return func.coalesce(getattr(columns, sort), literal_column(str(LOWEST)))
    if sort == "article_number":
        return func.coalesce(columns.article_number, literal_column("''"))
    if sort == BY_MATCH:
        return columns.match_key
    return columns.sort_name


def sort_value(sort: str, text: str) -> Any:
    """Read a key's value from a cursor; raises ValueError for a text that no key can have."""
    if sort not in BY_NUMBER:
        return text
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise ValueError(text) from error
    # No number of the columns has more decimals, and PostgreSQL refuses absurdly many.
    if not number.is_finite() or abs(number) > -LOWEST or number != round(number, 3):
        raise ValueError(text)
    return number
