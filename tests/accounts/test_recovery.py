"""A forgotten password and an address to confirm: mailed links that expire and work once."""

import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from itsdangerous import TimestampSigner
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.config import Settings
from app.data.types import now
from app.work.queue import queue
from tests.checking_client import CheckingClient
from tests.owners import PASSWORD, Owner
from tests.postbox import Postbox
from tests.product import AppMaker, SharedApp
from tests.security.test_secrets_stay_inside import read_database, read_queue

NEW = "пуэр-и-мёд-2026"
NEW_TWICE = {"password": NEW, "password_confirm": NEW}


@pytest.fixture
def app(app: Flask, settings: Settings, shared_app: SharedApp, postbox: Postbox) -> Flask:
    """The application with a mail server."""
    return shared_app.built(replace(settings, smtp_url=postbox.url, public_url="https://vitrina.example"))


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int], None]]:
    """Let the seconds pass that links count."""
    moment = TimestampSigner.get_timestamp

    def pass_by(seconds: int) -> None:
        monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda self: int(moment(self) + seconds))

    yield pass_by


def link_in(postbox: Postbox) -> str:
    """The path of the link in the last letter."""
    (url,) = re.findall(r"https://vitrina\.example(/\S+)", postbox.letters[-1].get_content())
    return url


def ask(client: CheckingClient, email: str) -> tuple[int, str | None]:
    response = client.post("/password/forgot", data={"email": email})
    return response.status_code, response.location


def reset_link(client: CheckingClient, owner: Owner, run_jobs: Callable[[], None], postbox: Postbox) -> str:
    assert ask(client, owner.email) == (303, "/password/forgot?sent=1")
    run_jobs()
    return link_in(postbox)


def signs_in(app: Flask, owner: Owner, password: str) -> bool:
    fields = {"email": owner.email, "password": password}
    return app.test_client().post("/login", data=fields).status_code == 303


def test_a_mailed_link_sets_a_new_password_signs_in_and_ends_the_other_sessions(
    app: Flask, alice: Owner, client: CheckingClient, run_jobs, postbox: Postbox
) -> None:
    link = reset_link(client, alice, run_jobs, postbox)
    letter = postbox.letters[-1]
    assert letter["To"] == alice.email and "новый пароль" in letter["Subject"]
    for _ in range(2):
        page = client.get(link).page
        assert alice.email in page.text, "looking does not use it up"
    answer = client.post(link, data=NEW_TWICE)
    assert (answer.status_code, answer.location) == (303, "/catalog")
    assert client.get("/profile").status_code == 200
    assert alice.client.get("/profile").status_code == 303
    assert signs_in(app, alice, NEW) and not signs_in(app, alice, PASSWORD)
    for answer in (client.get(link), client.post(link, data=NEW_TWICE)):
        assert answer.status_code == 410 and "больше не действует" in answer.page.text


def test_who_ends_sessions_again_and_again_does_not_end_the_link(
    app: Flask, alice: Owner, client: CheckingClient, run_jobs, postbox: Postbox
) -> None:
    link = reset_link(client, alice, run_jobs, postbox)
    alice.client.post("/profile/sign-out-elsewhere")
    assert client.post(link, data=NEW_TWICE).status_code == 303
    assert alice.client.get("/profile").status_code == 303
    assert client.post(link, data=NEW_TWICE).status_code == 410


