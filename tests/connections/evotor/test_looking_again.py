"""The card tells how fresh its state is, and looks again while something is wrong."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.connections.models import OFFLINE, ONLINE, RECONNECT, CloudAccount
from app.data.types import now
from tests.owners import Owner

CARD = "/connections/evotor/card"
OVERDUE = "Автоматические проверки задерживаются"

Change = Callable[..., None]


@pytest.fixture
def change(alice: Owner, db_session: Session) -> Change:
    """Change Alice's connection in the database, as a worker does."""
    alice.connect_evotor()

    def change(**columns: object) -> None:
        db_session.execute(update(CloudAccount).values(**columns))

    return change


@pytest.mark.parametrize("status", [OFFLINE, RECONNECT])
def test_only_a_card_that_is_not_well_asks_again(alice: Owner, change: Change, status: str) -> None:
    change(status=status, last_error="Эвотор не отвечает")
    assert alice.client.get("/connections").page.select("//section/@hx-get") == [CARD]
    change(status=ONLINE, last_error=None)
    answer = alice.client.get(CARD, headers={"HX-Request": "true"})
    assert not answer.page.is_whole and "На связи" in answer.page.text
    assert answer.page.select("//section/@hx-get") == []


def test_asking_for_a_card_calls_no_cloud(alice: Owner, change: Change, world) -> None:
    calls = len(world.journal.entries())
    alice.client.get(CARD, headers={"HX-Request": "true"})
    assert len(world.journal.entries()) == calls


def test_without_htmx_the_address_of_a_card_is_the_page(alice: Owner, change: Change) -> None:
    assert alice.client.get(CARD).location == "/connections"


def test_what_was_disconnected_on_another_page_is_offered_anew(alice: Owner) -> None:
    page = alice.client.get(CARD, headers={"HX-Request": "true"}).page
    assert page.select("//section/@id") == ["connection-evotor"] and "Понадобится токен" in page.text
    assert alice.client.get("/connections/telegram/card").status_code == 404


def test_a_state_that_nobody_has_checked_for_long_says_so(alice: Owner, change: Change) -> None:
    assert OVERDUE not in alice.client.get("/connections").page.text
    change(last_checked_at=now() - timedelta(hours=2))
    page = alice.client.get("/connections").page
    assert OVERDUE in page.text and "проверено 2 часа назад" in page.text
    # The button asks the cloud itself, so it needs no worker.
    alice.check("evotor")
    assert OVERDUE not in alice.client.get("/connections").page.text


def test_what_is_not_checked_by_itself_is_never_late(alice: Owner, change: Change) -> None:
    change(last_checked_at=now() - timedelta(days=9), next_check_at=None)
    assert OVERDUE not in alice.client.get("/connections").page.text


def test_recovery_shows_on_a_page_left_open(alice_page: Page, change: Change) -> None:
    change(status=RECONNECT, is_online=False, last_error="Эвотор не принял токен")
    alice_page.clock.install()
    alice_page.goto("/connections")
    expect(alice_page.locator("#alerts .notice")).to_have_count(1)
    alice_page.locator("#check-evotor").focus()
    change(status=ONLINE, is_online=True, last_error=None)
    alice_page.clock.run_for(16_000)
    expect(alice_page.locator("#connection-evotor .state")).to_have_text("На связи")
    expect(alice_page.locator("#alerts .notice")).to_have_count(0)
    expect(alice_page.locator("#check-evotor")).to_be_focused()
    assert alice_page.locator("#connection-evotor").get_attribute("hx-get") is None
    change(status=OFFLINE)
    # Nothing asks any more.
    alice_page.clock.run_for(40_000)
    expect(alice_page.locator("#connection-evotor .state")).to_have_text("На связи")
