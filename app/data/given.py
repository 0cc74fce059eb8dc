"""Texts that a statement is given as one value, so that it stays the same for any number of them.

With a parameter for each text a statement is written, sent and planned anew for every number of texts; as it
stays the same, SQLite and PostgreSQL keep it prepared.
"""

from collections.abc import Collection
from typing import Any

from sqlalchemy import JSON, ColumnElement, String, any_, bindparam, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.elements import CollectionAggregate


def given_texts(name: str, dialect: str) -> Any:
    """The parameter `name`, which takes a list of texts, for `is_one_of`; `dialect` names the database."""
    if dialect == "postgresql":
        return any_(bindparam(name, type_=ARRAY(String)))
    return select(func.json_each(bindparam(name, type_=JSON)).table_valued("value", name=name).c.value)


def all_texts(texts: Collection[str], dialect: str) -> Any:
    """The same of texts that are known already."""
    if dialect == "postgresql":
        return any_(literal(list(texts), ARRAY(String)))
    return select(func.json_each(literal(list(texts), JSON)).table_valued("value").c.value)


def is_one_of(column: Any, texts: Any) -> ColumnElement[bool]:
    """Whether the column is one of given texts, or of what a statement or a list holds."""
    return column == texts if isinstance(texts, CollectionAggregate) else column.in_(texts)
