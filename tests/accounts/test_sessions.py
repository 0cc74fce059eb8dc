"""A session belongs to one sign-in: it cannot be planted beforehand, and it can be ended from elsewhere."""

import time

import pytest
from flask import Flask
from itsdangerous import TimestampSigner
from sqlalchemy.orm import Session

from app.accounts import sessions
from app.accounts.models import SignIn, User
from app.web.flashes import NEWEST
from tests.checking_client import CheckingClient
from tests.owners import PASSWORD, Owner


def sign_in(client: CheckingClient, owner: Owner) -> int:
    return client.post("/login", data={"email": owner.email, "password": PASSWORD}).status_code


def test_nothing_of_a_planted_session_outlives_the_sign_in(alice: Owner, client: CheckingClient) -> None:
    with client.session_transaction() as session:
        session["planted"] = "by somebody else"
    known_to_the_attacker = client.csrf_token()
    assert sign_in(client, alice) == 303
    with client.session_transaction() as session:
        assert "planted" not in session
    response = client.post("/profile", csrf=False, data={"csrf_token": known_to_the_attacker, "name": "X"})
    assert response.status_code == 400


def test_nothing_of_a_session_outlives_the_sign_out(alice: Owner, bob: Owner) -> None:
    with alice.client.session_transaction() as session:
        session["left"] = "of Alice"
    alice.client.post("/logout")
    with alice.client.session_transaction() as session:
        assert "left" not in session and "_user_id" not in session


def test_registering_begins_a_session_of_its_own(client: CheckingClient, app: Flask) -> None:
    planted = client.csrf_token()
    fields = {"email": "vera@example.org", "password": "пуэр-и-мёд-1", "password_confirm": "пуэр-и-мёд-1"}
    assert client.post("/register", data=fields).status_code == 303
    assert client.post("/logout", csrf=False, data={"csrf_token": planted}).status_code == 400


def test_the_mark_of_a_known_browser_is_kept_from_scripts_and_names_nobody(
    alice: Owner, client: CheckingClient
) -> None:
    answer = client.post("/login", data={"email": alice.email, "password": PASSWORD})
    (cookie,) = [each for each in answer.headers.getlist("Set-Cookie") if each.startswith("known_browser=")]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "alice" not in cookie
    client.post("/logout")
    assert client.get("/profile").status_code == 303, "it opens nothing by itself"


def test_one_button_ends_every_session_but_this_one(alice: Owner, client: CheckingClient) -> None:
    sign_in(client, alice)
    response = alice.client.post("/profile/sign-out-elsewhere")
    assert (response.status_code, response.location) == (303, "/profile")
    assert "Вы вышли на всех других устройствах" in alice.client.get("/profile").page.text
    assert client.get("/profile").status_code == 303
    assert sign_in(client, alice) == 303


def test_a_session_of_a_deleted_owner_opens_nothing_of_the_next_one(
    alice: Owner, db_session: Session
) -> None:
    number = alice.id
    db_session.delete(db_session.get_one(User, number))
    db_session.flush()
    # No database gives a number out again; a copy that was put back could.
    db_session.add(User(id=number, email="heir@example.org", password_hash="scrypt:another"))
    db_session.flush()
    assert alice.client.get("/profile").status_code == 303


@pytest.mark.parametrize("path", ["/profile", "/catalog"])
def test_a_changed_cookie_is_no_session(alice: Owner, path: str) -> None:
    cookie = alice.client.get_cookie("session")
    assert cookie is not None
    alice.client.set_cookie("session", cookie.value[:-2] + "xx")
    assert alice.client.get(path).status_code == 303


def test_a_copied_cookie_dies_with_the_sign_out(alice: Owner, app: Flask, client: CheckingClient) -> None:
    sign_in(client, alice)
    cookie = client.get_cookie("session")
    assert cookie is not None
    thief = app.test_client()
    thief.set_cookie("session", cookie.value)
    assert thief.get("/profile").status_code == 200
    client.post("/logout")
    assert thief.get("/profile").status_code == 303
    assert alice.client.get("/profile").status_code == 200, "another browser of hers stays signed in"


def test_an_owner_is_signed_in_at_so_many_places_at_most(
    alice: Owner, app: Flask, db_session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "BROWSERS", 3)
    clients = [app.test_client() for _ in range(4)]
    for client in clients:
        assert sign_in(client, alice) == 303  # type: ignore[arg-type]
    assert [client.get("/profile").status_code for client in clients] == [303, 200, 200, 200]
    assert db_session.query(SignIn).filter_by(user_id=alice.id).count() == 3


def test_sentences_that_nobody_reads_never_fill_the_cookie(alice: Owner) -> None:
    for _ in range(60):
        alice.client.post("/profile", data={"name": "Алиса", "timezone": "Europe/Moscow"})
    cookie = alice.client.get_cookie("session")
    assert cookie is not None and len(cookie.value) < 1500
    assert len(alice.client.get("/profile").page.select("//*[@role='status']")) == NEWEST


@pytest.mark.parametrize("ahead", [3600, -90 * 86_400], ids=["set back by an hour", "three months later"])
def test_a_session_outlives_whatever_the_clock_does(
    alice: Owner, client: CheckingClient, monkeypatch: pytest.MonkeyPatch, ahead: int
) -> None:
    signed_at = int(time.time()) + ahead
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda _: signed_at)
    assert sign_in(client, alice) == 303
    monkeypatch.undo()
    assert client.get("/profile").status_code == 200
