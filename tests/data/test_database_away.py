"""What a visitor sees while the database does not answer."""

from pathlib import Path

import pytest
from flask import Flask, request_finished
from sqlalchemy import text

from app.data.db import db
from tests.checking_client import CheckingClient
from tests.owners import Owner
from tests.product import AppMaker


def test_pages_say_that_the_database_is_away_without_a_stack_trace(cut_off: CheckingClient) -> None:
    answer = cut_off.get("/catalog")

    assert answer.status_code == 503
    assert "База данных не отвечает" in answer.page.text
    assert "Traceback" not in answer.text
    # Pages of other errors ask who is signed in, too.
    assert cut_off.get("/no-such-page").status_code == 404
    assert cut_off.get("/catalog/filter").status_code == 405
    stale = cut_off.post("/catalog/filter", headers={"HX-Request": "true"}, csrf=False)
    assert (stale.status_code, "Страница устарела" in stale.page.text) == (400, True)


@pytest.mark.databases("postgresql")
def test_an_answer_that_is_ready_is_given_although_the_database_goes_away_then(
    app: Flask, alice: Owner
) -> None:
    def end_connection(_sender: Flask, **_: object) -> None:
        number = db.session.scalar(text("SELECT pg_backend_pid()"))
        with db.engine.connect() as another:
            # Waited for: it is told to end, and ends a moment later.
            assert another.scalar(text("SELECT pg_terminate_backend(:number, 5000)"), {"number": number})

    with request_finished.connected_to(end_connection, app):
        assert alice.client.get("/profile").status_code == 200
    assert alice.client.get("/profile").status_code == 200


def test_readyz_tells_which_part_is_away(make_app: AppMaker, tmp_path: Path) -> None:
    nowhere = f"sqlite:///{tmp_path / 'missing' / 'vitrina.db'}"
    answer = make_app(database_url=nowhere).test_client().get("/readyz")

    assert answer.status_code == 503
    assert answer.json == {"status": "unavailable", "database": "unavailable", "queue": "ok"}


def test_readyz_and_healthz_tell_the_queue_from_the_process(make_app: AppMaker, tmp_path: Path) -> None:
    client = make_app(redis_url=f"unix://{tmp_path / 'nobody.sock'}").test_client()

    assert client.get("/healthz").status_code == 200
    ready = client.get("/readyz")
    assert ready.status_code == 503
    assert ready.json == {"status": "unavailable", "database": "ok", "queue": "unavailable"}
