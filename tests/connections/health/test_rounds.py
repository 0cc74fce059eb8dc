"""A round of checks tells passing faults from those that need the owner, and touches nobody else."""

from collections.abc import Callable
from datetime import timedelta
from itertools import islice

import pytest
from flask import Flask
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.connections import checks
from app.connections.jobs import check_connections
from app.connections.models import OFFLINE, ONLINE, RECONNECT, CloudAccount
from app.data.types import now
from sandbox.world import World
from tests.connections.health.conftest import State
from tests.owners import DEMO_TOKEN, Owner

Round = Callable[[], None]


@pytest.fixture(autouse=True)
def connected(alice: Owner) -> None:
    alice.connect_evotor()


def test_a_good_check_is_noted(alice: Owner, round_of_checks: Round, state_of: State) -> None:
    before = state_of(alice).last_checked_at
    round_of_checks()
    connection = state_of(alice)
    assert connection.is_online and connection.status == ONLINE and connection.last_error is None
    assert before and connection.last_checked_at and connection.last_checked_at > before


@pytest.mark.parametrize("fault", ["status_500", "html_body", "connection_reset"])
def test_one_failure_does_not_change_the_state_but_two_do(
    alice: Owner, round_of_checks: Round, state_of: State, world: World, fault: str
) -> None:
    world.faults.add(fault)
    round_of_checks()
    assert state_of(alice).status == ONLINE
    round_of_checks()
    connection = state_of(alice)
    assert connection.status == OFFLINE and not connection.is_online and connection.last_error


def test_failures_with_a_success_between_them_do_not_add_up(
    alice: Owner, round_of_checks: Round, state_of: State, world: World
) -> None:
    for _ in range(3):
        world.faults.add("status_500", times=1)
        round_of_checks()
        round_of_checks()
    assert state_of(alice).status == ONLINE


def test_an_answer_is_kept_up_to_a_megabyte_of_it_because_hundreds_come_at_once(
    alice: Owner, round_of_checks: Round, state_of: State, world: World
) -> None:
    world.faults.add("gigantic_body", resource="stores", megabytes=1)
    round_of_checks()
    assert state_of(alice).failures == 1


@pytest.mark.parametrize("fault", ["status_401", "status_403"])
def test_a_refused_token_needs_the_owner_at_once(
    alice: Owner, round_of_checks: Round, state_of: State, world: World, fault: str
) -> None:
    world.faults.add(fault)
    round_of_checks()
    assert state_of(alice).status == RECONNECT


def test_a_cloud_that_fails_does_not_unsay_that_the_owner_is_needed(
    alice: Owner, round_of_checks: Round, state_of: State, world: World
) -> None:
    world.revoke(DEMO_TOKEN)
    round_of_checks()
    sentence = state_of(alice).last_error
    world.faults.add("status_500")
    for _ in range(3):
        round_of_checks()
    assert (state_of(alice).status, state_of(alice).last_error) == (RECONNECT, sentence)


@pytest.mark.parametrize("fault", ["status_401", "status_503"])
def test_recovery_shows_by_itself(
    alice: Owner, round_of_checks: Round, state_of: State, world: World, fault: str
) -> None:
    world.faults.add(fault)
    round_of_checks()
    round_of_checks()
    assert state_of(alice).status != ONLINE
    world.faults.clear()
    round_of_checks()
    connection = state_of(alice)
    assert connection.is_online and connection.status == ONLINE and connection.last_error is None


def test_a_cloud_that_asks_for_patience_is_not_a_lost_connection(
    alice: Owner, round_of_checks: Round, state_of: State, world: World
) -> None:
    world.faults.add("status_429")
    for _ in range(3):
        round_of_checks()
    assert state_of(alice).status == ONLINE


def test_the_owners_own_check_is_believed_at_once(alice: Owner, state_of: State, world: World) -> None:
    world.faults.add("status_500")
    card = alice.check("evotor").page
    assert "Нет связи" in card.text
    assert state_of(alice).status == OFFLINE