def test_the_link_is_in_the_letter_and_nowhere_else(
    alice: Owner,
    client: CheckingClient,
    run_jobs,
    postbox: Postbox,
    valkey_url: str,
    db_session: Session,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    link = reset_link(client, alice, run_jobs, postbox)
    client.get(link)
    token = link.rpartition("/")[2]
    for place in (caplog.text, read_queue(valkey_url), read_database(db_session)):
        assert token not in place
    assert alice.email not in read_queue(valkey_url)


@pytest.mark.parametrize("kind", ["/password/reset/", "/email/confirm/"])
def test_the_link_is_not_in_the_log_either_while_something_of_ours_is_broken(
    alice: Owner,
    client: CheckingClient,
    run_jobs,
    postbox: Postbox,
    make_app: AppMaker,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    kind: str,
) -> None:
    caplog.set_level(logging.DEBUG)
    if kind == "/password/reset/":
        ask(client, alice.email)
    else:
        alice.client.post("/email/confirm/send")
    run_jobs()
    link = link_in(postbox)
    assert link.startswith(kind)
    nowhere = make_app(database_url=f"sqlite:///{tmp_path / 'missing' / 'vitrina.db'}")
    broken = make_app()
    broken.testing = False
    broken.before_request(lambda: [][0])
    assert nowhere.test_client().get(link).status_code == 503
    assert broken.test_client().get(link).status_code == 500
    assert f"database error on {kind}<token>" in caplog.text
    assert f"unexpected error on {kind}<token>" in caplog.text
    assert link.rpartition("/")[2] not in caplog.text


def test_a_weak_password_is_refused_and_the_link_stays_good(
    alice: Owner, client: CheckingClient, run_jobs, postbox: Postbox
) -> None:
    link = reset_link(client, alice, run_jobs, postbox)
    refused = client.post(link, data={"password": "пароль123", "password_confirm": "пароль123"})
    assert refused.status_code == 422
    assert client.post(link, data=NEW_TWICE).status_code == 303


def test_a_link_ends_after_an_hour_and_with_a_change_of_password(
    alice: Owner, client: CheckingClient, run_jobs, postbox: Postbox, later
) -> None:
    link = reset_link(client, alice, run_jobs, postbox)
    change = {"current_password": PASSWORD, **NEW_TWICE}
    assert alice.client.post("/profile/password", data=change).status_code == 303
    assert client.get(link).status_code == 410
    queue.connection.delete(f"vitrina:letter:reset:{alice.id}")
    link = reset_link(client, alice, run_jobs, postbox)
    assert client.get(link).status_code == 200
    later(3700)
    assert client.get(link).status_code == 410


def test_the_answer_does_not_tell_whether_the_address_is_registered(
    alice: Owner, client: CheckingClient, run_jobs, postbox: Postbox
) -> None:
    answers = {ask(client, email) for email in (alice.email, "nobody@example.org", "ALICE@EXAMPLE.ORG")}
    assert answers == {(303, "/password/forgot?sent=1")}
    run_jobs()
    assert [letter["To"] for letter in postbox.letters] == [alice.email]


@pytest.mark.usefixtures("limits")
def test_to_ask_for_letters_without_end_is_refused_and_writes_no_session_into_the_log(
    alice: Owner, client: CheckingClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    codes = [alice.client.post("/email/confirm/send").status_code for _ in range(21)]
    assert codes == [303] * 20 + [429]
    with alice.client.session_transaction() as cookie:
        session_id = cookie["_user_id"]
    assert not any(part in caplog.text for part in session_id.split(":")[1:])
    # A new sign-in gives no new ones.
    client.post("/login", data={"email": alice.email, "password": alice.password})
    assert client.post("/email/confirm/send").status_code == 429


def test_strangers_cannot_flood_an_owner_with_letters(
    alice: Owner, client: CheckingClient, run_jobs, postbox: Postbox
) -> None:
    for _ in range(5):
        ask(client, alice.email)
    run_jobs()
    assert len(postbox.letters) == 1


def test_a_letter_that_the_mail_server_refused_can_be_asked_for_again(
    alice: Owner, client: CheckingClient, run_jobs, postbox: Postbox
) -> None:
    postbox.refusal = "451 later"
    ask(client, alice.email)
    run_jobs()
    assert postbox.letters == []
    postbox.refusal = None
    reset_link(client, alice, run_jobs, postbox)
    assert len(postbox.letters) == 1


def test_the_link_leads_to_the_public_address_whatever_host_was_asked(
    alice: Owner, client: CheckingClient, run_jobs, postbox: Postbox
) -> None:
    evil = "https://evil.example"
    (token,) = client.get("/password/forgot", base_url=evil).page.select(
        "//main//input[@name='csrf_token']/@value"
    )
    fields = {"email": alice.email, "csrf_token": token}
    asked = client.post(
        "/password/forgot",
        csrf=False,
        base_url=evil,
        data=fields,
        headers={"X-Forwarded-Host": "evil.example"},
    )
    assert asked.status_code == 303
    run_jobs()
    assert "evil.example" not in postbox.letters[-1].as_string()
    assert link_in(postbox).startswith("/password/reset/")


@pytest.mark.parametrize("name", ["Алиса\r\nBcc: evil@example.org", "{{ 7*7 }}", "<script>alert(1)</script>"])
def test_a_name_cannot_change_the_letter(
    alice: Owner, client: CheckingClient, db_session: Session, run_jobs, postbox: Postbox, name: str
) -> None:
    db_session.get_one(User, alice.id).name = name
    db_session.flush()
    reset_link(client, alice, run_jobs, postbox)
    assert postbox.letters[-1]["Bcc"] is None and "49" not in postbox.letters[-1].get_content()[:60]


@pytest.mark.parametrize("kind", ["/password/reset/", "/email/confirm/"])
@pytest.mark.parametrize("token", ["x", "WzEsImEiXQ.aaaa.bbbb", "%00", "..", "[1,2]", "я" * 50, "1" * 2000])
def test_a_link_that_was_not_given_out_opens_nothing(client: CheckingClient, kind: str, token: str) -> None:
    for answer in (client.get(kind + token), client.post(kind + token, data=NEW_TWICE)):
        assert answer.status_code in (404, 410)


def test_a_link_of_one_kind_is_none_of_the_other(
    alice: Owner, client: CheckingClient, run_jobs, postbox: Postbox
) -> None:
    token = reset_link(client, alice, run_jobs, postbox).rpartition("/")[2]
    assert client.post(f"/email/confirm/{token}").status_code == 410


def test_without_a_mail_server_it_is_said_what_to_do(make_app: AppMaker, alice: Owner) -> None:
    app = make_app(smtp_url=None)
    client = app.test_client()
    assert isinstance(client, CheckingClient)
    page = client.get("/password/forgot").page
    assert "по почте здесь нельзя" in page.text and "reset-link" in page.text
    assert not page.select("//main//input")
    assert client.post("/password/forgot", data={"email": alice.email}).status_code == 422
    alices = app.test_client()
    assert isinstance(alices, CheckingClient)
    alices.post("/login", data={"email": alice.email, "password": PASSWORD})
    assert not alices.get("/profile").page.select("//*[@data-unconfirmed]")
    printed = app.test_cli_runner().invoke(args=["reset-link", "Alice@example.org"])
    assert printed.exit_code == 0
    link = printed.output.strip().removeprefix("http://localhost")
    assert client.post(link, data=NEW_TWICE).status_code == 303
    unknown = app.test_cli_runner().invoke(args=["reset-link", "nobody@example.org"])
    assert unknown.exit_code == 1 and "nobody is registered" in unknown.output


def test_without_the_queue_it_is_said_that_no_letter_goes_out(make_app: AppMaker, postbox: Postbox, alice):
    client = make_app(smtp_url=postbox.url, redis_url="redis://127.0.0.1:1/0").test_client()
    assert isinstance(client, CheckingClient)
    for email in (alice.email, "nobody@example.org"):
        answer = client.post("/password/forgot", data={"email": email})
        assert answer.status_code == 503 and "Повторите через минуту" in answer.page.text


def test_an_owner_confirms_the_address_by_a_click_in_the_mailed_page(
    app: Flask, alice: Owner, run_jobs, postbox: Postbox
) -> None:
    assert alice.client.get("/connections").page.select("//*[@data-unconfirmed]"), "work goes on meanwhile"
    alice.client.post("/email/confirm/send")
    run_jobs()
    link = link_in(postbox)
    elsewhere = app.test_client()
    assert isinstance(elsewhere, CheckingClient)
    assert alice.email in elsewhere.get(link).page.text
    assert alice.client.get("/profile").page.select("//*[@data-unconfirmed]"), "looking confirms nothing"
    assert elsewhere.post(link).status_code == 303
    assert not alice.client.get("/profile").page.select("//*[@data-unconfirmed]")
    assert "уже подтверждён" in elsewhere.get(link).page.text
    assert elsewhere.get("/profile").status_code == 303, "confirming signs nobody in"


@pytest.mark.parametrize("confirmed", [False, True])
def test_a_letter_carries_a_name_only_to_a_confirmed_address(
    alice: Owner, client: CheckingClient, run_jobs, postbox: Postbox, db_session: Session, confirmed: bool
) -> None:
    user = db_session.get_one(User, alice.id)
    user.email_confirmed_at = now() if confirmed else None
    db_session.flush()
    ask(client, alice.email)
    run_jobs()
    assert ("Alice" in postbox.letters[-1].get_content()) is confirmed


def test_the_letter_is_sent_again_on_request(alice: Owner, run_jobs, postbox: Postbox, later) -> None:
    response = alice.client.post("/email/confirm/send")
    assert (response.status_code, response.location) == (303, "/profile")
    run_jobs()
    link = link_in(postbox)
    later(8 * 24 * 3600)
    assert alice.client.get(link).status_code == 410
