"""An uninstallation marks the connection, in whatever order the events come."""

from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.connections.models import ONLINE, RECONNECT, EvotorAccount
from sandbox.world import Merchant, World
from tests.connections.evotor.deliveries.conftest import Cloud, State
from tests.databases import on_both
from tests.owners import DEMO_TOKEN, Owner

RunJobs = Callable[[], None]


def status_of(state_of: State, owner: Owner) -> str | None:
    connection = state_of(owner)
    return connection.status if connection else None


@on_both
def test_an_uninstallation_needs_the_owner_and_says_why(
    cloud: Cloud, merchant: Merchant, alice: Owner, bob: Owner, state_of: State, world: World
) -> None:
    world.add_merchant("token-of-bob")
    bob.connect_evotor("token-of-bob")
    alice.connect_evotor()
    for _ in range(2):
        assert cloud.event(merchant, "Uninstalled", id="the-same").status_code == 200
    connection = state_of(alice)
    assert connection and connection.status == RECONNECT and not connection.is_online
    assert "Приложение удалено в Эвоторе" in alice.client.get("/catalog").page.text
    assert status_of(state_of, bob) == ONLINE


def test_events_may_come_in_any_order(
    cloud: Cloud, merchant: Merchant, alice: Owner, state_of: State
) -> None:
    alice.connect_evotor()
    cloud.event(merchant, "Installed", minutes=10)
    cloud.event(merchant, "Uninstalled", minutes=5)
    assert status_of(state_of, alice) == ONLINE
    cloud.event(merchant, "Uninstalled", minutes=20)
    cloud.event(merchant, "Installed", minutes=15)
    assert status_of(state_of, alice) == RECONNECT


@on_both
def test_an_event_that_comes_again_after_the_owner_has_acted_undoes_nothing(
    cloud: Cloud, merchant: Merchant, alice: Owner, state_of: State
) -> None:
    alice.connect_evotor()
    cloud.event(merchant, "Uninstalled", id="the-same")
    alice.connect_evotor()
    cloud.event(merchant, "Uninstalled", id="the-same")
    assert status_of(state_of, alice) == ONLINE


@on_both
def test_a_new_installation_is_tried_by_itself(
    cloud: Cloud, merchant: Merchant, alice: Owner, state_of: State, run_jobs: RunJobs
) -> None:
    alice.connect_evotor()
    cloud.event(merchant, "Uninstalled", minutes=1)
    run_jobs()
    assert status_of(state_of, alice) == RECONNECT
    cloud.event(merchant, "Installed", minutes=2)
    run_jobs()
    assert status_of(state_of, alice) == ONLINE


def test_an_old_uninstallation_after_a_newer_token_is_put_right(
    cloud: Cloud, merchant: Merchant, alice: Owner, state_of: State, run_jobs: RunJobs
) -> None:
    alice.connect_evotor()
    cloud.token(merchant, DEMO_TOKEN)
    cloud.event(merchant, "Uninstalled", minutes=-100_000)
    run_jobs()
    assert status_of(state_of, alice) == ONLINE


@on_both
def test_an_uninstallation_forgets_a_token_that_still_waits(
    cloud: Cloud, merchant: Merchant, db_session: Session
) -> None:
    cloud.token(merchant, DEMO_TOKEN)
    cloud.event(merchant, "Uninstalled")
    assert db_session.scalars(select(EvotorAccount.credentials)).all() == [None]
