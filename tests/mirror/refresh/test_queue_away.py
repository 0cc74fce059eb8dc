"""Without the queue server pages work, the button says what is wrong, and nothing stays blocked."""

import socket
from collections.abc import Iterator

import pytest
from redis.connection import AbstractConnection

from tests.checking_client import CheckingClient
from tests.mirror.refresh.conftest import said, state
from tests.owners import Owner


@pytest.fixture
def away(owner: Owner, make_app) -> CheckingClient:
    """Alice at an application that cannot reach the queue server."""
    client = make_app(redis_url="redis://127.0.0.1:1/0").test_client()
    client.post("/login", data={"email": owner.email, "password": owner.password})
    return client


def test_the_page_says_that_the_refresh_did_not_begin(away: CheckingClient, runs) -> None:
    fragment = away.htmx_post("/catalog/refresh")
    assert fragment.status_code == 200
    assert fragment.page.select("//*[@id='refresh']/@data-state") == ["failed"]
    assert "Очередь заданий недоступна" in fragment.page.text
    assert fragment.page.select("//form[@action='/catalog/refresh']")
    assert [run.status for run in runs()] == ["failed"]


def test_every_page_still_works(away: CheckingClient, owner: Owner, refresh) -> None:
    for path in ("/catalog", "/connections", "/sync", "/profile", "/catalog/export?type=stores"):
        assert away.get(path).status_code == 200
    assert "Очередь заданий недоступна" in away.get("/catalog").page.text
    assert away.post("/connections/evotor/check").status_code == 303


def test_the_next_try_is_not_blocked(away: CheckingClient, owner: Owner, make_app, run_jobs, runs) -> None:
    away.post("/catalog/refresh")
    away.post("/catalog/refresh")
    back = make_app().test_client()
    back.post("/login", data={"email": owner.email, "password": owner.password})
    back.post("/catalog/refresh")
    run_jobs()
    assert [run.status for run in runs()] == ["failed", "failed", "done"]
    assert state(owner) == "done" and "Загружено" in said(owner)


def test_a_run_can_be_cancelled_all_the_same(owner: Owner, make_app, runs, run_jobs) -> None:
    owner.client.post("/catalog/refresh")
    away = make_app(redis_url="redis://127.0.0.1:1/0").test_client()
    away.post("/login", data={"email": owner.email, "password": owner.password})
    run = runs()[-1]
    assert away.post(f"/catalog/refresh/{run.id}/cancel").status_code == 303
    run_jobs()
    assert [run.status for run in runs()] == ["cancelled"]


@pytest.fixture
def frozen(owner: Owner, make_app) -> Iterator[CheckingClient]:
    """Alice at an application whose queue server takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        client = make_app(redis_url=f"redis://127.0.0.1:{server.getsockname()[1]}/0").test_client()
        cookie = owner.client.get_cookie("session")
        assert cookie is not None
        client.set_cookie("session", cookie.value)
        yield client


def test_a_frozen_queue_server_is_told_within_moments(
    frozen: CheckingClient, runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = frozen.csrf_token()
    tried: list[object] = []
    connect = AbstractConnection.connect

    def connect_and_note(connection: AbstractConnection) -> None:
        tried.append(connection)
        connect(connection)

    monkeypatch.setattr(AbstractConnection, "connect", connect_and_note)
    fragment = frozen.htmx_post("/catalog/refresh", {"csrf_token": token})
    assert "Очередь заданий недоступна" in fragment.page.text
    # A wait of two seconds for each.
    assert len(tried) == 1
    assert [run.status for run in runs()] == ["failed"]
