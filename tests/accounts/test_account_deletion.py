"""Deleting an account takes everything of it, and nothing of anybody else."""

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.accounts import routes
from app.accounts.models import User
from app.accounts.sessions import end_session
from app.mirror.refresh.run import run_refresh
from tests.belongings import belongings, fill_every_table
from tests.owners import PASSWORD, Owner

pytestmark = pytest.mark.databases("sqlite", "postgresql")


def test_every_row_of_the_owner_goes_and_the_other_owner_keeps_all(
    alice: Owner, bob: Owner, db_session: Session, run_jobs
) -> None:
    for owner in (alice, bob):
        fill_every_table(owner, db_session, run_jobs)
    hers, his = belongings(db_session, alice.id), belongings(db_session, bob.id)
    assert [table for table, rows in hers.items() if not rows] == [], "give Alice a row in these tables too"

    response = alice.client.post("/profile/delete", data={"password": PASSWORD})
    assert (response.status_code, response.location) == (303, "/login")
    assert not any(belongings(db_session, alice.id).values())
    assert belongings(db_session, bob.id) == his


def test_the_session_and_the_password_are_worth_nothing_afterwards(alice: Owner) -> None:
    alice.client.post("/profile/delete", data={"password": PASSWORD})
    assert alice.client.get("/profile").status_code == 303
    response = alice.client.post("/login", data={"email": alice.email, "password": PASSWORD})
    assert response.status_code == 422


def test_a_second_click_at_the_same_moment_is_answered_alike(
    alice: Owner, bob: Owner, db_session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def deleted_meanwhile() -> None:
        end_session()
        db_session.execute(delete(User).filter_by(id=alice.id))

    monkeypatch.setattr(routes, "end_session", deleted_meanwhile)
    response = alice.client.post("/profile/delete", data={"password": PASSWORD})
    assert (response.status_code, response.location) == (303, "/login")
    assert db_session.scalars(select(User.id)).all() == [bob.id]


def test_the_address_can_be_registered_again(alice: Owner) -> None:
    alice.client.post("/profile/delete", data={"password": PASSWORD})
    both = {"password": PASSWORD, "password_confirm": PASSWORD}
    assert alice.client.post("/register", data={"email": alice.email, **both}).status_code == 303


def test_nothing_goes_without_the_password(alice: Owner, db_session: Session) -> None:
    before = belongings(db_session, alice.id)
    response = alice.client.post("/profile/delete", data={"password": "не тот"})
    assert response.status_code == 422
    assert response.page.select("//*[@id='password-error']")
    assert alice.client.get("/profile/delete").status_code == 200
    assert belongings(db_session, alice.id) == before


def test_a_refresh_that_was_queued_brings_nothing_back(
    alice: Owner, db_session: Session, app, run_jobs
) -> None:
    alice.connect_evotor()
    alice.client.get("/catalog")
    (run_id,) = [row[0] for row in belongings(db_session, alice.id)["catalog_refreshes"]]
    alice.client.post("/profile/delete", data={"password": PASSWORD})
    run_jobs()
    with app.app_context():
        run_refresh(run_id)
    assert not any(belongings(db_session, alice.id).values())
