"""The plan as a file: every row of it, streamed, for those who would rather look in a spreadsheet."""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

from flask_babel import force_locale

from app.data.parts import in_parts
from app.publishing.pages.words import FIELDS, KINDS, shown
from app.publishing.planning.existing import PHOTO_IDS, PRICE
from app.publishing.planning.plan import CHANGE, FOREIGN, Plan
from app.publishing.planning.prices import written
from app.publishing.planning.rows import PlanRow, all_rows
from app.web.csv_cells import csv_lines, text_cell
from app.web.language import SOURCE
from app.web.sheet import BOM, Dialect, Sheet

SHEET = Sheet(
    (
        "Что будет",
        "Магазин",
        "Название",
        "Артикул в ВК",
        "Цена в кассе",
        "Цена сейчас",
        "Цена станет",
        "Изменения",
        "Почему",
        "ID",
    ),
    (
        "kind",
        "store_name",
        "name",
        "sku",
        "price_in_till",
        "price_now",
        "price_then",
        "changes",
        "reason",
        "evotor_id",
    ),
    {"kind": KINDS},
    {"price_in_till": 2, "price_now": 2, "price_then": 2},
)
_ROWS_A_PIECE = 500


def pieces(
    plan: Plan, stores: dict[str, str], categories: dict[int, str]
) -> Iterator[Sequence[Sequence[Any]]]:
    """The rows of SHEET, some at a time; prices are text like `199.90`, None where there is none.

    stores, categories: names by Evotor's id, and paths by VK's.
    """
    rows = chain(*(all_rows(plan, kind) for kind in KINDS))
    for some in in_parts(rows, _ROWS_A_PIECE):
        # Whatever its owner speaks: formulas and scripts look for these words.
        with force_locale(SOURCE):
            piece = [_row(row, stores, categories) for row in some]
        yield piece


def as_csv(rows: Iterator[Sequence[Sequence[Any]]], dialect: Dialect) -> Iterator[str]:
    """Yield the file piece by piece."""
    yield BOM + csv_lines([SHEET.headers], dialect.delimiter)
    for piece in rows:
        yield csv_lines([_cells(row, dialect) for row in piece], dialect.delimiter)


def _row(row: PlanRow, stores: dict[str, str], categories: dict[int, str]) -> tuple[Any, ...]:
    prices = next(((old, new) for field, old, new in row.fields if field == PRICE), (None, None))
    if row.kind == FOREIGN and row.item.foreign is not None:
        prices = (row.item.foreign.price, None)
    elif row.kind == CHANGE and row.item.want is not None and prices == (None, None):
        # What changes otherwise goes on costing what it does.
        prices = (row.item.want.price_text, row.item.want.price_text)
    changes = "; ".join(
        f"{FIELDS[field]}: {shown(field, new, categories)}"
        if old is None
        else f"{FIELDS[field]}: {shown(field, old, categories)} → {shown(field, new, categories)}"
        for field, old, new in row.fields
        if field not in (PRICE, PHOTO_IDS)
    )
    reason = row.reason or row.waits
    in_till = row.item.want.good.price if row.item.want is not None else None
    return (
        row.kind,
        stores.get(row.store_id, ""),
        row.name,
        row.sku,
        None if in_till is None else written(in_till),
        *prices,
        changes,
        reason.sentence if reason else "",
        row.product_id if row.store_id else "",
    )


def _cells(row: Sequence[Any], dialect: Dialect) -> list[str]:
    return [_cell(name, value, dialect) for name, value in zip(SHEET.columns, row, strict=True)]


def _cell(name: str, value: Any, dialect: Dialect) -> str:
    if name in SHEET.words:
        return SHEET.words[name][value]
    if name in SHEET.decimals:
        return "" if value is None else f"{value}".replace(".", dialect.decimal_point)
    return text_cell(value)
