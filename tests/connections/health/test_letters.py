"""An owner gets one letter for each change of the state, however many checks see it."""

import dataclasses
from collections.abc import Callable

import pytest
from cryptography.fernet import Fernet
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.accounts.recovery import request_reset_letter
from app.config import ConfigError, Settings
from app.connections.jobs import check_connections
from app.connections.letters import send_due_letters
from app.connections.models import OFFLINE, ONLINE, RECONNECT, CloudAccount
from app.data.db import db
from app.work import letter_turns
from app.work.letter_turns import ask_for_turn
from app.work.queue import LANES, LETTERS_QUEUE_NAME, queue
from sandbox.world import World
from tests.jobs import work_off
from tests.owners import DEMO_TOKEN, Owner
from tests.postbox import Postbox
from tests.product import AppMaker, SharedApp

Round = Callable[[], None]


@pytest.fixture
def mailing_app(app: Flask, shared_app: SharedApp, settings: Settings, postbox: Postbox) -> Flask:
    """The application with a mail server, on the same database."""
    mail_from = "Витрина <vitrina@example.org>"
    return shared_app.built(dataclasses.replace(settings, smtp_url=postbox.url, mail_from=mail_from))


@pytest.fixture
def round_with_mail(mailing_app: Flask, alice: Owner, db_session: Session) -> Round:
    """Run a round with the mail server on, as when the next one is due; Alice is connected."""
    alice.connect_evotor()

    def run() -> None:
        db_session.execute(update(CloudAccount).values(next_check_at=CloudAccount.last_checked_at))
        with mailing_app.app_context():
            check_connections()
        work_off(mailing_app, [LETTERS_QUEUE_NAME])

    return run


def test_a_revoked_token_is_written_about_once(
    round_with_mail: Round, alice: Owner, postbox: Postbox, world: World
) -> None:
    world.revoke(DEMO_TOKEN)
    for _ in range(3):
        round_with_mail()
    [letter] = postbox.letters
    assert letter["To"] == alice.email
    assert letter["Subject"] == "Эвотор: переподключите"
    assert "vitrina@example.org" in letter["From"]
    body = letter.get_content()
    assert "Токен Эвотора больше не действует" in body and "http://localhost/connections" in body
    assert DEMO_TOKEN not in str(letter)


def test_no_lane_that_checks_connections_waits_for_the_mail_server(
    mailing_app: Flask, alice: Owner, postbox: Postbox, world: World, db_session: Session
) -> None:
    alice.connect_evotor()
    world.revoke(DEMO_TOKEN)
    db_session.execute(update(CloudAccount).values(next_check_at=CloudAccount.last_checked_at))
    with mailing_app.app_context():
        check_connections()
        request_reset_letter(alice.id)
    others = [names for names in LANES if LETTERS_QUEUE_NAME not in names]
    assert len(others) == len(LANES) - 1 and (LETTERS_QUEUE_NAME,) in LANES
    work_off(mailing_app, [name for names in others for name in names])
    assert postbox.letters == []
    work_off(mailing_app, [LETTERS_QUEUE_NAME])
    assert len(postbox.letters) == 2


