"""Files as a real LibreOffice reads them: numbers as numbers, articles as text, in a Russian locale too.

LibreOffice weighs more than everything else here together, so these run where it is at hand.
"""

import shutil
import subprocess
from decimal import Decimal
from pathlib import Path

import lxml.etree
import pytest

from tests.owners import Owner
from tests.stock import Stock, group, product

SOFFICE = shutil.which("soffice") or shutil.which("libreoffice")
pytestmark = pytest.mark.skipif(SOFFICE is None, reason="LibreOffice is not installed")

LIST = "/catalog/export?type=products&store_id=s1"
# Semicolons, quotes, UTF-8, from the first line, columns as they come, Russian: 1049.
RUSSIAN_CSV = "Text - txt - csv (StarCalc):59,34,76,1,,1049"
SECONDS = 120
_OFFICE = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
_TABLE = "urn:oasis:names:tc:opendocument:xmlns:table:1.0"

Cell = tuple[str | None, str]


@pytest.fixture
def stock(stock: Stock) -> Stock:
    tea = product(
        "t-1",
        "Чай",
        "tea",
        price=Decimal("350"),
        quantity=Decimal("22.5"),
        measure_name="шт",
        article_number="000123",
        allow_to_sell=True,
    )
    stock.put(groups=[group("tea", "Чай")], products=[tea])
    return stock


def cells_of(sheet: bytes) -> list[list[Cell]]:
    """Read a flat OpenDocument sheet: the type and the text or number of each cell that holds anything."""
    rows = []
    for row in lxml.etree.fromstring(sheet).iter(f"{{{_TABLE}}}table-row"):
        cells = row.findall(f"{{{_TABLE}}}table-cell[@{{{_OFFICE}}}value-type]")
        rows.append(
            [
                (
                    cell.get(f"{{{_OFFICE}}}value-type"),
                    cell.get(f"{{{_OFFICE}}}value") or "".join(cell.itertext()).strip(),
                )
                for cell in cells
            ]
        )
    return [row for row in rows if row]


def opened(owner: Owner, directory: Path, file_format: str, suffix: str, *options: str) -> list[list[Cell]]:
    """Download the list, let LibreOffice open it and give the rows it sees, without the headers."""
    assert SOFFICE is not None
    file = directory / f"products.{suffix}"
    with owner.client.get(f"{LIST}&format={file_format}") as answer:
        file.write_bytes(answer.data)
    # A profile of its own: one that is in use elsewhere makes LibreOffice leave without a word.
    profile = f"-env:UserInstallation={(directory / 'profile').as_uri()}"
    subprocess.run(
        [SOFFICE, profile, "--headless", *options, "--convert-to", "fods", "--outdir", directory, file],
        check=True,
        capture_output=True,
        timeout=SECONDS,
    )
    return cells_of(file.with_suffix(".fods").read_bytes())[1:]


def test_a_workbook_keeps_numbers_as_numbers_and_articles_as_text(stock: Stock, alice: Owner, tmp_path: Path):
    (row,) = opened(alice, tmp_path, "excel", "xlsx")
    assert ("string", "000123") in row
    assert ("float", "350") in row and ("float", "22.5") in row


def test_a_decimal_comma_is_a_number_in_a_russian_locale(stock: Stock, alice: Owner, tmp_path: Path):
    (row,) = opened(alice, tmp_path, "csv-ru", "csv", f"--infilter={RUSSIAN_CSV}")
    assert ("float", "350") in row and ("float", "22.5") in row