def test_one_owners_trouble_is_nobody_elses(
    alice: Owner, bob: Owner, round_of_checks: Round, state_of: State, world: World
) -> None:
    merchant = world.add_merchant("token-of-bob")
    bob.connect_evotor("token-of-bob")
    world.faults.add("status_401", merchant=merchant.id)
    round_of_checks()
    assert (state_of(alice).status, state_of(bob).status) == (ONLINE, RECONNECT)


def test_what_was_checked_a_moment_ago_is_not_due(app: Flask, alice: Owner, world: World) -> None:
    with app.app_context():
        check_connections()
        world.journal.clear()
        check_connections()
    assert world.journal.entries() == []


def test_the_next_round_of_the_clock_finds_everybody_due(
    app: Flask, alice: Owner, state_of: State, db_session: Session
) -> None:
    with app.app_context():
        check_connections()
    due_at = state_of(alice).next_check_at
    assert due_at is not None
    assert due_at < now() + timedelta(seconds=600)


@pytest.mark.parametrize(
    ("seconds", "still_due"),
    # A connection whose next check was planned by a clock that is set back is checked once more.
    [(301, 1), (1200, 1), (-1200, 2)],
    ids=["half an interval later", "two intervals later", "after the clock was set back"],
)
def test_a_round_comes_to_its_end_however_long_it_lasts(
    app: Flask, bob: Owner, monkeypatch: pytest.MonkeyPatch, seconds: int, still_due: int
) -> None:
    bob.connect_evotor()
    monkeypatch.setattr(checks, "CLAIMED_AT_ONCE", 1)
    with app.app_context():
        due = checks.due_connections()
        assert next(due)
        # As while a cloud does not answer: the next one is asked for when others have ended.
        monkeypatch.setattr(checks, "now", lambda: now() + timedelta(seconds=seconds))
        assert len(list(islice(due, 10))) == still_due


def test_an_answer_about_a_token_of_the_past_is_dropped(
    app: Flask, alice: Owner, round_of_checks: Round, state_of: State, world: World, db_session: Session
) -> None:
    world.revoke(DEMO_TOKEN)
    world.add_merchant("new-token")

    def replace_token() -> None:
        db_session.execute(update(CloudAccount).values(credentials=credentials_of_new_token))

    alice_connection = state_of(alice)
    with app.app_context():
        alice_connection.secret = {"token": "new-token", "auth_scheme": "bearer"}
        credentials_of_new_token = alice_connection.credentials
        db_session.expire_all()
    world.faults.add("slow", seconds=0.0)
    # The cloud is asked with the old token; before its answer is noted the owner connects with a new one.
    from app.connections.evotor import account

    ask = account.EvotorClient.stores

    def ask_and_be_overtaken(client: account.EvotorClient) -> object:
        try:
            return ask(client)
        finally:
            replace_token()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(account.EvotorClient, "stores", ask_and_be_overtaken)
        round_of_checks()
    assert state_of(alice).status == ONLINE


def test_a_connection_that_is_forgotten_meanwhile_ends_no_round(
    app: Flask, alice: Owner, bob: Owner, round_of_checks: Round, state_of: State, world: World
) -> None:
    merchant = world.add_merchant("token-of-bob")
    bob.connect_evotor("token-of-bob")
    world.faults.add("slow", seconds=0.5, merchant=merchant.id)
    before = state_of(alice).last_checked_at
    bob.disconnect("evotor")
    round_of_checks()
    after = state_of(alice).last_checked_at
    assert before and after and after > before


def test_a_secret_under_an_unknown_key_needs_the_owner_and_crashes_nothing(
    alice: Owner, round_of_checks: Round, state_of: State, db_session: Session
) -> None:
    db_session.execute(update(CloudAccount).values(credentials="gAAAAA-of-another-key"))
    round_of_checks()
    connection = state_of(alice)
    assert connection.status == RECONNECT and "расшифровать" in (connection.last_error or "")
    for path in ("/connections", "/catalog", "/sync"):
        assert alice.client.get(path).status_code == 200
    assert alice.check("evotor").status_code == 200
