"""The disk for temporary files is full: who needs one is told so, and the web goes on."""

import errno
import io
import os
import tempfile
from collections.abc import Callable
from typing import Any

import pytest
import requests
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.web import workbook_file
from tests.owners import Owner
from tests.processes import Web
from tests.stock import Stock, product

# Written by hand, a file of rules this long is kept in a temporary file.
LONG = b"\n" * 600_000


@pytest.fixture
def no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """No temporary file takes anything."""

    def refuse(*begun: Any) -> None:
        for file in begun:
            file.close()
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(workbook_file, "TemporaryFile", refuse)
    monkeypatch.setattr(tempfile.SpooledTemporaryFile, "rollover", refuse)


def test_a_workbook_that_finds_no_room_says_so(alice: Owner, stock: Stock, no_room: None) -> None:
    stock.put(products=[product("p1")])
    answer = alice.client.get("/catalog/export?type=products&store_id=s1&format=excel")
    assert answer.status_code == 503
    assert "закончилось место" in answer.page.text


def test_it_is_said_in_the_language_of_the_owner(
    alice: Owner, stock: Stock, no_room: None, db_session: Session
) -> None:
    db_session.get_one(User, alice.id).language = "en"
    db_session.commit()
    stock.put(products=[product("p1")])
    answer = alice.client.get("/catalog/export?type=products&store_id=s1&format=excel")
    assert "has run out of space" in answer.page.text


def test_an_upload_that_finds_no_room_says_so(alice: Owner, no_room: None) -> None:
    answer = alice.client.post("/sync/rules/import", data={"file": (io.BytesIO(LONG), "rules.csv")})
    assert answer.status_code == 503
    assert "закончилось место" in answer.page.text


def test_numbers_for_prometheus_are_kept_in_memory(start_web: Callable[..., Web]) -> None:
    """A process that writes to a mapped file on a full disk is killed by it."""
    web = start_web(METRICS_TOKEN="scrape-token-5f1d", WEB_CONCURRENCY="1")
    assert requests.get(f"{web.url}/login", timeout=60).ok
    with open(f"/proc/{web.process.pid}/task/{web.process.pid}/children") as children:
        (worker,) = children.read().split()
    with open(f"/proc/{worker}/maps") as maps:
        mapped = {line.split()[-1] for line in maps if "vitrina-metrics-" in line}
    assert mapped and all(path.startswith("/dev/shm/") for path in mapped)  # noqa: S108
