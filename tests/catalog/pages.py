"""Reading a list as its owner does: rows, links, and one page after another."""

from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

from tests.checking_client import Page
from tests.owners import Owner

ROWS = "//tbody/tr[@data-entity]"


def row_ids(page: Page) -> list[str]:
    """The ids of the rows, from the top."""
    return page.select(f"{ROWS}/@data-evotor-id")


def ids_at(owner: Owner, url: str) -> list[str]:
    """The ids of the rows of a list's page."""
    answer = owner.client.get(url)
    assert answer.status_code == 200, answer.text
    return row_ids(answer.page)


def cells(page: Page, evotor_id: str) -> list[str]:
    """The texts of a row's cells."""
    return page.texts(f"{ROWS}[@data-evotor-id = '{evotor_id}']/*")


def walk(owner: Owner, url: str, rel: str = "next") -> Iterator[Page]:
    """Every page from `url` on, following «Вперёд» (or «Назад», rel="prev")."""
    seen = {url}
    while True:
        page = owner.client.get(url).page
        yield page
        links = page.select(f"//a[@rel = '{rel}']/@href")
        if not links:
            return
        url = str(links[0])
        assert url not in seen
        seen.add(url)


def parameters(url: str) -> dict[str, str]:
    """The query of an address."""
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
