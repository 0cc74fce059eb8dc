"""A list as a CSV file for spreadsheets, streamed in constant memory."""

import csv
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import Engine, Row, Select, literal

from app.catalog.models import CachedGroup, CachedProduct, CachedStore
from app.sync.rules import EXCLUDE, INCLUDE

BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"
_ROWS_A_CHUNK = 500
_FORMULA_STARTS = ("=", "+", "-", "@")
_RULE_WORDS = {INCLUDE: "Включено", EXCLUDE: "Исключено", None: "Нет правила"}
_SALE_WORDS = {True: "Да", False: "Нет", None: ""}


class Dialect(NamedTuple):
    """The separator of cells and the sign before decimals."""

    delimiter: str
    decimal_point: str


DIALECTS = {"csv": Dialect(",", "."), "csv-ru": Dialect(";", ",")}


class Sheet(NamedTuple):
    """What one kind of file holds: its headers, and the cells of a row."""

    headers: tuple[str, ...]
    cells: Callable[[Row[Any], Dialect], list[str]]


def text_cell(text: str | None) -> str:
    """Keep a spreadsheet from running the text as a formula."""
    if not text:
        return ""
    start = text.lstrip()
    blanks = text[: len(text) - len(start)]
    is_risky = start.startswith(_FORMULA_STARTS) or "\t" in blanks or "\r" in blanks
    return f"'{text}" if is_risky else text


def price_cell(price: Decimal | None, dialect: Dialect) -> str:
    """Two decimals, no grouping: `350.00`."""
    return "" if price is None else f"{price:.2f}".replace(".", dialect.decimal_point)


def quantity_cell(quantity: Decimal | None, dialect: Dialect) -> str:
    """One to three decimals: `180.0`, `0.125`."""
    if quantity is None:
        return ""
    whole, _, decimals = f"{quantity:.3f}".partition(".")
    return f"{whole}{dialect.decimal_point}{decimals.rstrip('0') or '0'}"


def store_cells(row: Row[Any], dialect: Dialect) -> list[str]:
    return [text_cell(row.name), text_cell(row.address), text_cell(row.evotor_id), _RULE_WORDS[row.rule_mode]]


def group_cells(row: Row[Any], dialect: Dialect) -> list[str]:
    return [
        text_cell(row.store_name),
        text_cell(row.name),
        text_cell(row.evotor_id),
        _RULE_WORDS[row.rule_mode],
    ]


def product_cells(row: Row[Any], dialect: Dialect) -> list[str]:
    return [
        text_cell(row.store_name),
        text_cell(row.group_name),
        text_cell(row.name),
        text_cell(row.article_number),
        price_cell(row.price, dialect),
        quantity_cell(row.quantity, dialect),
        text_cell(row.measure_name),
        _SALE_WORDS[row.allow_to_sell],
        text_cell(row.evotor_id),
        _RULE_WORDS[row.rule_mode],
    ]


STORES = Sheet(("Название", "Адрес", "ID", "Фильтр"), store_cells)
GROUPS = Sheet(("Магазин", "Название", "ID", "Фильтр"), group_cells)
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
    product_cells,
)


def with_store_name(statement: Select[Any], store: CachedStore) -> Select[Any]:
    """Add the store's name to each row."""
    return statement.add_columns(literal(store.name).label("store_name"))


def with_group_name(statement: Select[Any]) -> Select[Any]:
    """Add the name of each product's group, where the cloud lists it."""
    return statement.outerjoin(
        CachedGroup,
        (CachedGroup.user_id == CachedProduct.user_id)
        & (CachedGroup.store_evotor_id == CachedProduct.store_evotor_id)
        & (CachedGroup.evotor_id == CachedProduct.group_evotor_id),
    ).add_columns(CachedGroup.name.label("group_name"))


def stream(engine: Engine, statement: Select[Any], sheet: Sheet, dialect: Dialect) -> Iterator[str]:
    """Yield the file piece by piece; the database hands the rows over as they are asked for."""
    writer = csv.writer(_Echo(), delimiter=dialect.delimiter, lineterminator="\r\n")
    yield BOM + writer.writerow(sheet.headers)
    with engine.connect() as connection:
        # Closed by name: whoever leaves early leaves PostgreSQL's cursor open.
        with connection.execution_options(yield_per=_ROWS_A_CHUNK).execute(statement) as result:
            for rows in result.partitions():
                yield "".join(writer.writerow(sheet.cells(row, dialect)) for row in rows)


class _Echo:
    """A file that hands back what is written, so that nothing is buffered."""

    def write(self, text: str) -> str:
        return text
