"""The token is encrypted at rest, is never shown again, and survives a change of keys."""

import logging
from dataclasses import replace

import pytest
from cryptography.fernet import Fernet
from sqlalchemy.orm import Session

from app.connections.models import EVOTOR
from app.connections.secret import NOT_DECRYPTED
from tests.belongings import belongings
from tests.connections.evotor.conftest import Stored
from tests.owners import DEMO_TOKEN, Owner

PAGES = ["/connections", "/connections/evotor", "/connections/evotor/delete", "/catalog", "/profile", "/sync"]


def test_the_database_holds_no_token_in_clear(alice: Owner, db_session: Session) -> None:
    alice.client.post("/connections/evotor", data={"token": DEMO_TOKEN})
    assert len(belongings(db_session, alice.id)["connections"]) == 1
    assert DEMO_TOKEN not in repr(belongings(db_session, alice.id))


@pytest.mark.parametrize("path", PAGES)
def test_no_page_shows_the_token_again(alice: Owner, path: str) -> None:
    alice.client.post("/connections/evotor", data={"token": DEMO_TOKEN})
    response = alice.client.get(path)
    assert response.status_code == 200
    assert DEMO_TOKEN not in response.text


def test_the_log_does_not_know_the_token(alice: Owner, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        alice.client.post("/connections/evotor", data={"token": DEMO_TOKEN})
        alice.check("evotor")
    assert caplog.records
    assert DEMO_TOKEN not in caplog.text


def test_an_old_key_still_opens_what_it_closed(alice: Owner, make_app, settings, stored: Stored) -> None:
    alice.connect_evotor()
    rotated = make_app(token_keys=(Fernet.generate_key().decode(), *settings.token_keys))
    client = rotated.test_client()
    client.post("/login", data={"email": alice.email, "password": alice.password})
    assert "На связи" in replace(alice, client=client, app=rotated).check("evotor").page.text


def test_a_lost_key_is_a_clear_state_and_not_a_crash(
    alice: Owner, make_app, db_session: Session, stored: Stored, run_jobs
) -> None:
    alice.connect_evotor()
    lost = make_app(token_keys=(Fernet.generate_key().decode(),))
    client = lost.test_client()
    client.post("/login", data={"email": alice.email, "password": alice.password})
    for path in PAGES:
        assert client.get(path).status_code == 200
    card = replace(alice, client=client, app=lost).check("evotor").page
    assert card.texts("//*[@data-state='reconnect']") == ["Переподключите"]
    assert NOT_DECRYPTED[EVOTOR] in card.text
    assert card.select("//a[@href='/connections/evotor']")
    assert client.post("/connections/evotor", data={"token": DEMO_TOKEN}).status_code == 303
    assert "На связи" in client.get("/connections").page.text
