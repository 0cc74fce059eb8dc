"""Tokens that come late, twice or in another order take nothing away from the one that works."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app.connections.evotor.merchants import UNTRIED_KEPT
from app.connections.models import ONLINE, RECONNECT, EvotorAccount
from sandbox.world import Merchant, World
from tests.connections.evotor.deliveries.conftest import Cloud, State
from tests.databases import on_both
from tests.owners import DEMO_TOKEN, PASSWORD, Owner

RunJobs = Callable[[], None]
# What the connection is like: its state, and its token with those that were not tried yet.
Kept = Callable[[], tuple[str, str, list[str]]]

pytestmark = pytest.mark.usefixtures("proved")


@pytest.fixture
def proved(cloud: Cloud, merchant: Merchant, alice: Owner) -> None:
    """Alice has proved that the merchant is hers."""
    cloud.verify(merchant, alice.email, PASSWORD)


@pytest.fixture
def kept(alice: Owner, state_of: State, app: Flask) -> Kept:
    """What Alice's connection has."""

    def read() -> tuple[str, str, list[str]]:
        connection = state_of(alice)
        assert connection is not None
        with app.app_context():
            secret = connection.secret
        return connection.status, secret["token"], secret.get("delivered", [])

    return read


@on_both
def test_a_dead_token_that_comes_late_takes_the_place_of_none_that_works(
    cloud: Cloud, merchant: Merchant, kept: Kept, run_jobs: RunJobs
) -> None:
    cloud.token(merchant, DEMO_TOKEN)
    run_jobs()
    cloud.token(merchant, "older-token")
    assert kept() == (ONLINE, DEMO_TOKEN, ["older-token"])
    run_jobs()
    assert kept() == (ONLINE, DEMO_TOKEN, [])


def test_a_dead_token_takes_the_place_of_none_that_was_not_tried_yet(
    cloud: Cloud, merchant: Merchant, kept: Kept, run_jobs: RunJobs
) -> None:
    for token in ("oldest-token", DEMO_TOKEN, "older-token", "older-token"):
        cloud.token(merchant, token)
    run_jobs()
    assert kept() == (ONLINE, DEMO_TOKEN, [])


def test_a_token_that_comes_late_takes_the_place_of_none_that_follows_an_uninstallation(
    cloud: Cloud, merchant: Merchant, kept: Kept, world: World, run_jobs: RunJobs
) -> None:
    cloud.token(merchant, DEMO_TOKEN)
    run_jobs()
    world.revoke(DEMO_TOKEN)
    cloud.event(merchant, "Uninstalled")
    world.add_token(merchant, "newer-token")
    for token in ("newer-token", DEMO_TOKEN, "older-token"):
        cloud.token(merchant, token)
    run_jobs()
    assert kept() == (ONLINE, "newer-token", [])


def test_a_token_of_which_the_cloud_says_nothing_is_tried_again(
    cloud: Cloud, merchant: Merchant, kept: Kept, world: World, run_jobs: RunJobs
) -> None:
    cloud.token(merchant, DEMO_TOKEN)
    run_jobs()
    world.add_token(merchant, "newer-token")
    world.faults.add("status_503", times=1)
    cloud.token(merchant, "newer-token")
    run_jobs()
    assert kept() == (ONLINE, DEMO_TOKEN, ["newer-token"])
    cloud.token(merchant, "newer-token")
    run_jobs()
    assert kept() == (ONLINE, "newer-token", [])


@pytest.mark.parametrize(
    ("good", "after"),
    [
        ((), (RECONNECT, "newer-token", [])),
        (("newer-token",), (ONLINE, "newer-token", [])),
        ((DEMO_TOKEN,), (ONLINE, DEMO_TOKEN, [])),
        ((DEMO_TOKEN, "newer-token"), (ONLINE, DEMO_TOKEN, ["newer-token"])),
    ],
    ids=["none", "the delivered one", "the former one", "both"],
)
def test_while_the_cloud_takes_none_those_are_kept_that_it_does_not_refuse(
    cloud: Cloud,
    merchant: Merchant,
    kept: Kept,
    world: World,
    run_jobs: RunJobs,
    good: tuple[str, ...],
    after: tuple[str, str, list[str]],
) -> None:
    cloud.token(merchant, DEMO_TOKEN)
    run_jobs()
    world.add_token(merchant, "newer-token")
    for token in {DEMO_TOKEN, "newer-token"}.difference(good):
        world.revoke(token)
    if good:
        world.faults.add("status_503", times=len(good))
    cloud.token(merchant, "newer-token")
    run_jobs()
    assert kept() == after


def test_of_tokens_that_are_not_tried_few_are_kept(cloud: Cloud, merchant: Merchant, kept: Kept) -> None:
    for number in range(UNTRIED_KEPT + 3):
        cloud.token(merchant, f"token-{number}")
    assert kept()[1:] == ("token-0", [f"token-{number}" for number in range(3, UNTRIED_KEPT + 3)])


def test_tokens_that_wait_for_their_owner_wait_together(
    cloud: Cloud,
    world: World,
    bob: Owner,
    state_of: State,
    db_session: Session,
    app: Flask,
    run_jobs: RunJobs,
) -> None:
    merchant = world.add_merchant("bobs-token")
    for token in ("bobs-token", "older-token", "older-token"):
        cloud.token(merchant, token)
    account = db_session.get_one(EvotorAccount, merchant.id)
    assert account.credentials and "bobs-token" not in account.credentials
    cloud.verify(merchant, bob.email, PASSWORD)
    run_jobs()
    connection = state_of(bob)
    assert connection and connection.status == ONLINE
    with app.app_context():
        assert connection.secret["token"] == "bobs-token"
