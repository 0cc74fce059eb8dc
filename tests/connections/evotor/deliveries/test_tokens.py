"""Tokens find their owners, whichever of the two comes first."""

from collections.abc import Callable
from threading import Thread

import pytest
from flask import Flask
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.connections.evotor import deliveries
from app.connections.evotor.account import connect_evotor
from app.connections.models import ONLINE, RECONNECT, CloudAccount, EvotorAccount
from app.data.db import db
from app.web.extensions import limiter
from sandbox.world import Merchant, World
from tests.checking_client import CheckingClient
from tests.connections.evotor.deliveries.conftest import Cloud, State
from tests.databases import on_both
from tests.owners import DEMO_TOKEN, PASSWORD, Owner
from tests.product import AppMaker

RunJobs = Callable[[], None]


def test_a_sign_in_before_the_token_connects_when_it_comes(
    cloud: Cloud, merchant: Merchant, alice: Owner, state_of: State, run_jobs: RunJobs
) -> None:
    assert cloud.verify(merchant, alice.email, PASSWORD).status_code == 200
    assert state_of(alice) is None
    assert cloud.token(merchant, DEMO_TOKEN).status_code == 200
    run_jobs()
    connection = state_of(alice)
    assert connection and connection.status == ONLINE and len(connection.profile["stores"]) == 3


@on_both
def test_a_token_before_the_sign_in_is_kept_for_it(
    cloud: Cloud, merchant: Merchant, alice: Owner, state_of: State, run_jobs: RunJobs, db_session: Session
) -> None:
    cloud.token(merchant, DEMO_TOKEN)
    account = db_session.scalars(select(EvotorAccount)).one()
    assert account.credentials and DEMO_TOKEN not in account.credentials
    cloud.verify(merchant, alice.email, PASSWORD)
    run_jobs()
    connection = state_of(alice)
    assert connection and connection.status == ONLINE
    db_session.expire_all()
    assert db_session.scalars(select(EvotorAccount.credentials)).one() is None


def test_the_answer_to_a_sign_in_is_the_same_each_time(
    cloud: Cloud, merchant: Merchant, alice: Owner, bob: Owner
) -> None:
    first = cloud.verify(merchant, alice.email.upper(), PASSWORD).get_json()
    assert first["userId"] == merchant.id and len(first["token"]) == 64
    assert cloud.verify(merchant, alice.email, PASSWORD).json == first
    assert cloud.verify(merchant, bob.email, PASSWORD).get_json()["token"] != first["token"]


@pytest.mark.parametrize(
    ("email", "password"), [("alice@example.org", "wrong"), ("nobody@example.org", PASSWORD)]
)
def test_a_wrong_password_is_told_in_evotors_words(
    cloud: Cloud, merchant: Merchant, alice: Owner, email: str, password: str
) -> None:
    answer = cloud.verify(merchant, email, password)
    assert (answer.status_code, answer.json) == (401, {"errors": [{"code": 1006}]})


def test_guessing_a_password_is_limited(
    make_app: AppMaker, merchant: Merchant, alice: Owner, bob: Owner
) -> None:
    client = make_app().test_client()
    limiter.enabled = True
    assert isinstance(client, CheckingClient)
    cloud = Cloud(client)
    spellings = (
        alice.email,
        alice.email.upper(),
        alice.email.replace(".", "。"),
        alice.email.replace("x", "ｘ"),
    )
    statuses = [cloud.verify(merchant, spellings[n % 4], "wrong").status_code for n in range(11)]
    assert statuses == [401] * 10 + [429], "the account is counted, however its address is spelt"
    assert cloud.verify(merchant, bob.email, PASSWORD).status_code == 200


def test_a_new_token_replaces_the_pasted_one_of_the_owner_who_proved_the_merchant_theirs(
    cloud: Cloud,
    merchant: Merchant,
    alice: Owner,
    state_of: State,
    world: World,
    run_jobs: RunJobs,
    app: Flask,
) -> None:
    alice.connect_evotor()
    cloud.verify(merchant, alice.email, PASSWORD)
    world.add_token(merchant, "newer-token")
    world.revoke(DEMO_TOKEN)
    cloud.token(merchant, "newer-token")
    run_jobs()
    after = state_of(alice)
    assert after and after.status == ONLINE
    with app.app_context():
        assert after.secret["token"] == "newer-token"


def test_whoever_once_pasted_the_old_token_is_asked_and_given_nothing(
    cloud: Cloud,
    merchant: Merchant,
    alice: Owner,
    bob: Owner,
    state_of: State,
    world: World,
    run_jobs: RunJobs,
    app: Flask,
) -> None:
    """Bob was dismissed: he knows the old token, and Alice is the owner."""
    for owner in (alice, bob):
        owner.connect_evotor()
    cloud.verify(merchant, alice.email, PASSWORD)
    world.add_token(merchant, "newer-token")
    world.revoke(DEMO_TOKEN)
    cloud.token(merchant, "newer-token")
    run_jobs()
    his, hers = state_of(bob), state_of(alice)
    assert hers and hers.status == ONLINE
    assert his and his.status == RECONNECT
    with app.app_context():
        assert his.secret["token"] == DEMO_TOKEN


