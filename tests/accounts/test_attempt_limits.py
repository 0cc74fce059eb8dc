"""Guessing passwords is slowed down, and never at the price of the pages."""

import pytest
from flask import Flask

from app.extensions import limiter
from tests.checking_client import CheckingClient
from tests.owners import PASSWORD, Owner

ATTEMPTS = 10


@pytest.fixture(autouse=True)
def limits_from_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits that are off while an application is built stay off in it."""
    monkeypatch.setattr(limiter, "enabled", True)


@pytest.fixture
def app(app: Flask) -> Flask:
    """The application with its limits on and nothing counted yet."""
    limiter.enabled = True
    return app


def guess(client: CheckingClient, email: str, password: str | None = None) -> int:
    password = password or "не тот пароль"
    return client.post("/login", data={"email": email, "password": password}).status_code


def test_after_ten_wrong_passwords_even_the_right_one_has_to_wait(
    alice: Owner, client: CheckingClient
) -> None:
    assert [guess(client, alice.email) for _ in range(ATTEMPTS)] == [422] * ATTEMPTS
    response = client.post("/login", data={"email": alice.email, "password": PASSWORD})
    assert response.status_code == 429
    assert "Слишком много попыток" in response.page.text
    assert "Подождите минуту" in response.page.text


def test_right_passwords_and_other_pages_are_not_counted(alice: Owner, client: CheckingClient) -> None:
    for _ in range(ATTEMPTS + 2):
        assert guess(client, alice.email, PASSWORD) == 303
        assert client.get("/profile").status_code == 200
        client.post("/logout")
        assert client.get("/login").status_code == 200


def test_somebody_at_another_address_is_not_held_up(alice: Owner, client: CheckingClient, app) -> None:
    for _ in range(ATTEMPTS + 1):
        guess(client, alice.email)
    elsewhere = app.test_client()
    elsewhere.environ_base["HTTP_X_FORWARDED_FOR"] = "192.0.2.7"
    assert guess(elsewhere, alice.email, PASSWORD) == 303


def test_without_the_queue_server_pages_work_and_guesses_are_still_counted(alice: Owner, make_app) -> None:
    limiter.enabled = True
    away = make_app(redis_url="redis://127.0.0.1:1/0")
    limiter.enabled = True
    client = away.test_client()
    assert client.get("/login").status_code == 200
    assert [guess(client, alice.email) for _ in range(ATTEMPTS)] == [422] * ATTEMPTS
    assert guess(client, alice.email) == 429
