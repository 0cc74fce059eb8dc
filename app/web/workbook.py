"""A list as an Excel workbook: numbers as numbers, everything else as text, in constant memory.

XlsxWriter makes the frame, sheets that have their headers only; the rows are put into it as they came, since
it would take five times as long for them.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from io import BytesIO
from tempfile import TemporaryFile
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile

from app.web.sheet import Sheet

# A sheet of Excel has 1 048 576 rows, one of them for the headers.
ROWS_A_SHEET = 2**20 - 1
# By how many decimals a column has.
_FORMATS = {2: "0.00", 3: "0.0##"}
_WIDTHS = {"name": 48, "store_name": 20, "group_name": 24, "evotor_id": 38, "address": 40}
_USUAL_WIDTH = 14
# Excel takes no longer text in a cell.
_LONGEST_TEXT = 32767
_ROWS_END = b"</sheetData>"
_COPIED_AT_ONCE = 1024 * 1024
_BIG_PART = 2**31 - 2**20
# Neighbours of one width and style stand in one element.
_STYLE = re.compile(r'<col min="(\d+)" max="(\d+)"[^>]* style="(\d+)"')
_DIMENSION = re.compile(rb'<dimension ref="[^"]*"/>')
# Reference: ECMA-376 part 1, 22.9.2.19 (ST_Xstring): what XML cannot hold is written as _xHHHH_.
_ODD = re.compile("[\0-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")

Report = Callable[[int], None]
Row = Sequence[Any]
# The part of a cell before its row's number, behind that number, and what makes a text of its value.
_Cell = tuple[str, str, str, Callable[[Any], str]]


def write_workbook(
    file: IO[bytes],
    pieces: Iterator[Sequence[Row]],
    sheet: Sheet,
    report: Report = lambda written: None,
) -> int:
    """Write the rows of `pieces` into `file`; `report` is told how many are written. Gives their number."""
    # Its headers are the first row of each sheet.
    styles = _styles(_frame(sheet, 1))
    cells = [_cell(sheet, number, name, styles) for number, name in enumerate(sheet.columns)]
    with TemporaryFile() as rows:
        ends, in_sheet, written = list[int](), 0, 0
        for piece in pieces:
            start = 0
            while start < len(piece):
                if in_sheet == ROWS_A_SHEET:
                    ends.append(rows.tell())
                    in_sheet = 0
                part = piece[start : start + ROWS_A_SHEET - in_sheet]
                rows.write(_rows_as_xml(part, cells, in_sheet + 2).encode())
                start, in_sheet = start + len(part), in_sheet + len(part)
            written += len(piece)
            report(written)
        ends.append(rows.tell())
        rows.seek(0)
        _put_together(file, _frame(sheet, len(ends)), rows, ends)
    return written


def _frame(sheet: Sheet, sheets: int) -> BytesIO:
    """A workbook of so many sheets without rows."""
    # Loaded by those who write one: it is a tenth of what a page or a job has to load.
    from xlsxwriter import Workbook

    frame = BytesIO()
    with Workbook(frame, {"constant_memory": True}) as workbook:
        header = workbook.add_format({"bold": True})
        formats = {decimals: workbook.add_format({"num_format": code}) for decimals, code in _FORMATS.items()}
        for _ in range(sheets):
            worksheet = workbook.add_worksheet()
            worksheet.freeze_panes(1, 0)
            for number, (title, name) in enumerate(zip(sheet.headers, sheet.columns, strict=True)):
                numbers = formats.get(sheet.decimals.get(name, 0))
                worksheet.set_column(number, number, _WIDTHS.get(name, _USUAL_WIDTH), numbers)
                worksheet.write_string(0, number, title, header)
    frame.seek(0)
    return frame


def _styles(frame: BytesIO) -> dict[int, str]:
    """By what number the frame knows the style of each column that has one."""
    with ZipFile(frame) as book:
        found = _STYLE.findall(book.read("xl/worksheets/sheet1.xml").decode())
    return {column - 1: style for first, last, style in found for column in range(int(first), int(last) + 1)}


def _cell(sheet: Sheet, number: int, name: str, styles: dict[int, str]) -> _Cell:
    place = f'<c r="{chr(ord("A") + number)}'
    if name in sheet.decimals:
        return place, f'" s="{styles[number]}"><v>', "</v></c>", _as_number
    words = sheet.words.get(name)
    as_text = (
        _as_text if words is None else {value: _as_text(word) for value, word in words.items()}.__getitem__
    )
    return place, '" t="inlineStr"><is>', "</is></c>", as_text


def _rows_as_xml(rows: Iterable[Row], cells: Sequence[_Cell], number: int) -> str:
    pieces = []
    for place, row in enumerate(rows, number):
        line = [f'<row r="{place}">']
        for value, (before, behind, end, as_xml) in zip(row, cells, strict=True):
            if text := as_xml(value):
                line.append(f"{before}{place}{behind}{text}{end}")
        line.append("</row>")
        pieces.append("".join(line))
    return "".join(pieces)


def _as_number(value: Any) -> str:
    return "" if value is None else f"{float(value):.16G}"


def _as_text(value: str | None) -> str:
    if not value:
        return ""
    text = value[:_LONGEST_TEXT]
    if not text.isprintable() or "_x" in text:
        text = _ODD.sub(lambda found: f"_x{ord(found[0]):04X}_", text)
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f"<t>{text}</t>" if text == text.strip() else f'<t xml:space="preserve">{text}</t>'


def _put_together(file: IO[bytes], frame: BytesIO, rows: IO[bytes], ends: Iterable[int]) -> None:
    """Copy the frame, with the rows up to each of `ends` in its sheets one after another."""
    remaining = iter(ends)
    with ZipFile(frame) as book, ZipFile(file, "w", ZIP_DEFLATED) as made:
        for name in book.namelist():
            part = book.read(name)
            if _ROWS_END not in part:
                made.writestr(name, part)
                continue
            # How far the sheet goes is left for its reader to see.
            head, _, tail = _DIMENSION.sub(b"", part).partition(_ROWS_END)
            end = next(remaining)
            # Excel does not like what is written for bigger parts.
            is_big = end - rows.tell() > _BIG_PART
            with made.open(name, "w", force_zip64=is_big) as sheet:
                sheet.write(head)
                while left := end - rows.tell():
                    sheet.write(rows.read(min(left, _COPIED_AT_ONCE)))
                sheet.write(_ROWS_END + tail)
