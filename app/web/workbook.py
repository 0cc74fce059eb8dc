"""A list as an Excel workbook: numbers as numbers, everything else as text, in constant memory."""

from collections.abc import Callable, Iterator, Sequence
from typing import IO, TYPE_CHECKING, Any

from app.web.sheet import Sheet

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

# A sheet of Excel has 1 048 576 rows, one of them for the headers.
ROWS_A_SHEET = 2**20 - 1
# By how many decimals a column has.
_FORMATS = {2: "0.00", 3: "0.0##"}
_WIDTHS = {"name": 48, "store_name": 20, "group_name": 24, "evotor_id": 38, "address": 40}
_USUAL_WIDTH = 14
# Excel takes no longer text in a cell.
_LONGEST_TEXT = 32767

Report = Callable[[int], None]


def write_workbook(
    file: IO[bytes],
    pieces: Iterator[Sequence[Sequence[Any]]],
    sheet: Sheet,
    report: Report = lambda written: None,
) -> int:
    """Write the rows of `pieces` into `file`; `report` is told how many are written. Gives their number."""
    # Loaded by those who write one: it is a tenth of what a page or a job has to load.
    from xlsxwriter import Workbook

    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    written = 0
    with Workbook(file, options) as workbook:
        formats = {decimals: workbook.add_format({"num_format": code}) for decimals, code in _FORMATS.items()}
        header = workbook.add_format({"bold": True})
        worksheet, row_number = _add_sheet(workbook, sheet, header), 0
        for rows in pieces:
            for row in rows:
                if row_number == ROWS_A_SHEET:
                    worksheet, row_number = _add_sheet(workbook, sheet, header), 0
                row_number += 1
                _write_row(worksheet, row_number, row, sheet, formats)
            written += len(rows)
            report(written)
    return written


def _add_sheet(workbook: "Workbook", sheet: Sheet, header: "Format") -> "Worksheet":
    worksheet = workbook.add_worksheet()
    worksheet.freeze_panes(1, 0)
    for number, (title, name) in enumerate(zip(sheet.headers, sheet.columns, strict=True)):
        worksheet.set_column(number, number, _WIDTHS.get(name, _USUAL_WIDTH))
        worksheet.write_string(0, number, title, header)
    return worksheet


def _write_row(
    worksheet: "Worksheet", row_number: int, row: Sequence[Any], sheet: Sheet, formats: "dict[int, Format]"
) -> None:
    for number, (name, value) in enumerate(zip(sheet.columns, row, strict=True)):
        if name in sheet.decimals:
            if value is not None:
                worksheet.write_number(row_number, number, float(value), formats[sheet.decimals[name]])
        elif name in sheet.words:
            worksheet.write_string(row_number, number, sheet.words[name][value])
        elif value:
            worksheet.write_string(row_number, number, value[:_LONGEST_TEXT])
