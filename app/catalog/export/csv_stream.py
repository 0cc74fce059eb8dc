"""A list as a CSV file for spreadsheets, streamed in constant memory.

The database makes the text of every cell: in Python that takes longer than all the rest.
"""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Engine, Select, Text, case, cast, func, type_coerce
from sqlalchemy.types import NullType

from app.rules.decide import EXCLUDE, INCLUDE
from app.web.csv_cells import csv_lines, guarded
from app.web.sheet import BOM, Dialect, Sheet

RULE_WORDS = {INCLUDE: "Включено", EXCLUDE: "Исключено", None: "Нет правила"}
SALE_WORDS = {True: "Да", False: "Нет", None: ""}
_ROWS_A_PIECE = 500

_WORDS: Mapping[str, Mapping[Any, str]] = {"rule_mode": RULE_WORDS, "allow_to_sell": SALE_WORDS}
_DECIMALS: Mapping[str, int] = {"price": 2, "quantity": 3}

STORES = Sheet(
    ("Название", "Адрес", "ID", "Фильтр"),
    ("name", "address", "evotor_id", "rule_mode"),
    _WORDS,
    _DECIMALS,
)
GROUPS = Sheet(
    ("Магазин", "Название", "ID", "Фильтр"),
    ("store_name", "name", "evotor_id", "rule_mode"),
    _WORDS,
    _DECIMALS,
)
PRODUCTS = Sheet(
    (
        "Магазин",
        "Группа",
        "Название",
        "Артикул",
        "Цена",
        "Количество",
        "Ед. измерения",
        "В продаже",
        "ID",
        "Фильтр",
    ),
    (
        "store_name",
        "group_name",
        "name",
        "article_number",
        "price",
        "quantity",
        "measure_name",
        "allow_to_sell",
        "evotor_id",
        "rule_mode",
    ),
    _WORDS,
    _DECIMALS,
)


def rows_of(engine: Engine, statement: Select[Any], sheet: Sheet) -> Iterator[Sequence[Sequence[Any]]]:
    """Yield the sheet's rows, some at a time, as the database hands them over; numbers are text or floats."""
    yield from _read(
        engine, _with_columns(statement, sheet, lambda name, column: _raw(engine, sheet, name, column))
    )


def stream(
    engine: Engine, statement: Select[Any], sheet: Sheet, dialect: Dialect
) -> Generator[str, None, None]:
    """Yield the file piece by piece; the headers leave before the database is asked."""
    yield BOM + csv_lines([sheet.headers], dialect.delimiter)
    is_sqlite = engine.dialect.name == "sqlite"
    cells = _with_columns(
        statement, sheet, lambda name, column: _cell(is_sqlite, sheet, dialect, name, column)
    )
    if is_sqlite:
        for rows in _read(engine, cells):
            yield csv_lines(rows, dialect.delimiter)
    else:
        yield from _copy(engine, cells, dialect)


def number_cell(column: Any, decimals: int, decimal_point: str, *, is_sqlite: bool) -> ColumnElement[Any]:
    """The SQL for a number as files hold it: `350.00` with two decimals, `180.0` or `0.125` with three."""
    text: ColumnElement[Any]
    if is_sqlite:
        # It gives 0.00 for NULL.
        text = func.printf("%.2f", column) if decimals == 2 else cast(func.round(column, decimals), Text)
    else:
        text = func.to_char(column, "FM9999999990.00" if decimals == 2 else "FM9999999990.099")
    if decimal_point != ".":
        text = func.replace(text, ".", decimal_point)
    return case((column.is_not(None), text))


def _with_columns(
    statement: Select[Any], sheet: Sheet, make: Callable[[str, Any], ColumnElement[Any]]
) -> Select[Any]:
    columns = statement.selected_columns
    return statement.with_only_columns(*(make(name, columns[name]).label(name) for name in sheet.columns))


def _raw(engine: Engine, sheet: Sheet, name: str, column: Any) -> Any:
    if name not in sheet.decimals:
        return column
    # A Decimal for each number would take longer than all the rest. SQLite stores floats.
    return type_coerce(column, NullType) if engine.dialect.name == "sqlite" else cast(column, Text)


def _cell(is_sqlite: bool, sheet: Sheet, dialect: Dialect, name: str, column: Any) -> ColumnElement[Any]:
    """The SQL for the text of a cell."""
    cell: ColumnElement[Any]
    if name in sheet.words:
        words = dict(sheet.words[name])
        nothing = words.pop(None, "")
        cell = case(words, value=column, else_=nothing)
    elif name in sheet.decimals:
        cell = number_cell(column, sheet.decimals[name], dialect.decimal_point, is_sqlite=is_sqlite)
    else:
        cell = guarded(column, is_sqlite=is_sqlite)
    # PostgreSQL writes quotes for an empty text and none for NULL.
    return func.coalesce(cell, "") if is_sqlite else func.nullif(cell, "")


def _read(engine: Engine, statement: Select[Any]) -> Iterator[Sequence[Sequence[Any]]]:
    with (
        engine.connect() as connection,
        # Closed by name: whoever leaves early leaves PostgreSQL's cursor open.
        connection.execution_options(yield_per=_ROWS_A_PIECE).execute(statement) as result,
    ):
        yield from result.partitions()


def _copy(engine: Engine, statement: Select[Any], dialect: Dialect) -> Iterator[str]:
    """Let PostgreSQL write the lines; who leaves early cancels the statement."""
    compiled = statement.compile(engine, compile_kwargs={"render_postcompile": True})
    options = f"FORMAT csv, DELIMITER '{dialect.delimiter}', ENCODING 'UTF8'"
    with (
        closing(engine.raw_connection()) as connection,
        closing(connection.cursor()) as cursor,
        cursor.copy(f"COPY ({compiled}) TO STDOUT ({options})", compiled.params) as lines,
    ):
        # Each ends in a line feed; another one may be inside a cell.
        while piece := [bytes(line)[:-1] for line in islice(lines, _ROWS_A_PIECE)]:
            piece.append(b"")
            yield b"\r\n".join(piece).decode()
