"""Reading an exported file as a spreadsheet does."""

import csv
import io

from tests.checking_client import CheckedResponse
from tests.owners import Owner

BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"


def download(owner: Owner, address: str) -> CheckedResponse:
    """The answer with the file, whole."""
    answer = owner.client.get(f"/catalog/export?{address}")
    assert answer.status_code == 200, answer.text
    return answer


def rows_of(text: str, delimiter: str = ",") -> list[list[str]]:
    """The cells of a file, line by line, without the headers."""
    assert text.startswith(BOM)
    return list(csv.reader(io.StringIO(text[1:], newline=""), delimiter=delimiter, strict=True))[1:]
