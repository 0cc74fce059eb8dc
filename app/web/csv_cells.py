"""Text in the cells of a CSV file that a spreadsheet opens."""

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, case, func, literal, or_

_FORMULA_STARTS = ("=", "+", "-", "@")
_RISKY_BLANKS = ("\t", "\r")
# What `str.lstrip` takes off; the last of them is U+3000.
_OTHER_BLANKS = "".join(
    sign for sign in map(chr, range(0x3001)) if sign.isspace() and sign not in _RISKY_BLANKS
)
_PLAIN_STARTS = (("А", "я"), ("0", "9"), ("A", "z"))


def text_cell(text: str | None) -> str:
    """Keep a spreadsheet from running the text as a formula."""
    if not text:
        return ""
    return f"'{text}" if _is_risky(text) else text


def guarded(column: Any, *, is_sqlite: bool) -> ColumnElement[Any]:
    """The SQL for `text_cell`, except that NULL stays NULL."""
    start = func.substr(func.ltrim(column, _OTHER_BLANKS), 1, 1)
    # Most texts start with a letter or a digit and need no closer look.
    code = func.unicode(column) if is_sqlite else func.ascii(column)
    plain = or_(*(code.between(ord(first), ord(last)) for first, last in _PLAIN_STARTS))
    return case(
        (plain, column),
        (start.in_((*_FORMULA_STARTS, *_RISKY_BLANKS)), literal("'") + column),
        else_=column,
    )


def csv_lines(rows: Sequence[Sequence[str]], delimiter: str) -> str:
    """Write what `csv.writer` would, faster: most columns hold nothing that needs quotes."""
    columns = [_quoted(cells, delimiter) for cells in zip(*rows, strict=True)]
    lines = map(delimiter.join, zip(*columns, strict=True))
    return "\r\n".join([*lines, ""])


def _quoted(cells: Sequence[str], delimiter: str) -> Sequence[str]:
    signs = f'"\r\n{delimiter}'
    together = "".join(cells)
    if not any(sign in together for sign in signs):
        return cells
    needs_quotes = re.compile(f"[{signs}]").search
    return ['"' + cell.replace('"', '""') + '"' if needs_quotes(cell) else cell for cell in cells]


def text_of_cell(cell: str) -> str:
    """Undo `text_cell`."""
    return cell[1:] if cell.startswith("'") and _is_risky(cell[1:]) else cell


def _is_risky(text: str) -> bool:
    start = text.lstrip()
    blanks = text[: len(text) - len(start)]
    return start.startswith(_FORMULA_STARTS) or any(blank in blanks for blank in _RISKY_BLANKS)
