"""The language of pages and letters: an owner's own, a visitor's as they have chosen, and Russian else."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.config import Settings
from app.connections.jobs import check_connections
from app.connections.models import CloudAccount
from app.mirror.models import CatalogRefresh
from app.mirror.refresh.run import refreshes
from app.work.runs.carrying_out import carry_out
from app.work.runs.row import INTERRUPTED
from app.work.runs.running import Running
from sandbox.world import World
from tests.checking_client import CheckingClient
from tests.owners import DEMO_TOKEN, Owner
from tests.postbox import Postbox
from tests.product import SharedApp

PASSWORD = "зелёный-чай-1"
VERA = {"email": "vera@example.org", "password": PASSWORD, "password_confirm": PASSWORD}
RunJobs = Callable[[], None]


@pytest.fixture
def mailing(app: Flask, settings: Settings, shared_app: SharedApp, postbox: Postbox) -> Flask:
    """The application with a mail server."""
    return shared_app.built(replace(settings, smtp_url=postbox.url, public_url="http://vitrina.example"))


def choose(client: CheckingClient, language: str, **fields: str) -> str | None:
    answer = client.post("/language", data={"language": language, **fields})
    assert answer.status_code == 303
    return answer.location


def heading(client: CheckingClient, address: str) -> str:
    return client.get(address).page.texts("//h1")[0]


def language_of(session: Session, email: str) -> str:
    return session.scalars(select(User.language).filter_by(email=email)).one()


def speaks_english(owner: Owner, session: Session) -> None:
    session.execute(update(User).filter_by(id=owner.id).values(language="en"))


def link_in(postbox: Postbox) -> str:
    (path,) = re.findall(r"http://vitrina\.example(/\S+)", postbox.letters[-1].get_content())
    return path


def test_an_owners_choice_changes_all_their_pages_at_once_and_nobody_elses(
    alice: Owner, bob: Owner, db_session: Session
) -> None:
    assert alice.client.post("/profile", data={"name": "Alice", "language": "en"}).status_code == 303
    page = alice.client.get("/profile").page
    assert page.select("/html/@lang") == ["en"]
    assert page.texts("//h1") == ["Account"] and page.texts("//*[@role='status']") == ["Saved."]
    assert page.select("//*[@id='language']/option[@selected]/@value") == ["en"]
    assert heading(alice.client, "/connections") == "Connections"
    assert heading(bob.client, "/connections") == "Подключения"
    assert (language_of(db_session, alice.email), language_of(db_session, bob.email)) == ("en", "ru")
    alice.client.post("/profile", data={"name": "Alice", "language": "ru"})
    assert alice.client.get("/profile").page.texts("//*[@role='status']") == ["Сохранено."]


@pytest.mark.parametrize("language", ["", "de", "en-GB", "../en", "EN"])
def test_a_choice_that_is_none_changes_nothing(
    alice: Owner, client: CheckingClient, db_session: Session, language: str
) -> None:
    answer = alice.client.post("/profile", data={"name": "Alice", "language": language})
    assert answer.status_code == 422 and language_of(db_session, alice.email) == "ru"
    choose(client, "en")
    choose(client, language)
    assert heading(client, "/login") == "Sign in"


def test_an_old_page_of_the_account_leaves_a_language_that_was_chosen_since(
    alice: Owner, db_session: Session
) -> None:
    (seen,) = alice.client.get("/profile").page.select("//input[@name='seen']/@value")
    old = {"name": "Alice", "timezone": "Europe/Moscow", "language": "ru", "seen": seen}
    alice.client.post("/profile", data={**old, "language": "en"})
    alice.client.post("/profile", data={**old, "name": "Алиса"})
    assert language_of(db_session, alice.email) == "en"


def test_nobody_is_spoken_to_by_what_their_browser_prefers(client: CheckingClient) -> None:
    page = client.get("/login", headers={"Accept-Language": "en-GB,en;q=0.9"}).page
    assert page.select("/html/@lang") == ["ru"] and page.texts("//h1") == ["Вход"]


def test_a_visitors_choice_lasts_through_signing_up_and_out(
    client: CheckingClient, db_session: Session
) -> None:
    (button,) = client.get("/register").page.select("//form[contains(@class, 'language')]//button")
    assert (button.text, button.get("value")) == ("English", "en")
    choose(client, "en")
    assert heading(client, "/register") == "Sign up"
    assert client.post("/register", data=VERA).status_code == 303
    assert language_of(db_session, VERA["email"]) == "en"
    page = client.get("/connections").page
    assert page.texts("//*[@role='status']")[0].startswith("Welcome!")
    assert not page.select("//form[contains(@class, 'language')]")
    client.post("/logout")
    assert heading(client, "/login") == "Sign in"


def test_an_owner_who_signs_in_is_spoken_to_as_they_chose(
    alice: Owner, client: CheckingClient, db_session: Session
) -> None:
    speaks_english(alice, db_session)
    assert heading(client, "/login") == "Вход"
    client.post("/login", data={"email": alice.email, "password": alice.password})
    assert heading(client, "/profile") == "Account"


@pytest.mark.parametrize("back", ["//evil.example", "https://evil.example/", "javascript:alert(1)", "\\\\x"])
def test_the_choice_of_a_language_never_leads_to_another_site(client: CheckingClient, back: str) -> None:
    assert choose(client, "en", back=back) == "/"


def test_the_choice_of_a_language_leads_back_to_the_page(client: CheckingClient) -> None:
    (back,) = client.get("/login?next=/sync").page.select("//input[@name='back']/@value")
    assert choose(client, "en", back=str(back)) == "/login?next=/sync"


def test_a_page_that_is_not_there_is_nothing_to_come_back_to(client: CheckingClient) -> None:
    page = client.get("/nowhere").page
    assert page.select("//form[contains(@class, 'language')]") and not page.select("//input[@name='back']")


def test_registering_by_letter_keeps_the_language_in_another_browser_too(
    mailing: Flask, run_jobs: RunJobs, postbox: Postbox, db_session: Session
) -> None:
    writer, reader = mailing.test_client(), mailing.test_client()
    assert isinstance(writer, CheckingClient) and isinstance(reader, CheckingClient)
    choose(writer, "en")
    writer.post("/register", data=VERA)
    run_jobs()
    letter = postbox.letters[-1]
    assert letter["Subject"] == "Vitrina: sign up" and letter.get_content().startswith("Hello!")
    link = link_in(postbox)
    assert heading(reader, link) == "Finish signing up"
    assert reader.post(link, data={"password": PASSWORD, "password_confirm": PASSWORD}).status_code == 303
    assert language_of(db_session, VERA["email"]) == "en"


def test_a_letter_is_in_the_language_of_its_owner_whoever_asks_for_it(
    mailing: Flask, alice: Owner, bob: Owner, run_jobs: RunJobs, postbox: Postbox, db_session: Session
) -> None:
    speaks_english(alice, db_session)
    visitor = mailing.test_client()
    assert isinstance(visitor, CheckingClient)
    for owner in (alice, bob):
        visitor.post("/password/forgot", data={"email": owner.email})
    run_jobs()
    assert {letter["To"]: letter["Subject"] for letter in postbox.letters} == {
        alice.email: "Vitrina: new password",
        bob.email: "Витрина: новый пароль",
    }


def test_a_letter_about_a_connection_is_in_the_language_of_its_owner(
    mailing: Flask, alice: Owner, world: World, run_jobs: RunJobs, postbox: Postbox, db_session: Session
) -> None:
    alice.connect_evotor()
    speaks_english(alice, db_session)
    world.revoke(DEMO_TOKEN)
    db_session.execute(update(CloudAccount).values(next_check_at=CloudAccount.last_checked_at))
    with mailing.app_context():
        check_connections()
    run_jobs()
    (letter,) = postbox.letters
    assert letter["Subject"] == "Evotor: reconnect"
    assert "The Evotor token no longer works" in letter.get_content()
    assert not re.search("[А-яЁё]", letter.get_content())
    # What is kept is said in whichever language its owner reads now.
    card = "//*[@id='connection-evotor']"
    assert "The Evotor token no longer works" in alice.client.get("/connections").page.texts(card)[0]
    db_session.execute(update(User).values(language="ru"))
    assert "Токен Эвотора больше не действует" in alice.client.get("/connections").page.texts(card)[0]


def test_why_a_refresh_failed_is_said_in_the_language_that_its_owner_reads_now(
    alice: Owner, world: World, run_jobs: RunJobs, db_session: Session
) -> None:
    alice.connect_evotor()
    world.revoke(DEMO_TOKEN)
    alice.client.post("/catalog/refresh")
    run_jobs()
    assert "Токен Эвотора больше не действует" in alice.client.get("/catalog").page.text
    speaks_english(alice, db_session)
    page = alice.client.get("/catalog").page.text
    assert "The Evotor token no longer works" in page and "Токен" not in page


def test_what_a_run_keeps_is_said_in_the_language_of_its_owner(
    app: Flask, alice: Owner, bob: Owner, db_session: Session
) -> None:
    speaks_english(alice, db_session)

    def fail(_running: Running[CatalogRefresh]) -> None:
        raise ZeroDivisionError

    for owner in (alice, bob):
        owner.connect_evotor()
        owner.client.post("/catalog/refresh")
        run_id = db_session.scalars(select(CatalogRefresh.id).filter_by(user_id=owner.id)).one()
        with app.app_context(), pytest.raises(ZeroDivisionError):
            carry_out(refreshes, run_id, fail, our_fault=INTERRUPTED)
    kept = dict(db_session.execute(select(CatalogRefresh.user_id, CatalogRefresh.error)).all())
    assert kept == {alice.id: "The background process stopped before it finished", bob.id: INTERRUPTED}


def test_pages_of_errors_come_in_the_language_of_the_session_while_the_database_is_away(
    cut_off: CheckingClient,
) -> None:
    with cut_off.session_transaction() as session:
        session["language"] = "en"
    answer = cut_off.get("/catalog")
    assert answer.status_code == 503 and "The database does not answer" in answer.page.text
    assert not re.search("[А-яЁё]", answer.page.text)
    assert heading(cut_off, "/no-such-page") == "There is no such page"
    stale = cut_off.post("/catalog/filter", headers={"HX-Request": "true"}, csrf=False)
    assert (stale.status_code, "This page is out of date" in stale.page.text) == (400, True)
