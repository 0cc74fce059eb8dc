"""A letter that the mail server does not take for now comes by itself later, once."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask

from app.accounts.kept_letters import TRIES, send_kept_letters
from app.config import Settings
from tests.checking_client import CheckingClient
from tests.owners import Owner
from tests.postbox import Postbox
from tests.product import SharedApp

RunJobs = Callable[[], None]
NEWCOMER = {"email": "new@example.org", "password": "пуэр-и-мёд-2026", "password_confirm": "пуэр-и-мёд-2026"}


@pytest.fixture
def app(app: Flask, settings: Settings, shared_app: SharedApp, postbox: Postbox) -> Flask:
    """The application with a mail server."""
    return shared_app.built(replace(settings, smtp_url=postbox.url))


@pytest.fixture
def a_minute_later(app: Flask, run_jobs: RunJobs) -> RunJobs:
    """Let the clock bring back what was kept, and the worker try it."""

    def ring() -> None:
        with app.app_context():
            send_kept_letters()
        run_jobs()

    return ring


@pytest.fixture(params=["password", "registration", "confirmation"])
def asked(request: pytest.FixtureRequest, alice: Owner, client: CheckingClient, postbox: Postbox) -> None:
    """Somebody has asked for a letter, and the server puts strangers off."""
    postbox.refusal = "451 come again"
    ways = {
        "password": lambda: client.post("/password/forgot", data={"email": alice.email}),
        "registration": lambda: client.post("/register", data=NEWCOMER),
        "confirmation": lambda: alice.client.post("/email/confirm/send"),
    }
    assert ways[request.param]().status_code in (200, 303)


def test_it_comes_when_the_server_takes_it_and_once(
    asked: None, run_jobs: RunJobs, a_minute_later: RunJobs, postbox: Postbox
) -> None:
    run_jobs()
    a_minute_later()
    assert postbox.letters == []
    postbox.refusal = None
    a_minute_later()
    a_minute_later()
    assert len(postbox.letters) == 1


def test_who_asks_again_meanwhile_gets_one(
    alice: Owner, client: CheckingClient, run_jobs: RunJobs, a_minute_later: RunJobs, postbox: Postbox
) -> None:
    postbox.refusal = "451 come again"
    client.post("/password/forgot", data={"email": alice.email})
    run_jobs()
    postbox.refusal = None
    client.post("/password/forgot", data={"email": alice.email})
    run_jobs()
    a_minute_later()
    assert len(postbox.letters) == 1


def test_it_is_given_up_in_the_end_and_at_once_when_the_address_takes_none(
    alice: Owner, client: CheckingClient, run_jobs: RunJobs, a_minute_later: RunJobs, postbox: Postbox
) -> None:
    for refusal, times in (("451 come again", TRIES), ("550 nobody of this name", 1)):
        postbox.refusal = refusal
        client.post("/password/forgot", data={"email": alice.email})
        run_jobs()
        for _ in range(times - 1):
            a_minute_later()
        postbox.refusal = None
        a_minute_later()
        assert postbox.letters == []


def test_it_does_not_come_again_where_the_server_may_have_taken_it(
    asked: None, run_jobs: RunJobs, a_minute_later: RunJobs, postbox: Postbox
) -> None:
    postbox.refusal, postbox.hangs_up = None, True
    run_jobs()
    a_minute_later()
    assert len(postbox.letters) == 1
