"""Text in the cells of a CSV file that a spreadsheet opens."""

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, case, func, literal, or_

# The wide ones mean the same to a spreadsheet in Chinese or Japanese.
_FORMULA_STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_RISKY_BLANKS = ("\t", "\r")
# What `str.lstrip` takes off; the last of them is U+3000.
_OTHER_BLANKS = "".join(
    sign for sign in map(chr, range(0x3001)) if sign.isspace() and sign not in _RISKY_BLANKS
)
# After any of these a cell begins for a spreadsheet that separates by another sign than the file does.
_SEPARATORS = (",", ";", "\t", "\r", "\n")
_AFTER_WHICH, _STARTING = "".join(_SEPARATORS), "".join(sorted(_FORMULA_STARTS, key=lambda sign: sign == "-"))
_INNER_FORMULA = f"[{_AFTER_WHICH}]'*[{_STARTING}]"
_has_inner_formula = re.compile(_INNER_FORMULA).search
_PLAIN_STARTS = (("А", "я"), ("0", "9"), ("A", "z"))


def text_cell(text: str | None) -> str:
    """Keep a spreadsheet from running the text as a formula."""
    if not text:
        return ""
    inside = _guarded_inside(text)
    return f"'{inside}" if _is_risky(text) else inside


def guarded(column: Any, *, is_sqlite: bool) -> ColumnElement[Any]:
    """The SQL for `text_cell`, except that NULL stays NULL."""
    start = func.substr(func.ltrim(column, _OTHER_BLANKS), 1, 1)
    # Most texts start with a letter or a digit and need no closer look.
    code = func.unicode(column) if is_sqlite else func.ascii(column)
    plain = or_(*(code.between(ord(first), ord(last)) for first, last in _PLAIN_STARTS))
    inside = case((_has_formula_inside(column, is_sqlite=is_sqlite), _apart(column)), else_=column)
    return case(
        (plain, inside),
        (start.in_((*_FORMULA_STARTS, *_RISKY_BLANKS)), literal("'") + inside),
        else_=inside,
    )


def _has_formula_inside(column: Any, *, is_sqlite: bool) -> ColumnElement[Any]:
    if is_sqlite:
        return func.replace(column, "'", "").op("GLOB")(f"*[{_AFTER_WHICH}][{_STARTING}]*")
    return column.op("~")(_INNER_FORMULA)


def _apart(column: Any) -> Any:
    for sign in _SEPARATORS:
        column = func.replace(column, sign, f"{sign}'")
    return column


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
    if cell.startswith("'") and _is_risky(text := _bare_inside(cell[1:])):
        return text
    return _bare_inside(cell)


def _guarded_inside(text: str) -> str:
    return re.sub(f"([{_AFTER_WHICH}])", r"\1'", text) if _has_inner_formula(text) else text


def _bare_inside(cell: str) -> str:
    text = re.sub(f"([{_AFTER_WHICH}])'", r"\1", cell)
    return text if _guarded_inside(text) == cell else cell


def _is_risky(text: str) -> bool:
    start = text.lstrip()
    blanks = text[: len(text) - len(start)]
    return start.startswith(_FORMULA_STARTS) or any(blank in blanks for blank in _RISKY_BLANKS)
