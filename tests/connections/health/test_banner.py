"""Every page says so while something needs the owner, and only then."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.connections.models import OFFLINE, RECONNECT, CloudAccount
from sandbox.world import World
from tests.owners import DEMO_TOKEN, Owner

PAGES = ("/connections", "/connections/evotor", "/catalog", "/sync", "/profile")
BANNER = "//div[@id='alerts']/*"


@pytest.fixture(autouse=True)
def connected(alice: Owner) -> None:
    alice.connect_evotor()


def break_connection(session: Session, status: str) -> None:
    session.execute(
        update(CloudAccount).values(status=status, last_error="Токен Эвотора больше не действует")
    )


@pytest.mark.parametrize("path", PAGES)
def test_every_page_shows_what_needs_the_owner(alice: Owner, db_session: Session, path: str) -> None:
    break_connection(db_session, RECONNECT)
    page = alice.client.get(path).page
    assert page.texts(BANNER) == [
        "Нет доступа к Эвотору. Токен Эвотора больше не действует. Вставить новый токен: Эвотор"
    ]
    assert page.select(f"{BANNER}//a/@href") == ["/connections/evotor"]


def test_what_will_pass_needs_no_banner(alice: Owner, db_session: Session) -> None:
    assert alice.client.get("/profile").page.texts(BANNER) == []
    break_connection(db_session, OFFLINE)
    assert alice.client.get("/profile").page.texts(BANNER) == []


def test_nobody_sees_the_trouble_of_another_owner(alice: Owner, bob: Owner, db_session: Session) -> None:
    break_connection(db_session, RECONNECT)
    assert bob.client.get("/profile").page.texts(BANNER) == []


def test_the_banner_costs_one_statement(
    alice: Owner, db_session: Session, count_statements: Callable[..., object]
) -> None:
    with count_statements() as statements:  # type: ignore[attr-defined]
        alice.client.get("/profile")
    assert sum("connections" in statement for statement in statements) == 1


def test_a_check_that_finds_it_mended_takes_the_banner_away(
    alice: Owner, db_session: Session, alice_page: Page, run_jobs: Callable[[], None]
) -> None:
    break_connection(db_session, RECONNECT)
    alice_page.goto("/connections")
    expect(alice_page.locator("#alerts .notice")).to_have_count(1)
    alice_page.click("#check-evotor")
    expect(alice_page.locator("#connection-evotor .state")).to_have_text("Проверяем…")
    run_jobs()
    expect(alice_page.locator("#connection-evotor .state")).to_have_text("На связи")
    # Nothing asks any more.
    assert alice_page.locator("#connection-evotor").get_attribute("hx-trigger") is None
    expect(alice_page.locator("#alerts .notice")).to_have_count(0)


def test_a_check_that_finds_it_broken_brings_the_banner(
    alice_page: Page, world: World, run_jobs: Callable[[], None]
) -> None:
    alice_page.goto("/connections")
    world.revoke(DEMO_TOKEN)
    alice_page.click("#check-evotor")
    expect(alice_page.locator("#connection-evotor .state")).to_have_text("Проверяем…")
    run_jobs()
    expect(alice_page.locator("#alerts .notice")).to_contain_text("Нет доступа к Эвотору")


def test_a_page_that_needs_no_database_shows_no_banner(alice: Owner, db_session: Session) -> None:
    break_connection(db_session, RECONNECT)
    assert alice.client.get("/nowhere").page.texts(BANNER) == []
    assert db_session.scalars(select(CloudAccount.status)).all() == [RECONNECT]
