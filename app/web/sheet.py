"""What a file of rows looks like, whichever list it is made of."""

from collections.abc import Mapping
from typing import Any, NamedTuple

BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Sheet(NamedTuple):
    """What one kind of file holds: its headers and the columns of a row.

    `words` say what the values of a column mean, where they are not for people; `decimals` which columns are
    numbers, two decimals for money and at most three for stock. All others are text.
    """

    headers: tuple[str, ...]
    columns: tuple[str, ...]
    words: Mapping[str, Mapping[Any, str]]
    decimals: Mapping[str, int]


class Dialect(NamedTuple):
    """The separator of cells and the sign before decimals."""

    delimiter: str
    decimal_point: str


DIALECTS = {"csv": Dialect(",", "."), "csv-ru": Dialect(";", ",")}
EXCEL = "excel"


def csv_name(name: str, dialect: str) -> str:
    """The name of a file: two dialects of one list, in one folder, have names of their own."""
    return f"{name}.csv" if dialect == "csv" else f"{name}-{dialect.removeprefix('csv-')}.csv"