def test_owners_who_disconnect_in_the_same_moment_keep_nothing_from_the_others(
    cloud: Cloud,
    merchant: Merchant,
    alice: Owner,
    bob: Owner,
    db_session: Session,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for owner in (alice, bob):
        owner.connect_evotor()
    asked = []

    def disconnect_all(connection: int) -> None:
        asked.append(connection)
        db_session.execute(delete(CloudAccount))

    monkeypatch.setattr(deliveries, "request_check", disconnect_all)
    assert cloud.token(merchant, "newer-token").status_code == 200
    assert len(asked) == 2


def test_a_token_that_nobody_has_proved_theirs_reaches_nobody_who_pasted_one(
    cloud: Cloud, merchant: Merchant, bob: Owner, state_of: State, world: World, app: Flask
) -> None:
    bob.connect_evotor()
    world.add_token(merchant, "newer-token")
    cloud.token(merchant, "newer-token")
    his = state_of(bob)
    with app.app_context():
        assert his and his.secret["token"] == DEMO_TOKEN


def test_an_uninstalled_connection_of_somebody_else_is_not_revived(
    cloud: Cloud,
    merchant: Merchant,
    alice: Owner,
    bob: Owner,
    state_of: State,
    run_jobs: RunJobs,
) -> None:
    for owner in (alice, bob):
        owner.connect_evotor()
    cloud.verify(merchant, alice.email, PASSWORD)
    cloud.event(merchant, "Uninstalled", minutes=1)
    cloud.token(merchant, DEMO_TOKEN)
    cloud.event(merchant, "Installed", minutes=2)
    run_jobs()
    his, hers = state_of(bob), state_of(alice)
    assert hers and hers.status == ONLINE
    assert his and his.status == RECONNECT


def test_a_delivery_never_replaces_another_merchant_chosen_by_hand(
    cloud: Cloud, merchant: Merchant, alice: Owner, state_of: State, world: World, app: Flask
) -> None:
    world.add_merchant("chosen-by-hand")
    cloud.verify(merchant, alice.email, PASSWORD)
    alice.connect_evotor("chosen-by-hand")
    before = state_of(alice)
    cloud.token(merchant, DEMO_TOKEN)
    cloud.verify(merchant, alice.email, PASSWORD)
    after = state_of(alice)
    assert before and after and after.external_user_id == before.external_user_id
    with app.app_context():
        assert after.secret["token"] == "chosen-by-hand"


def test_the_same_token_again_changes_nothing(
    cloud: Cloud, merchant: Merchant, alice: Owner, state_of: State
) -> None:
    alice.connect_evotor()
    before = state_of(alice)
    assert before
    credentials = before.credentials
    cloud.token(merchant, DEMO_TOKEN)
    after = state_of(alice)
    assert after and after.credentials == credentials


def test_a_token_of_one_merchant_never_reaches_the_owner_of_another(
    cloud: Cloud, merchant: Merchant, alice: Owner, bob: Owner, state_of: State, world: World, app: Flask
) -> None:
    world.add_merchant("token-of-bob")
    bob.connect_evotor("token-of-bob")
    alice.connect_evotor()
    cloud.token(merchant, "newer-token")
    connection = state_of(bob)
    with app.app_context():
        assert connection and connection.secret["token"] == "token-of-bob"


def test_a_token_for_nobody_waits_and_a_newer_one_takes_its_place(
    cloud: Cloud, merchant: Merchant, alice: Owner, state_of: State, run_jobs: RunJobs
) -> None:
    cloud.token(merchant, "of-the-past")
    cloud.token(merchant, DEMO_TOKEN)
    cloud.verify(merchant, alice.email, PASSWORD)
    run_jobs()
    connection = state_of(alice)
    assert connection and connection.status == ONLINE


def test_an_owner_who_disconnected_is_not_connected_again_by_a_delivery(
    cloud: Cloud, merchant: Merchant, alice: Owner, state_of: State, db_session: Session
) -> None:
    cloud.verify(merchant, alice.email, PASSWORD)
    cloud.token(merchant, DEMO_TOKEN)
    alice.disconnect("evotor")
    assert db_session.scalars(select(EvotorAccount.credentials)).all() == [None]
    cloud.token(merchant, DEMO_TOKEN)
    assert state_of(alice) is None


def test_a_token_that_does_not_work_is_said_to_need_the_owner(
    cloud: Cloud, merchant: Merchant, alice: Owner, state_of: State, run_jobs: RunJobs
) -> None:
    cloud.verify(merchant, alice.email, PASSWORD)
    cloud.token(merchant, "unknown-to-the-cloud")
    run_jobs()
    connection = state_of(alice)
    assert connection and connection.status == RECONNECT


@on_both
def test_a_token_that_comes_while_the_owner_connects_waits_for_the_owner(
    cloud: Cloud,
    merchant: Merchant,
    alice: Owner,
    state_of: State,
    app: Flask,
    world: World,
    run_jobs: RunJobs,
) -> None:
    cloud.verify(merchant, alice.email, PASSWORD)
    world.add_token(merchant, "delivered")
    answers: list[int] = []
    delivery = Thread(target=lambda: answers.append(cloud.token(merchant, "delivered").status_code))
    with app.app_context():
        connect_evotor(alice.id, DEMO_TOKEN)
        delivery.start()
        delivery.join(0.3)
        db.session.commit()
        delivery.join()
        connection = state_of(alice)
        assert connection is not None
        assert (answers, connection.secret["token"]) == ([200], DEMO_TOKEN)
    run_jobs()
    with app.app_context():
        connection = state_of(alice)
        assert connection is not None and connection.secret["token"] == "delivered"
