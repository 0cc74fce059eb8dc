"""A new password ends every session but the one in which it was set."""

from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.accounts import routes
from app.accounts.hashing import slow_hash
from app.accounts.models import User
from app.data.db import db
from tests.checking_client import CheckingClient
from tests.owners import PASSWORD, Owner

NEW = "пуэр-и-мёд-2026"
GOOD = {"current_password": PASSWORD, "password": NEW, "password_confirm": NEW}


def sign_in(client: CheckingClient, owner: Owner, password: str) -> int:
    return client.post("/login", data={"email": owner.email, "password": password}).status_code


def test_the_new_password_replaces_the_old_one(alice: Owner, client: CheckingClient) -> None:
    response = alice.client.post("/profile/password", data=GOOD)
    assert (response.status_code, response.location) == (303, "/profile")
    assert sign_in(client, alice, PASSWORD) == 422
    assert sign_in(client, alice, NEW) == 303


def test_the_other_sessions_end_and_this_one_goes_on(alice: Owner, client: CheckingClient) -> None:
    sign_in(client, alice, PASSWORD)
    assert client.get("/profile").status_code == 200
    alice.client.post("/profile/password", data=GOOD)
    assert client.get("/profile").status_code == 303
    assert alice.client.get("/profile").status_code == 200


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        pytest.param({"current_password": "не тот"}, "current_password", id="wrong-current"),
        pytest.param({"current_password": ""}, "current_password", id="no-current"),
        pytest.param({"password": "чай", "password_confirm": "чай"}, "password", id="short"),
        pytest.param({"password_confirm": "иное"}, "password_confirm", id="two-passwords"),
    ],
)
def test_a_refused_change_changes_nothing(
    alice: Owner, db_session: Session, changes: dict[str, str], field: str
) -> None:
    response = alice.client.post("/profile/password", data={**GOOD, **changes})
    assert response.status_code == 422
    assert response.page.select(f"//*[@id='{field}-error']")
    assert NEW not in response.text and PASSWORD not in response.text
    assert db_session.get_one(User, alice.id).has_password(PASSWORD)


@pytest.mark.parametrize(
    ("address", "last_step"),
    [
        ("/login", "begin_session"),
        ("/profile/password", "end_sessions"),
        ("/profile/sign-out-elsewhere", "end_sessions"),
    ],
)
def test_what_an_old_password_or_session_proved_a_moment_ago_opens_nothing_after_a_recovery(
    alice: Owner, client: CheckingClient, monkeypatch: pytest.MonkeyPatch, address: str, last_step: str
) -> None:
    if address != "/login":
        sign_in(client, alice, PASSWORD)
    step = getattr(routes, last_step)

    def recover(owner: User, **more: str) -> Any:
        recovered = {"password_hash": slow_hash(NEW), "session_generation": 7}
        with db.engine.begin() as another_request:
            another_request.execute(update(User).filter_by(id=owner.id).values(recovered))
        return step(owner, **more)

    monkeypatch.setattr(routes, last_step, recover)
    given = {**GOOD, "password": "шу-пуэр-1999", "password_confirm": "шу-пуэр-1999"}
    client.post(
        address,
        data=given if address == "/profile/password" else {"email": alice.email, "password": PASSWORD},
    )
    assert client.get("/profile").status_code == 303
    assert sign_in(client, alice, NEW) == 303
