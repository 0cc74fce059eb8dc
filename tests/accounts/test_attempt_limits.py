"""Guessing passwords is slowed down, and never at the price of the pages."""

import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from redis.exceptions import TimeoutError as RedisTimeout

from app.web.extensions import limiter
from tests.checking_client import CheckingClient
from tests.owners import PASSWORD, Owner
from tests.product import AppMaker

ATTEMPTS = 10


pytestmark = pytest.mark.usefixtures("limits")


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
    assert "Подождите 15 минут" in response.page.text


def test_right_passwords_and_other_pages_are_not_counted(alice: Owner, client: CheckingClient) -> None:
    for _ in range(ATTEMPTS + 2):
        assert guess(client, alice.email, PASSWORD) == 303
        assert client.get("/profile").status_code == 200
        client.post("/logout")
        assert client.get("/login").status_code == 200


def test_guesses_at_the_same_moment_are_counted_one_by_one(
    make_app: AppMaker, alice: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app()
    limiter.enabled = True
    everybody = threading.Barrier(3 * ATTEMPTS)

    def wrong_password_at_once(email: str, password: str) -> None:
        with contextlib.suppress(threading.BrokenBarrierError):
            everybody.wait(0.5)

    monkeypatch.setattr("app.accounts.routes.owner_with", wrong_password_at_once)
    clients = [from_address(app, 1) for _ in range(3 * ATTEMPTS)]
    tokens = [client.csrf_token() for client in clients]
    form = {"email": alice.email, "password": "не тот пароль"}
    with ThreadPoolExecutor(len(clients)) as pool:
        codes = pool.map(
            lambda client, token: (
                client.post("/login", data={**form, "csrf_token": token}, csrf=False).status_code
            ),
            clients,
            tokens,
        )
        assert sorted(codes) == [422] * ATTEMPTS + [429] * 2 * ATTEMPTS


def from_address(app: Flask, number: int) -> CheckingClient:
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = f"192.0.2.{number}"
    return client  # type: ignore[return-value]


def test_guesses_from_many_addresses_are_counted_together_and_the_owner_still_gets_in(
    alice: Owner, bob: Owner, client: CheckingClient, app: Flask
) -> None:
    guess(client, alice.email, PASSWORD)
    client.post("/logout")
    codes = [guess(from_address(app, number), alice.email) for number in range(10) for _ in range(7)]
    assert codes == [422] * 60 + [429] * 10
    assert guess(from_address(app, 99), alice.email, PASSWORD) == 429, "an unknown browser has to wait"
    assert guess(from_address(app, 99), bob.email, PASSWORD) == 303, "other accounts have not"
    assert guess(client, alice.email, PASSWORD) == 303, "the owner's own browser has not"


def test_another_spelling_of_an_address_begins_no_count_of_its_own(alice: Owner, app: Flask) -> None:
    local, _, domain = alice.email.partition("@")
    spellings = (
        *(alice.email.upper(), f"  {alice.email}", f"\x01{alice.email}", f"{local}\x02@{domain}"),
        *(" " * 300 + alice.email, f"{local}@{domain.replace('.', '。')}"),
    )
    client = from_address(app, 1)
    codes = [guess(client, spellings[number % len(spellings)]) for number in range(ATTEMPTS + 2)]
    assert codes == [422] * ATTEMPTS + [429] * 2


def test_a_whole_network_of_version_six_is_one_address(app: Flask, alice: Owner) -> None:
    def client(number: int) -> CheckingClient:
        visitor = app.test_client()
        visitor.environ_base["REMOTE_ADDR"] = f"2001:db8:1:2::{number:x}"
        return visitor  # type: ignore[return-value]

    codes = [guess(client(number), f"owner{number}@example.org") for number in range(32)]
    assert codes == [422] * 30 + [429] * 2


def test_a_site_of_version_six_with_many_networks_is_counted_too(app: Flask, alice: Owner) -> None:
    def client(number: int) -> CheckingClient:
        visitor = app.test_client()
        visitor.environ_base["REMOTE_ADDR"] = f"2001:db8:1:{number:x}::1"
        return visitor  # type: ignore[return-value]

    codes = [guess(client(number), f"owner{number}@example.org") for number in range(122)]
    assert codes == [422] * 120 + [429] * 2


def test_addresses_are_not_asked_for_at_the_registration_from_ever_new_networks(app: Flask) -> None:
    def asked(number: int) -> int:
        visitor = app.test_client()
        visitor.environ_base["REMOTE_ADDR"] = f"2001:db8:2:{number:x}::1"
        return visitor.post("/register", data={"email": f"owner{number}@example.org"}).status_code

    assert [asked(number) for number in range(122)] == [422] * 120 + [429] * 2


def test_a_forwarded_address_is_believed_only_of_a_proxy_that_stands_there(
    make_app: AppMaker, app: Flask, alice: Owner
) -> None:
    def codes_of(application: Flask) -> list[int]:
        codes = []
        for number in range(32):
            client = application.test_client()
            client.environ_base["HTTP_X_FORWARDED_FOR"] = f"192.0.2.{number}"
            codes.append(guess(client, f"owner{number}@example.org"))  # type: ignore[arg-type]
        return codes

    assert codes_of(app) == [422] * 30 + [429] * 2
    behind = make_app(trusted_proxies=1)
    limiter.enabled = True
    assert codes_of(behind) == [422] * 32


def test_one_address_alone_cannot_close_an_account_to_the_others(alice: Owner, app: Flask) -> None:
    attacker = from_address(app, 1)
    for _ in range(80):
        guess(attacker, alice.email)
    assert guess(attacker, alice.email, PASSWORD) == 429
    assert guess(from_address(app, 2), alice.email, PASSWORD) == 303


def test_one_address_cannot_try_one_password_on_everybody(app: Flask, alice: Owner) -> None:
    client = from_address(app, 1)
    codes = [guess(client, f"owner{number}@example.org") for number in range(35)]
    assert codes == [422] * 30 + [429] * 5


def test_a_known_browser_guesses_no_more_often_than_others(alice: Owner, client: CheckingClient) -> None:
    guess(client, alice.email, PASSWORD)
    client.post("/logout")
    assert [guess(client, alice.email) for _ in range(ATTEMPTS)] == [422] * ATTEMPTS
    assert guess(client, alice.email) == 429


@pytest.mark.parametrize("forged", ["x", "WyJhIixbImIiXV0.x", '["a",["b"]]', "\xff"])
def test_a_forged_mark_of_a_known_browser_is_worth_nothing(
    alice: Owner, client: CheckingClient, forged: str
) -> None:
    client.set_cookie("known_browser", forged)
    for _ in range(ATTEMPTS):
        guess(client, alice.email)
    assert guess(client, alice.email, PASSWORD) == 429


def test_the_password_of_an_open_session_cannot_be_guessed_for_ever(alice: Owner) -> None:
    wrong = {"current_password": "не тот", "password": "новый-пароль-1", "password_confirm": "новый-пароль-1"}
    codes = [alice.client.post("/profile/password", data=wrong).status_code for _ in range(ATTEMPTS + 1)]
    assert codes == [422] * ATTEMPTS + [429]


def test_somebody_at_another_address_is_not_held_up(alice: Owner, client: CheckingClient, app) -> None:
    for _ in range(ATTEMPTS + 1):
        guess(client, alice.email)
    elsewhere = app.test_client()
    elsewhere.environ_base["REMOTE_ADDR"] = "192.0.2.7"
    assert guess(elsewhere, alice.email, PASSWORD) == 303


def test_without_the_queue_server_pages_work_and_guesses_are_still_counted(alice: Owner, make_app) -> None:
    away = make_app(redis_url="redis://127.0.0.1:1/0")
    limiter.enabled = True
    client = away.test_client()
    assert client.get("/login").status_code == 200
    assert [guess(client, alice.email) for _ in range(ATTEMPTS)] == [422] * ATTEMPTS
    assert guess(client, alice.email) == 429


def test_a_queue_server_that_goes_away_fails_none_of_many_sign_ins_at_that_moment(
    alice: Owner, client: CheckingClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def goes_away(*_args: object, **_options: object) -> bool:
        # Another thread has noted it just before this one hears of it.
        monkeypatch.setattr(limiter, "_storage_dead", True)
        raise RedisTimeout

    monkeypatch.setattr(limiter, "_storage_dead", False)
    monkeypatch.setattr(limiter._storage, "check", lambda: False)
    monkeypatch.setattr(limiter._limiter, "test", goes_away)
    assert guess(client, alice.email) == 422
    assert guess(client, alice.email, PASSWORD) == 303
