"""A list as a CSV file for spreadsheets, streamed in constant memory."""

import csv
import io
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import Engine, Select, Text, cast, type_coerce
from sqlalchemy.types import NullType

from app.csv_cells import text_cell
from app.sync.rules import EXCLUDE, INCLUDE

BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"
RULE_WORDS = {INCLUDE: "Включено", EXCLUDE: "Исключено", None: "Нет правила"}
SALE_WORDS = {True: "Да", False: "Нет", None: ""}
_ROWS_A_PIECE = 500
# Formatted by the database or not at all: a Decimal for each number would take longer than all the rest.
_NUMBERS = ("price", "quantity")

Number = Decimal | float | str


class Dialect(NamedTuple):
    """The separator of cells and the sign before decimals."""

    delimiter: str
    decimal_point: str


_WORDS: Mapping[str, Mapping[Any, str]] = {"rule_mode": RULE_WORDS, "allow_to_sell": SALE_WORDS}
DIALECTS = {"csv": Dialect(",", "."), "csv-ru": Dialect(";", ",")}


class Sheet(NamedTuple):
    """What one kind of file holds: its headers, the columns of a row and the cells made of them.

    `words` say what the values of a column mean, where they are not for people.
    """

    headers: tuple[str, ...]
    columns: tuple[str, ...]
    cells: Callable[[Sequence[Any], Dialect], list[str]]
    words: Mapping[str, Mapping[Any, str]] = _WORDS


def price_cell(price: Number | None, dialect: Dialect) -> str:
    """Two decimals, no grouping: `350.00`."""
    if price is None:
        return ""
    text = price if type(price) is str else f"{price:.2f}"
    return text if dialect.decimal_point == "." else text.replace(".", dialect.decimal_point)


def quantity_cell(quantity: Number | None, dialect: Dialect) -> str:
    """One to three decimals: `180.0`, `0.125`."""
    if quantity is None:
        return ""
    text = quantity if type(quantity) is str else f"{quantity:.3f}"
    if text[-1] == "0":
        text = text[:-2] if text[-2] == "0" else text[:-1]
    return text if dialect.decimal_point == "." else text.replace(".", dialect.decimal_point)


def store_cells(row: Sequence[Any], dialect: Dialect) -> list[str]:
    name, address, evotor_id, rule = row
    return [text_cell(name), text_cell(address), text_cell(evotor_id), RULE_WORDS[rule]]


def group_cells(row: Sequence[Any], dialect: Dialect) -> list[str]:
    store_name, name, evotor_id, rule = row
    return [text_cell(store_name), text_cell(name), text_cell(evotor_id), RULE_WORDS[rule]]


def product_cells(row: Sequence[Any], dialect: Dialect) -> list[str]:
    store, group, name, article, price, quantity, measure, on_sale, evotor_id, rule = row
    # A text that starts with a letter or a digit is no formula: most rows need no closer look.
    return [
        store if store and store[0].isalnum() else text_cell(store),
        group if group and group[0].isalnum() else text_cell(group),
        name if name and name[0].isalnum() else text_cell(name),
        article if article and article[0].isalnum() else text_cell(article),
        price_cell(price, dialect),
        quantity_cell(quantity, dialect),
        measure if measure and measure[0].isalnum() else text_cell(measure),
        SALE_WORDS[on_sale],
        evotor_id if evotor_id and evotor_id[0].isalnum() else text_cell(evotor_id),
        RULE_WORDS[rule],
    ]


STORES = Sheet(
    ("Название", "Адрес", "ID", "Фильтр"), ("name", "address", "evotor_id", "rule_mode"), store_cells
)
GROUPS = Sheet(
    ("Магазин", "Название", "ID", "Фильтр"), ("store_name", "name", "evotor_id", "rule_mode"), group_cells
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
    product_cells,
)


def rows_of(engine: Engine, statement: Select[Any], sheet: Sheet) -> Iterator[Sequence[Sequence[Any]]]:
    """Yield the sheet's rows, some at a time, as the database hands them over; numbers are text or floats."""
    statement = statement.with_only_columns(
        *(_raw(engine, name, statement.selected_columns[name]) for name in sheet.columns)
    )
    with (
        engine.connect() as connection,
        # Closed by name: whoever leaves early leaves PostgreSQL's cursor open.
        connection.execution_options(yield_per=_ROWS_A_PIECE).execute(statement) as result,
    ):
        yield from result.partitions()


def stream(
    engine: Engine, statement: Select[Any], sheet: Sheet, dialect: Dialect
) -> Generator[str, None, None]:
    """Yield the file piece by piece; the headers leave before the database is asked."""
    piece = io.StringIO(newline="")
    writer = csv.writer(piece, delimiter=dialect.delimiter, lineterminator="\r\n")
    writer.writerow(sheet.headers)
    yield BOM + piece.getvalue()
    cells = sheet.cells
    for rows in rows_of(engine, statement, sheet):
        piece.seek(0)
        piece.truncate()
        writer.writerows([cells(row, dialect) for row in rows])
        yield piece.getvalue()


def _raw(engine: Engine, name: str, column: Any) -> Any:
    if name not in _NUMBERS:
        return column
    # SQLite stores floats, which are formatted here as fast as there.
    raw = type_coerce(column, NullType) if engine.dialect.name == "sqlite" else cast(column, Text)
    return raw.label(name)
