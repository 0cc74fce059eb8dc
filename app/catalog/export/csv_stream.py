"""A list as a CSV file for spreadsheets, streamed in constant memory.

PostgreSQL writes the lines by itself; for SQLite they are made here, column by column. Cells are guarded at
the end, in the few lines that may need it.
"""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from functools import lru_cache, partial
from typing import Any

from sqlalchemy import ColumnElement, Engine, Select, Text, case, cast, func, type_coerce
from sqlalchemy.types import NullType

from app.data.parts import in_parts
from app.rules.decide import EXCLUDE, INCLUDE
from app.web.csv_cells import csv_lines, guarded_line, lines_of_columns, may_hold_formula
from app.web.sheet import BOM, Dialect, Sheet

RULE_WORDS = {INCLUDE: "Включено", EXCLUDE: "Исключено", None: "Нет правила"}
SALE_WORDS = {True: "Да", False: "Нет", None: ""}
_ROWS_A_PIECE = 500
_NUMBERS_KEPT = 8192

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
    """Yield the sheet's rows as the driver gives them, some at a time; numbers are text or as stored."""
    is_sqlite = engine.dialect.name == "sqlite"
    raw = _with_columns(statement, sheet, partial(_raw, is_sqlite, sheet))
    with (
        engine.connect() as connection,
        # Closed by name: whoever leaves early leaves PostgreSQL's cursor open.
        connection.execution_options(**({} if is_sqlite else {"yield_per": _ROWS_A_PIECE})).execute(
            raw
        ) as result,
    ):
        if not is_sqlite:
            yield from result.partitions()
            return
        # It reads as it goes. SQLAlchemy's own rows would take half as long again.
        while rows := result.cursor.fetchmany(_ROWS_A_PIECE):
            yield rows


def stream(
    engine: Engine, statement: Select[Any], sheet: Sheet, dialect: Dialect
) -> Generator[bytes, None, None]:
    """Yield the file piece by piece; the headers leave before the database is asked."""
    yield (BOM + csv_lines([sheet.headers], dialect.delimiter)).encode()
    texts = [number for number, name in enumerate(sheet.columns) if _is_text(sheet, name)]
    guard = partial(guarded_line, texts=texts, delimiter=dialect.delimiter)
    if engine.dialect.name == "sqlite":
        makers = _makers(sheet, dialect)
        for rows in rows_of(engine, statement, sheet):
            columns = (make(values) for make, values in zip(makers, zip(*rows, strict=True), strict=True))
            lines = lines_of_columns(columns, dialect.delimiter)
            whole = "\n".join([*lines, ""]).encode()
            yield _ended(whole, lines, lambda line: line.encode(), guard)
    else:
        for copied in _copy(engine, _with_columns(statement, sheet, partial(_cell, sheet, dialect)), dialect):
            yield _ended(b"".join(copied), copied, lambda line: bytes(line)[:-1], guard)


def number_cell(column: Any, decimals: int, decimal_point: str) -> ColumnElement[Any]:
    """PostgreSQL's SQL for a number as files hold it: `350.00` with two decimals, `0.125` with three."""
    text: ColumnElement[Any] = (
        cast(func.round(column, 2), Text) if decimals == 2 else func.to_char(column, "FM9999999990.099")
    )
    return text if decimal_point == "." else func.replace(text, ".", decimal_point)


def number_text(value: float | None, decimals: int, decimal_point: str) -> str:
    """The same of what SQLite has stored; empty for None."""
    if value is None:
        return ""
    text = f"{value:.2f}" if decimals == 2 else str(round(float(value), decimals))
    return text if decimal_point == "." else text.replace(".", decimal_point)


def _is_text(sheet: Sheet, name: str) -> bool:
    return name not in sheet.words and name not in sheet.decimals


def _with_columns(
    statement: Select[Any], sheet: Sheet, make: Callable[[str, Any], ColumnElement[Any]]
) -> Select[Any]:
    columns = statement.selected_columns
    return statement.with_only_columns(*(make(name, columns[name]).label(name) for name in sheet.columns))


def _raw(is_sqlite: bool, sheet: Sheet, name: str, column: Any) -> Any:
    if name not in sheet.decimals:
        return column
    # A Decimal for each number would take longer than all the rest. SQLite stores floats.
    return type_coerce(column, NullType) if is_sqlite else cast(column, Text)


def _makers(sheet: Sheet, dialect: Dialect) -> list[Callable[[Sequence[Any]], Sequence[str]]]:
    """For each column what makes its cells, not guarded yet."""
    return [_maker(sheet, dialect, name) for name in sheet.columns]


def _maker(sheet: Sheet, dialect: Dialect, name: str) -> Callable[[Sequence[Any]], Sequence[str]]:
    if name in sheet.words:
        words = sheet.words[name]
        nothing = words.get(None, "")
        return lambda values: [words.get(value, nothing) for value in values]
    if name in sheet.decimals:
        number = partial(number_text, decimals=sheet.decimals[name], decimal_point=dialect.decimal_point)
        # Prices and stocks repeat.
        written = lru_cache(maxsize=_NUMBERS_KEPT)(number)
        return lambda values: list(map(written, values))
    return lambda values: [value or "" for value in values]


def _cell(sheet: Sheet, dialect: Dialect, name: str, column: Any) -> ColumnElement[Any]:
    """PostgreSQL's SQL for the text of a cell, not guarded yet."""
    cell: ColumnElement[Any] = column
    if name in sheet.words:
        words = dict(sheet.words[name])
        nothing = words.pop(None, "")
        cell = case(words, value=column, else_=nothing)
    elif name in sheet.decimals:
        cell = number_cell(column, sheet.decimals[name], dialect.decimal_point)
    # It writes quotes for an empty text and none for NULL.
    return func.nullif(cell, "")


def _copy(engine: Engine, statement: Select[Any], dialect: Dialect) -> Iterator[Sequence[Any]]:
    """Let PostgreSQL write the lines, each with its line feed; who leaves early cancels the statement."""
    compiled = statement.compile(engine, compile_kwargs={"render_postcompile": True})
    options = f"FORMAT csv, DELIMITER '{dialect.delimiter}', ENCODING 'UTF8'"
    with (
        closing(engine.raw_connection()) as connection,
        closing(connection.cursor()) as cursor,
        cursor.copy(f"COPY ({compiled}) TO STDOUT ({options})", compiled.params) as lines,
    ):
        yield from in_parts(lines, _ROWS_A_PIECE)


def _ended(
    whole: bytes, lines: Sequence[Any], bare: Callable[[Any], bytes], guard: Callable[[bytes], bytes]
) -> bytes:
    """Give each line the end that spreadsheets want, and guard those that may need it.

    `whole` are all of them with line feeds; `bare` makes one of them bytes without.
    """
    # Another line feed may be inside a cell.
    if whole.count(b"\n") == len(lines) and not may_hold_formula(whole):
        return whole.replace(b"\n", b"\r\n")
    return b"".join(guard(line) if may_hold_formula(line) else line + b"\r\n" for line in map(bare, lines))
