"""Archives to upload, and the way to do it."""

import io
from collections.abc import Callable
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from tests.checking_client import CheckedResponse, Page
from tests.owners import Owner

ADDRESS = "/catalog/photos/archive"


def zipped(*files: tuple[str | ZipInfo, bytes], compression: int = ZIP_DEFLATED) -> bytes:
    """A ZIP of these files, by name or by all that a ZIP says of one."""
    data = io.BytesIO()
    with ZipFile(data, "w", compression) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return data.getvalue()


def send(owner: Owner, *files: tuple[str, bytes], **options: Any) -> CheckedResponse:
    """Upload files as the form does."""
    data = {"photo": [(io.BytesIO(content), name) for name, content in files]}
    return owner.client.post(ADDRESS, data=data, **options)


def looked_at(owner: Owner, run_jobs: Callable[[], None], *files: tuple[str, bytes]) -> str:
    """Upload files and let a worker look through them; give the address of the report."""
    answer = send(owner, *files)
    assert answer.status_code == 303, answer.page.text
    run_jobs()
    return answer.location


def report(owner: Owner, address: str) -> dict[str, list[str]]:
    """What the report says: each file's line, by its state."""
    return lines(owner.client.get(address).page)


def lines(page: Page) -> dict[str, list[str]]:
    """The same of a page at hand."""
    found = {}
    for section in page.select("//section[@data-kind]"):
        said = [" ".join(str(line.xpath("string()")).split()) for line in section.xpath(".//li/div")]
        found[section.get("data-kind")] = said
    return found
