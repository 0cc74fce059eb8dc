"""Deleting an account takes everything of it, and nothing of anybody else."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.accounts import leaving, routes
from app.accounts.leaving import finish_deletions
from app.accounts.models import User
from app.accounts.sessions import end_session
from app.accounts.signals import owner_has_left
from app.mirror.refresh.run import run_refresh
from tests.belongings import belongings, fill_every_table
from tests.databases import on_sqlite
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


@pytest.fixture
def in_portions(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[int], None]], None]:
    """Delete row by row, and call this after each, with its number."""

    def begin(after_each: Callable[[int], None]) -> None:
        numbers = iter(range(1, 10_000))
        monkeypatch.setattr(leaving, "ROWS", 1)
        monkeypatch.setattr(leaving, "HELD_SECONDS", 0)
        monkeypatch.setattr(leaving, "sleep", lambda _: after_each(next(numbers)))

    return begin


@on_sqlite
def test_others_save_between_the_portions(
    alice: Owner, bob: Owner, db_session: Session, run_jobs, in_portions
) -> None:
    fill_every_table(alice, db_session, run_jobs)
    db_session.commit()
    answers = []

    def save(number: int) -> int:
        fields = {"name": f"Боб {number}", "timezone": "Europe/Moscow"}
        return bob.client.post("/profile", data=fields).status_code

    def beside(number: int) -> None:
        if number % 100 == 1:
            # In a thread of its own: within the request it would have the session of that.
            with ThreadPoolExecutor() as another:
                answers.append(another.submit(save, number).result())

    in_portions(beside)
    assert alice.client.post("/profile/delete", data={"password": PASSWORD}).status_code == 303
    assert len(answers) > 3 and set(answers) == {303}


class Killed(Exception):
    """The process has died."""


@pytest.mark.parametrize("moment", [0, *(pytest.param(moment, marks=on_sqlite) for moment in (1, 40))])
def test_an_account_whose_deletion_was_cut_off_is_nobody_s_and_goes_in_the_end(
    alice: Owner, bob: Owner, db_session: Session, app: Flask, run_jobs, in_portions, moment: int
) -> None:
    for owner in (alice, bob):
        fill_every_table(owner, db_session, run_jobs)
    db_session.commit()
    his = belongings(db_session, bob.id)
    elsewhere = alice.app.test_client()
    elsewhere.post("/login", data={"email": alice.email, "password": PASSWORD})
    assert elsewhere.get("/profile").status_code == 200

    def die(number: int) -> None:
        if number == moment:
            raise Killed

    def before(_: object, *, user_id: int) -> None:
        die(0)

    in_portions(die)
    with pytest.raises(Killed), owner_has_left.connected_to(before):
        alice.client.post("/profile/delete", data={"password": PASSWORD})
    db_session.rollback()
    left = belongings(db_session, alice.id)
    assert any(left.values())
    # Nothing leads to it, and nothing begins anything for it.
    for name in ("connections", "sign_ins", "feeds", "publication_settings", "evotor_accounts"):
        assert not left[name]
    assert elsewhere.get("/profile").status_code == 303
    for password in (PASSWORD, ""):
        answer = alice.client.post("/login", data={"email": alice.email, "password": password})
        assert answer.status_code == 422
    both = {"password": PASSWORD, "password_confirm": PASSWORD}
    assert alice.client.post("/register", data={"email": alice.email, **both}).status_code == 303
    in_portions(lambda number: None)
    with app.app_context():
        finish_deletions()
    db_session.rollback()
    assert not any(belongings(db_session, alice.id).values())
    assert belongings(db_session, bob.id) == his


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
