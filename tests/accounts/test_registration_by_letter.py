"""Where letters are sent, registering tells nobody which addresses have an account."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from itsdangerous import TimestampSigner
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.config import Settings
from tests.checking_client import CheckingClient
from tests.owners import Owner
from tests.postbox import Postbox
from tests.product import SharedApp
from tests.security.test_secrets_stay_inside import read_queue

PASSWORD = "зелёный-чай-1"
TWICE = {"password": PASSWORD, "password_confirm": PASSWORD}
VERA = "vera@example.org"
RunJobs = Callable[[], None]


@pytest.fixture
def app(app: Flask, settings: Settings, shared_app: SharedApp, postbox: Postbox) -> Flask:
    """The application with a mail server."""
    return shared_app.built(replace(settings, smtp_url=postbox.url, public_url="https://vitrina.example"))


def register(client: CheckingClient, email: str, **more: str) -> tuple[int, str | None]:
    response = client.post("/register", data={"email": email, **TWICE, **more})
    return response.status_code, response.location


def link_in(postbox: Postbox) -> str:
    (url,) = re.findall(r"https://vitrina\.example(/\S+)", postbox.letters[-1].get_content())
    return url


def test_the_answer_is_the_same_for_a_known_and_an_unknown_address(
    alice: Owner, client: CheckingClient, run_jobs: RunJobs, postbox: Postbox, db_session: Session
) -> None:
    answers = {register(client, email) for email in (VERA, alice.email, alice.email.upper())}
    assert answers == {(303, "/register?sent=1")}
    assert "Мы отправили письмо" in client.get("/register?sent=1").page.text
    run_jobs()
    assert sorted(str(letter["To"]) for letter in postbox.letters) == [alice.email, VERA]
    assert db_session.scalars(select(User.email)).all() == [alice.email], "no account before the click"
    for email in (VERA, alice.email):
        assert client.post("/login", data={"email": email, "password": PASSWORD}).status_code == 422


def test_the_mailed_link_begins_the_account_once(
    client: CheckingClient, run_jobs: RunJobs, postbox: Postbox, db_session: Session
) -> None:
    register(client, VERA, name="Вера")
    run_jobs()
    assert "Вера" not in postbox.letters[-1].get_content()
    link = link_in(postbox)
    assert VERA in client.get(link).page.text
    assert db_session.scalars(select(User)).all() == [], "looking begins nothing"
    answer = client.post(link)
    assert (answer.status_code, answer.location) == (303, "/connections")
    assert client.get("/profile").status_code == 200
    user = db_session.scalars(select(User)).one()
    assert (user.email, user.name) == (VERA, "Вера") and user.email_confirmed_at
    client.post("/logout")
    assert client.get(link).status_code == client.post(link).status_code == 410
    assert client.post("/login", data={"email": VERA, "password": PASSWORD}).status_code == 303


def test_the_owner_of_a_known_address_gets_a_way_to_a_new_password(
    alice: Owner, client: CheckingClient, run_jobs: RunJobs, postbox: Postbox
) -> None:
    register(client, alice.email)
    run_jobs()
    assert "уже есть" in postbox.letters[-1].get_content()
    assert alice.email in client.get(link_in(postbox)).page.text


def test_nothing_that_was_typed_lies_open_in_the_queue_or_the_letter(
    client: CheckingClient, run_jobs: RunJobs, postbox: Postbox, valkey_url: str
) -> None:
    register(client, VERA, name="Вера Чайкина")
    waiting = read_queue(valkey_url)
    assert VERA not in waiting and "scrypt" not in waiting and PASSWORD not in waiting
    run_jobs()
    assert "scrypt" not in postbox.letters[-1].as_string()


def test_one_address_gets_one_letter_in_a_while(
    client: CheckingClient, run_jobs: RunJobs, postbox: Postbox
) -> None:
    for _ in range(4):
        register(client, VERA)
    run_jobs()
    assert len(postbox.letters) == 1


def test_a_second_click_in_the_same_browser_leads_on_to_sign_in(
    client: CheckingClient, run_jobs: RunJobs, postbox: Postbox
) -> None:
    register(client, VERA)
    run_jobs()
    link = link_in(postbox)
    with client.session_transaction() as session:
        before = dict(session)
    assert client.post(link).location == "/connections"
    # The other click was made while the first was under way.
    with client.session_transaction() as session:
        session.clear()
        session.update(before)
    answer = client.post(link)
    assert (answer.status_code, answer.location) == (303, "/login")
    assert "Аккаунт уже создан" in client.get("/login").text


@pytest.mark.parametrize("token", ["x", "WyJhIixbImIiXV0.x.y"])
def test_a_forged_or_old_link_begins_nothing(
    client: CheckingClient,
    run_jobs: RunJobs,
    postbox: Postbox,
    token: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert client.post(f"/register/{token}").status_code == 410
    register(client, VERA)
    run_jobs()
    moment = TimestampSigner.get_timestamp
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda self: moment(self) + 90_000)
    assert client.post(link_in(postbox)).status_code == 410


def test_a_password_that_somebody_else_typed_opens_nothing(
    app: Flask, client: CheckingClient, run_jobs: RunJobs, postbox: Postbox, db_session: Session
) -> None:
    stranger, own = client, "зелёный-чай-2"
    register(stranger, VERA, name="Не Вера")
    run_jobs()
    link = link_in(postbox)
    reader: CheckingClient = app.test_client()  # type: ignore[assignment]
    assert "придумайте пароль" in reader.get(link).page.text
    assert reader.post(link).status_code == 422, "a click alone begins nothing"
    answer = reader.post(link, data={"password": own, "password_confirm": own})
    assert (answer.status_code, answer.location) == (303, "/connections")
    assert db_session.scalars(select(User.name)).all() == [None]
    assert stranger.post("/login", data={"email": VERA, "password": PASSWORD}).status_code == 422
    assert stranger.post("/login", data={"email": VERA, "password": own}).status_code == 303
