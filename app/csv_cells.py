"""Text in the cells of a CSV file that a spreadsheet opens."""

_FORMULA_STARTS = ("=", "+", "-", "@")


def text_cell(text: str | None) -> str:
    """Keep a spreadsheet from running the text as a formula."""
    if not text:
        return ""
    return f"'{text}" if _is_risky(text) else text


def text_of_cell(cell: str) -> str:
    """Undo `text_cell`."""
    return cell[1:] if cell.startswith("'") and _is_risky(cell[1:]) else cell


def _is_risky(text: str) -> bool:
    start = text.lstrip()
    blanks = text[: len(text) - len(start)]
    return start.startswith(_FORMULA_STARTS) or "\t" in blanks or "\r" in blanks
