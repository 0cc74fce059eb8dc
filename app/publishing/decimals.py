"""Prices and stock as a driver gives them, read without a type for each value."""

from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection

_NUMBERS_KEPT = 10_000


def decimals(connection: Connection, column: Any) -> Callable[[Any], Decimal | None]:
    """Turn what the driver gives for a number into a decimal: SQLite has floats, and prices repeat."""
    if connection.dialect.name != "sqlite":
        return lambda value: value
    places = column.type.scale
    return lru_cache(maxsize=_NUMBERS_KEPT)(
        lambda value: value if value is None else Decimal(f"{value:.{places}f}")
    )
