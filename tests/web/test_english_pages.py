"""Whoever reads English finds no Russian word on any page, but for the names of what is in the shop."""

import re
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import JSON, String, select, update
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.data.db import db
from app.publishing.run.job import NO_ROOM
from app.publishing.run.models import Publication
from tests.browser.test_accessibility import well_filled  # noqa: F401 (fixture)
from tests.checking_client import CheckingClient, Page
from tests.owners import Owner
from tests.publishing.conftest import (  # noqa: F401 (fixtures)
    Publishing,
    maria,
    publishing,
    teahouse,
    vk,
)
from tests.publishing.pages.test_run import start
from tests.publishing.photos.archive.archives import looked_at
from tests.publishing.photos.uploading import jpeg

_WORD = re.compile("[А-Яа-яЁё]+")
# Columns that hold what the product has said; all others hold what owners and clouds call their things.
_SENTENCES = {"error", "problem", "step", "sentence", "last_error", "holds", "notes"}
# The other language, in its own word; what a file has to hold, with its meaning beside it.
_ALLOWED = {"русский"}
_OF_FILES = {"/sync/rules/import"}
_BEGIN = ("/catalog", "/catalog/all", "/sync", "/connections", "/profile", "/help", "/sync/settings/groups")
# Where it is told how a run goes, beside its own page.
_OF_RUNS = (
    "/catalog",
    "/catalog/all",
    "/sync",
    "/sync/plan",
    "/sync/listings",
    "/sync/history",
    "/connections",
)
_SPOKEN = "//text() | //@title | //@alt | //@aria-label | //@placeholder | //@data-label | //@data-busy"


@pytest.fixture
def alice_reads_english(alice: Owner, db_session: Session) -> Owner:
    """Alice, before anything has happened of which words are kept."""
    db_session.get_one(User, alice.id).language = "en"
    db_session.commit()
    return alice


def pages(app: Flask, client: CheckingClient, *begin: str) -> Iterator[tuple[str, Page]]:
    """Follow every link, to no more than four pages of a kind."""
    waiting, known, of_kind = deque(begin), set(begin), Counter[str]()
    routes = app.url_map.bind("localhost")
    while waiting:
        address = waiting.popleft()
        response = client.get(address, buffered=True)
        if response.status_code != 200 or response.mimetype != "text/html":
            continue
        yield address, response.page
        for link in response.page.select("//a/@href"):
            parts = urlsplit(str(link))
            target = f"{parts.path}?{parts.query}".rstrip("?")
            if parts.netloc or parts.scheme or not parts.path or target in known:
                continue
            endpoint = routes.match(parts.path)[0]
            if of_kind[endpoint] == 4:
                continue
            of_kind[endpoint] += 1
            known.add(target)
            waiting.append(target)


def russian_of(page: Page) -> set[str]:
    return {word.lower() for text in page.select(_SPOKEN) for word in _WORD.findall(str(text))}


def names(session: Session) -> set[str]:
    """Every word of a name that is anywhere in the database."""
    texts = (String, JSON)
    columns = [
        column
        for table in db.metadata.sorted_tables
        for column in table.c
        if isinstance(column.type, texts) and column.name not in _SENTENCES
    ]
    return {
        word.lower()
        for column in columns
        for value in session.scalars(select(column))
        for word in _WORD.findall(str(value))
    }


def said_in_russian(seen: Iterable[tuple[str, Page]], known: set[str]) -> list[str]:
    return [
        f"{address}: {' '.join(sorted(words))}"
        for address, page in seen
        if address not in _OF_FILES and (words := russian_of(page) - known)
    ]


def test_pages_of_a_well_filled_owner(
    app: Flask,
    db_session: Session,
    alice_reads_english: Owner,
    well_filled: Publishing,  # noqa: F811
    run_jobs: Callable[[], None],
) -> None:
    client = alice_reads_english.client
    report = looked_at(alice_reads_english, run_jobs, ("A-1.jpg", jpeg("green")), ("no such.jpg", jpeg()))
    run = start(well_filled)
    known = _ALLOWED | names(db_session)
    found = said_in_russian(pages(app, client, *_BEGIN, report, run), known)
    run_id = int(run.rpartition("/")[2])
    for state in ("running", "paused", "failed", "held"):
        put = update(Publication).filter_by(id=run_id)
        db_session.execute(put.values(status=state, step="Меняем цены", error=NO_ROOM))
        db_session.commit()
        found += said_in_russian(((told, client.get(told).page) for told in (run, *_OF_RUNS)), known)
    assert not found, "\n".join(found)


def test_pages_of_a_new_owner_and_of_a_visitor(
    app: Flask, alice_reads_english: Owner, client: CheckingClient
) -> None:
    client.post("/language", data={"language": "en", "back": "/login"})
    found = said_in_russian(
        pages(app, client, "/login", "/register", "/password/forgot", "/nowhere"), _ALLOWED
    )
    hers = pages(app, alice_reads_english.client, *_BEGIN, "/sync/settings")
    found += said_in_russian(hers, _ALLOWED)
    assert not found, "\n".join(found)
