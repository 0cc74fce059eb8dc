"""`flask rotate-token-keys` puts stored secrets under the newest key, and says what it could not read."""

import dataclasses

import pytest
from cryptography.fernet import Fernet
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.config import Settings
from app.connections import key_rotation
from app.connections.models import CloudAccount, EvotorAccount
from app.data import crypto
from tests.checking_client import CheckingClient
from tests.owners import DEMO_TOKEN, Owner
from tests.product import AppMaker

NEW_KEY = Fernet.generate_key().decode()


@pytest.fixture
def secrets(app: Flask, alice: Owner, bob: Owner, db_session: Session) -> None:
    """Two connections and a token that waits, under the key of `app`."""
    with app.app_context():
        for owner in (alice, bob):
            credentials = crypto.encrypt({"token": DEMO_TOKEN, "auth_scheme": "bearer"})
            db_session.add(CloudAccount(user_id=owner.id, provider="evotor", credentials=credentials))
        db_session.add(EvotorAccount(external_user_id="01-1", credentials=crypto.encrypt({"token": "waits"})))
        db_session.add(EvotorAccount(external_user_id="01-2"))
    db_session.flush()


@pytest.fixture
def app_with_both_keys(make_app: AppMaker, settings: Settings) -> Flask:
    """The application after a new key was put in front."""
    return make_app(token_keys=(NEW_KEY, *settings.token_keys))


def rotate(app: Flask) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["rotate-token-keys"])
    return result.exit_code, result.output


def stored(session: Session) -> list[str]:
    session.expire_all()
    rows = [
        *session.scalars(select(CloudAccount.credentials)),
        *session.scalars(select(EvotorAccount.credentials)),
    ]
    return [text for text in rows if text is not None]


def test_afterwards_the_new_key_alone_reads_everything(
    secrets: None, app_with_both_keys: Flask, make_app: AppMaker, db_session: Session
) -> None:
    code, output = rotate(app_with_both_keys)
    assert (code, output.splitlines()[0][:2]) == (0, "3 "), output
    with make_app(token_keys=(NEW_KEY,)).app_context():
        tokens = [crypto.decrypt(text)["token"] for text in stored(db_session)]
    assert tokens == [DEMO_TOKEN, DEMO_TOKEN, "waits"]


def test_a_second_run_has_nothing_to_do(
    secrets: None, app_with_both_keys: Flask, db_session: Session
) -> None:
    rotate(app_with_both_keys)
    before = stored(db_session)
    code, output = rotate(app_with_both_keys)
    assert code == 0 and output.startswith("0 secrets encrypted anew, 3 were")
    assert stored(db_session) == before


def test_an_interrupted_run_is_finished_by_the_next(
    secrets: None, app_with_both_keys: Flask, db_session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_rotation, "BATCH", 1)
    rotate_one, calls = crypto.rotated, 0

    def stop_at_the_second(text: str) -> str | None:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise KeyboardInterrupt
        return rotate_one(text)

    monkeypatch.setattr(crypto, "rotated", stop_at_the_second)
    with pytest.raises(KeyboardInterrupt), app_with_both_keys.app_context():
        key_rotation.rotate_secrets()
    monkeypatch.setattr(crypto, "rotated", rotate_one)
    code, output = rotate(app_with_both_keys)
    assert code == 0 and output.startswith("2 secrets encrypted anew, 1 were"), output


def test_what_no_key_reads_is_named_and_the_rest_is_done(
    secrets: None, app_with_both_keys: Flask, alice: Owner, db_session: Session
) -> None:
    lost = Fernet(Fernet.generate_key()).encrypt(b"{}").decode()
    connection_id = db_session.scalars(select(CloudAccount.id).filter_by(user_id=alice.id)).one()
    db_session.execute(update(CloudAccount).where(CloudAccount.id == connection_id).values(credentials=lost))
    code, output = rotate(app_with_both_keys)
    assert code == 1
    assert output.startswith("2 secrets encrypted anew")
    assert "not in TOKEN_KEYS" in output and f"connections {connection_id}" in output
    assert "Traceback" not in output and DEMO_TOKEN not in output


def test_a_secret_replaced_meanwhile_stays(
    secrets: None, app_with_both_keys: Flask, db_session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    rotate_one = crypto.rotated
    with app_with_both_keys.app_context():
        newer = crypto.encrypt({"token": "newer"})

    def overtaken(text: str) -> str | None:
        db_session.execute(update(CloudAccount).values(credentials=newer))
        return rotate_one(text)

    monkeypatch.setattr(crypto, "rotated", overtaken)
    row_key, text = db_session.execute(select(CloudAccount.id, CloudAccount.credentials)).first() or (0, "")
    with app_with_both_keys.app_context():
        key_rotation._rotate(
            key_rotation.Rotation(), CloudAccount.id, CloudAccount.credentials, row_key, text
        )
    assert set(stored(db_session)[:2]) == {newer}


def test_pages_live_on_under_a_key_that_reads_nothing(
    secrets: None, make_app: AppMaker, alice: Owner
) -> None:
    app = make_app(token_keys=(NEW_KEY,))
    client = app.test_client()
    with client.session_transaction() as cookie, alice.client.session_transaction() as known:
        cookie.update(known)
    for path in ("/connections", "/connections/evotor", "/connections/evotor/delete", "/catalog", "/sync"):
        assert client.get(path).status_code == 200
    assert isinstance(client, CheckingClient)
    answer = dataclasses.replace(alice, client=client, app=app).check("evotor")
    assert "не удалось расшифровать" in answer.text
