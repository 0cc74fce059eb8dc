"""Text in the cells of a CSV file that a spreadsheet opens."""

import csv
import io
import re
from collections.abc import Container, Iterable, Sequence
from functools import partial

# The wide ones mean the same to a spreadsheet in Chinese or Japanese.
_FORMULA_STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_RISKY_BLANKS = ("\t", "\r")
# After any of these a cell begins for a spreadsheet that separates by another sign than the file does.
_SEPARATORS = (",", ";", "\t", "\r", "\n")
_AFTER_WHICH, _STARTING = "".join(_SEPARATORS), "".join(sorted(_FORMULA_STARTS, key=lambda sign: sign == "-"))
# Quotes before the sign may be gone by then: it takes them for its own. Blanks before it are as good as none.
_BEGINS = rf"""(?=(?:[^\S\t\r\n]|['"])*[{_STARTING}])"""
_begins_formula = re.compile(rf"""[\s'"]*[{_STARTING}]""").match
_guard_inside = partial(re.compile(f"([{_AFTER_WHICH}]){_BEGINS}").sub, r"\1'")
_bare_inside = partial(re.compile(f"([{_AFTER_WHICH}])'{_BEGINS}").sub, r"\1")
# In UTF-8: of the wide signs the first byte.
_ASCII_STARTS = (b"=", b"+", b"-", b"@")
_RARE = (b"\t", b"\r", b"\xef")
# A sign right behind one of these begins nothing, nor behind one of these and one blank.
_INNOCENT = (rb"[0-9A-Za-z.)%]", rb"[\xd0\xd1][\x80-\xbf]")


def _not_after_innocent(sign: bytes) -> "re.Pattern[bytes]":
    sign = re.escape(sign)
    behind = [b"(?<!" + before + blank + sign + b")" for before in _INNOCENT for blank in (b"", b" ")]
    # The sign first: it is looked for faster than anything else.
    return re.compile(sign + b"".join(behind))


_SUSPECT = tuple((sign, _not_after_innocent(sign).search) for sign in _ASCII_STARTS)


def text_cell(text: str | None) -> str:
    """Keep a spreadsheet from running the text as a formula."""
    if not text:
        return ""
    inside = _guard_inside(text)
    return f"'{inside}" if _is_guarded(text) else inside


def may_hold_formula(lines: bytes) -> bool:
    """Tell quickly whether a cell of CSV lines in UTF-8 may need a guard; it suspects some that need none."""
    return any(sign in lines for sign in _RARE) or any(
        sign in lines and search(lines) is not None for sign, search in _SUSPECT
    )


def guarded_line(line: bytes, texts: Container[int], delimiter: str) -> bytes:
    """Guard the cells of one line, given without its end, in the columns whose numbers are `texts`."""
    (cells,) = csv.reader(io.StringIO(line.decode(), newline=""), delimiter=delimiter)
    guarded = [text_cell(cell) if number in texts else cell for number, cell in enumerate(cells)]
    return csv_lines([guarded], delimiter).encode()


def csv_lines(rows: Sequence[Sequence[str]], delimiter: str) -> str:
    """Write what `csv.writer` would, faster: most columns hold nothing that needs quotes."""
    return "\r\n".join([*lines_of_columns(zip(*rows, strict=True), delimiter), ""])


def lines_of_columns(columns: Iterable[Sequence[str]], delimiter: str) -> list[str]:
    """The lines of such a file, given its columns, without line ends."""
    quoted = [_quoted(cells, delimiter) for cells in columns]
    return list(map(delimiter.join, zip(*quoted, strict=True)))


def _quoted(cells: Sequence[str], delimiter: str) -> Sequence[str]:
    together = "".join(cells)
    if not any(sign in together for sign in ('"', delimiter, "\n", "\r")):
        return cells
    return [
        '"' + cell.replace('"', '""') + '"'
        if delimiter in cell or '"' in cell or "\n" in cell or "\r" in cell
        else cell
        for cell in cells
    ]


def text_of_cell(cell: str) -> str:
    """Undo `text_cell`."""
    if cell.startswith("'") and _is_guarded(text := _bare_inside(cell[1:])):
        return text
    return _bare_inside(cell)


def _is_guarded(text: str) -> bool:
    # What looks guarded is, too, so that its own apostrophes come back.
    text = text.lstrip("'")
    blanks = text[: len(text) - len(text.lstrip())]
    return _begins_formula(text) is not None or any(blank in blanks for blank in _RISKY_BLANKS)
