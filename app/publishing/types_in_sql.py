"""Types of goods in conditions of SQL."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_

from app.mirror.good_types import ORDINARY


def type_begins(beginnings: Iterable[str], goods: Any) -> ColumnElement[bool]:
    """Whether the type of `goods`, a table with that column, begins with any of these; never NULL."""
    told = goods.product_type
    begins = (func.substr(func.upper(told), 1, len(start)) == start for start in beginnings)
    # Of most goods no more is asked than the first two.
    return and_(told.is_not(None), told != ORDINARY, or_(*begins))
