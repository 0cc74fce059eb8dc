"""Pages of a list in any of its orders: by an index from where the last page ended."""

from typing import Any, NamedTuple

from flask_babel import gettext
from sqlalchemy import ColumnElement, Select, select, union_all
from sqlalchemy.sql.selectable import NamedFromClause

from app.catalog.lists.address import DESCENDING, STALE_PAGE, BadQuery, ListQuery
from app.catalog.lists.sorting import sort_key, sort_value
from app.web.cursor import Cursor

# Longer lists that something narrows are counted up to here only: nobody reads the rest of the number.
COUNTED = 10_000
# And what a search finds up to here.
FOUND = 1_000


class Total(NamedTuple):
    """How many rows a list has: so many, or more than that."""

    rows: int
    is_exact: bool = True

    @classmethod
    def counted(cls, count: int, bound: int | None = None) -> "Total":
        """Take over a count that went no further than one past the bound, `COUNTED` unless it is given."""
        bound = COUNTED if bound is None else bound
        return cls(count) if count <= bound else cls(bound, False)


class Page(NamedTuple):
    """One page of a list: the table's rows, the number of the first, and what lies around them.

    `instead` is what was searched for after nothing was found by the words as they were typed.
    """

    records: list[Any]
    first: int
    total: Total
    previous: Cursor | None
    next: Cursor | None
    instead: str | None = None

    @property
    def last(self) -> int:
        return self.first + len(self.records) - 1


class Walk(NamedTuple):
    """From where, in which order and how far a page is looked for."""

    sort: str
    downwards: bool
    start: tuple[Any, Any] | None
    limit: int

    @classmethod
    def of(cls, query: ListQuery) -> "Walk":
        """Find a page and a row more, to learn whether one follows; raises BadQuery for a foreign cursor."""
        cursor = query.cursor
        try:
            start = (sort_value(query.sort, cursor.value), cursor.id) if cursor else None
        except ValueError:
            raise BadQuery(gettext(STALE_PAGE)) from None
        return cls(query.sort, (query.dir == DESCENDING) != query.is_backwards, start, query.per_page + 1)

    def order(self, key: ColumnElement[Any], row_id: ColumnElement[int]) -> tuple[ColumnElement[Any], ...]:
        return (key.desc(), row_id.desc()) if self.downwards else (key, row_id)

    def stretch(self, statement: Select[Any], columns: Any, limit: int) -> NamedFromClause:
        """The next `limit` rows of `statement`, with their `sort_key`, read from the index of the order.

        Rows with the key of the start and rows beyond it are two ranges of the index: SQLite would read all
        rows of an equal key to compare pairs.
        """
        key, row_id = sort_key(columns, self.sort), columns.id
        statement = statement.add_columns(key.label("sort_key"))
        if self.start is None:
            return statement.order_by(*self.order(key, row_id)).limit(limit).subquery("stretch")
        value, start_id = self.start
        equal = statement.where(key == value, row_id < start_id if self.downwards else row_id > start_id)
        beyond = statement.where(key < value if self.downwards else key > value)
        parts = [
            equal.order_by(row_id.desc() if self.downwards else row_id).limit(limit).subquery(),
            beyond.order_by(*self.order(key, row_id)).limit(limit).subquery(),
        ]
        both = union_all(*(select(part) for part in parts)).subquery()
        return select(both).order_by(*self.order(both.c.sort_key, both.c.id)).limit(limit).subquery("stretch")


def as_page(query: ListQuery, records: list[Any], total: Total) -> Page:
    """Make the page of what `Walk.of(query)` has found: a row more than shown means that more follow."""
    cursor = query.cursor
    if not records:
        return Page([], 1, total, None, None)
    has_more = len(records) > query.per_page
    records = records[: query.per_page]
    if query.is_backwards:
        records.reverse()
        # Nothing lies before, so this is the first page, however the list has changed since.
        first = max(1, cursor.position - len(records)) if cursor and has_more else 1
        has_previous, has_next = has_more, True
    else:
        first = cursor.position + 1 if cursor else 1
        has_previous, has_next = cursor is not None, has_more
    return Page(
        records,
        first,
        total,
        previous=_cursor(records[0], first) if has_previous else None,
        next=_cursor(records[-1], first + len(records) - 1) if has_next else None,
    )


def _cursor(record: Any, position: int) -> Cursor:
    return Cursor(str(record.sort_key), record.id, position)
