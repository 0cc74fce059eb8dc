"""What a visitor sees while PostgreSQL neither answers nor goes away, and what it does for one who left."""

from collections.abc import Callable, Iterator
from typing import Any

import psutil
import psycopg
import pytest
from flask import Flask
from psycopg.rows import scalar_row

from app.data import impatient
from app.data.engine import long_work
from app.data.impatient import ImpatientConnection
from tests.owners import Owner
from tests.processes import wait_until

pytestmark = pytest.mark.databases("postgresql")


@pytest.fixture
def freeze(
    app: Flask, alice: Owner, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., None]]:
    """Stop the server's processes that serve us; `whole`: also the one that takes visitors in."""
    assert alice.client.get("/profile").status_code == 200
    stopped: list[psutil.Process] = []
    as_it_does, patience = ImpatientConnection.wait, impatient.PAGE_SECONDS

    def wait(connection: ImpatientConnection, *arguments: Any, **options: Any) -> Any:
        # Only what is frozen is given up soon: on a busy machine a living one may take as long.
        is_frozen = connection.pgconn.backend_pid in {process.pid for process in stopped}
        monkeypatch.setattr(impatient, "PAGE_SECONDS", 0.5 if is_frozen else patience)
        return as_it_does(connection, *arguments, **options)

    monkeypatch.setattr(ImpatientConnection, "wait", wait)

    def stop(*, whole: bool) -> None:
        query = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'"
        with psycopg.connect(postgres_url) as connection:
            pids = [pid for (pid,) in connection.execute(f"{query} AND pid <> pg_backend_pid()")]
        stopped.extend(map(psutil.Process, pids))
        assert stopped
        if whole:
            stopped.append(stopped[0].parent())
        for process in stopped:
            process.suspend()

    yield stop
    for process in stopped:
        process.resume()


def test_a_page_leaves_a_frozen_connection_and_takes_another(
    alice: Owner, freeze: Callable[..., None]
) -> None:
    freeze(whole=False)
    assert alice.client.get("/profile").status_code == 200


def test_a_page_says_that_a_frozen_server_does_not_answer(alice: Owner, freeze: Callable[..., None]) -> None:
    freeze(whole=True)
    answer = alice.client.get("/profile")
    assert answer.status_code == 503
    assert "База данных не отвечает" in answer.page.text


def test_the_server_ends_what_a_page_has_given_up_waiting_for(
    app: Flask, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(impatient, "PAGE_SECONDS", 0.2)
    monkeypatch.setattr(impatient, "ORPHAN_LOOK_MS", 50)
    with psycopg.connect(postgres_url, autocommit=True, row_factory=scalar_row) as other:
        connection = ImpatientConnection.connect(postgres_url)
        pid = connection.info.backend_pid
        with app.test_request_context(), pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT pg_sleep(600)")
        query = "SELECT count(*) FROM pg_stat_activity WHERE pid = %s"
        wait_until(lambda: not other.execute(query, [pid]).fetchone())


def test_a_page_that_changes_very_much_waits_as_long_as_that_takes(
    app: Flask, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(impatient, "PAGE_SECONDS", 0.01)
    connection = ImpatientConnection.connect(postgres_url)
    with app.test_request_context():
        with long_work():
            connection.execute("SELECT pg_sleep(0.2)")
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT pg_sleep(0.2)")