@pytest.fixture
def two_to_tell(alice: Owner, bob: Owner, db_session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two owners who have to connect anew, and letters that give way after each."""
    monkeypatch.setattr(letter_turns, "PATIENCE_SECONDS", -1)
    for owner in (alice, bob):
        owner.connect_evotor()
    db_session.execute(update(CloudAccount).values(status=RECONNECT, last_error="Причина"))


def test_a_letter_that_somebody_waits_for_comes_between_those_of_a_round(
    mailing_app: Flask, two_to_tell: None, alice: Owner, bob: Owner, postbox: Postbox
) -> None:
    with mailing_app.app_context():
        ask_for_turn(send_due_letters)
        request_reset_letter(bob.id)
    work_off(mailing_app, [LETTERS_QUEUE_NAME])
    assert [letter["To"] for letter in postbox.letters] == [alice.email, bob.email, bob.email]
    assert "пароль" in postbox.letters[1]["Subject"]


def test_a_round_leaves_its_letters_to_the_one_before_that_still_has_turns_to_come(
    mailing_app: Flask, two_to_tell: None, alice: Owner, bob: Owner, postbox: Postbox
) -> None:
    with mailing_app.app_context():
        for _ in range(3):
            send_due_letters()
            assert queue.depth(LETTERS_QUEUE_NAME) == 1
            assert [letter["To"] for letter in postbox.letters] == [alice.email]
        work_off(mailing_app, [LETTERS_QUEUE_NAME])
        assert [letter["To"] for letter in postbox.letters] == [alice.email, bob.email]
        db.session.execute(update(CloudAccount).values(status=OFFLINE))
        db.session.commit()
        send_due_letters()
        work_off(mailing_app, [LETTERS_QUEUE_NAME])
    assert len(postbox.letters) == 4, "the next round writes again"


def test_a_server_that_puts_the_first_off_slowly_is_asked_for_the_others_next(
    mailing_app: Flask, two_to_tell: None, alice: Owner, bob: Owner, postbox: Postbox
) -> None:
    postbox.refusal, postbox.refused = "450 come again later", {alice.email}
    with mailing_app.app_context():
        ask_for_turn(send_due_letters)
    # Ends: nobody is asked for twice before the next round.
    work_off(mailing_app, [LETTERS_QUEUE_NAME], most=5)
    assert [letter["To"] for letter in postbox.letters] == [bob.email]


def test_a_fault_and_its_end_are_two_letters(round_with_mail: Round, postbox: Postbox, world: World) -> None:
    world.faults.add("status_500")
    round_with_mail()
    assert postbox.letters == []
    for _ in range(3):
        round_with_mail()
    world.faults.clear()
    for _ in range(2):
        round_with_mail()
    subjects = [letter["Subject"] for letter in postbox.letters]
    assert subjects == ["Эвотор: нет связи", "Эвотор: на связи"]
    assert "Делать ничего не нужно" in postbox.letters[1].get_content()


def test_what_the_owner_has_seen_needs_no_letter(
    round_with_mail: Round, alice: Owner, postbox: Postbox, world: World
) -> None:
    world.revoke(DEMO_TOKEN)
    alice.check("evotor")
    round_with_mail()
    assert postbox.letters == []


def test_a_letter_that_was_not_taken_is_sent_by_the_next_round(
    round_with_mail: Round, postbox: Postbox, world: World
) -> None:
    world.revoke(DEMO_TOKEN)
    postbox.refusal = "451 try again later"
    round_with_mail()
    postbox.refusal = None
    round_with_mail()
    round_with_mail()
    assert len(postbox.letters) == 1


def test_a_letter_that_the_server_may_have_taken_is_not_sent_again(
    round_with_mail: Round, postbox: Postbox, world: World
) -> None:
    world.revoke(DEMO_TOKEN)
    postbox.hangs_up = True
    round_with_mail()
    round_with_mail()
    assert len(postbox.letters) == 1


def test_an_address_that_takes_no_letters_does_not_keep_the_others_waiting(
    round_with_mail: Round, bob: Owner, postbox: Postbox, world: World
) -> None:
    world.add_merchant("token-of-bob")
    bob.connect_evotor("token-of-bob")
    world.faults.add("status_401")
    postbox.refusal = "550 no such user"
    round_with_mail()
    postbox.refusal = None
    round_with_mail()
    assert postbox.letters == []


def test_an_address_that_no_letter_can_carry_does_not_keep_the_others_waiting(
    round_with_mail: Round, alice: Owner, bob: Owner, postbox: Postbox, world: World, db_session: Session
) -> None:
    world.add_merchant("token-of-bob")
    bob.connect_evotor("token-of-bob")
    db_session.execute(update(User).filter_by(id=alice.id).values(email="=?utf-8?q?=0a?=@x.ru"))
    db_session.commit()
    world.faults.add("status_401")
    round_with_mail()
    assert [letter["To"] for letter in postbox.letters] == [bob.email]


def test_a_mailbox_that_stays_full_keeps_nobody_elses_letters_back(
    round_with_mail: Round, alice: Owner, bob: Owner, postbox: Postbox, world: World
) -> None:
    world.add_merchant("token-of-bob")
    bob.connect_evotor("token-of-bob")
    world.faults.add("status_401")
    postbox.refusal, postbox.refused = "452 mailbox full", {alice.email}
    round_with_mail()
    assert [letter["To"] for letter in postbox.letters] == [bob.email]
    postbox.refusal = None
    round_with_mail()
    assert [letter["To"] for letter in postbox.letters] == [bob.email, alice.email]


def test_a_mail_server_that_is_away_ends_no_round(
    app: Flask, make_app: AppMaker, alice: Owner, db_session: Session, world: World
) -> None:
    alice.connect_evotor()
    db_session.execute(update(CloudAccount).values(status=RECONNECT))
    with make_app(smtp_url="smtp://127.0.0.1:1").app_context():
        send_due_letters()
    assert db_session.scalars(select(CloudAccount.reported_status)).all() == [ONLINE]


def test_without_a_mail_server_nothing_is_saved_up(app: Flask, alice: Owner, db_session: Session) -> None:
    alice.connect_evotor()
    db_session.execute(update(CloudAccount).values(status=OFFLINE))
    with app.app_context():
        send_due_letters()
    assert db_session.scalars(select(CloudAccount.reported_status)).all() == [OFFLINE]


def test_two_workers_send_a_letter_once(
    mailing_app: Flask, alice: Owner, db_session: Session, postbox: Postbox
) -> None:
    alice.connect_evotor()
    db_session.execute(update(CloudAccount).values(status=RECONNECT, last_error="Причина"))
    with mailing_app.app_context():
        send_due_letters()
        send_due_letters()
    assert len(postbox.letters) == 1


@pytest.mark.parametrize(
    "url", ["mail.example.org", "http://mail.example.org", "smtp://", "smtp://host/path"]
)
def test_an_address_that_is_no_mail_server_stops_the_start(url: str) -> None:
    key = Fernet.generate_key().decode()
    with pytest.raises(ConfigError, match="SMTP_URL must look like"):
        Settings.from_env(
            {"SECRET_KEY": "a secret that nobody guesses: 9d2f", "TOKEN_KEYS": key, "SMTP_URL": url}
        )
