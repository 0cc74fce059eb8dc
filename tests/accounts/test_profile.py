"""Личный кабинет: the name and the time zone."""

import pytest
from sqlalchemy.orm import Session

from app.accounts.models import User
from tests.owners import Owner


def user_of(owner: Owner, session: Session) -> User:
    user = session.get_one(User, owner.id)
    session.refresh(user)
    return user


def test_name_and_time_zone_are_kept(alice: Owner, db_session: Session) -> None:
    response = alice.client.post("/profile", data={"name": "  Али\0са ", "timezone": "Asia/Vladivostok"})
    assert (response.status_code, response.location) == (303, "/profile")
    user = user_of(alice, db_session)
    assert (user.name, user.timezone) == ("Алиса", "Asia/Vladivostok")
    page = alice.client.get("/profile").page
    assert page.select("//input[@name='name']/@value") == ["Алиса"]
    assert page.select("//*[@id='timezone']/option[@selected]/@value") == ["Asia/Vladivostok"]


def test_times_are_shown_in_the_zone_of_the_owner(alice: Owner, run_jobs, db_session: Session) -> None:
    alice.connect_evotor()
    alice.client.post("/catalog/refresh")
    run_jobs()

    def shown() -> str:
        return alice.client.get("/catalog").page.texts("//*[@id='updated']")[0]

    in_moscow = shown()
    alice.client.post("/profile", data={"timezone": "Asia/Kamchatka"})
    assert shown() != in_moscow


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        pytest.param({"timezone": "Mars/Olympus"}, "timezone", id="no-such-zone"),
        pytest.param({"timezone": "../../etc/passwd"}, "timezone", id="a-path"),
        pytest.param({"name": "я" * 101}, "name", id="long-name"),
    ],
)
def test_what_will_not_do_is_said_in_russian_beside_the_field(
    alice: Owner, db_session: Session, changes: dict[str, str], field: str
) -> None:
    response = alice.client.post("/profile", data={"name": "Алиса", "timezone": "Europe/Moscow", **changes})
    assert response.status_code == 422
    (said,) = response.page.texts(f"//*[@id='{field}-error']")
    assert any("а" <= letter <= "я" for letter in said) and not any("a" <= letter <= "z" for letter in said)
    assert user_of(alice, db_session).name == "Alice"


def test_an_old_page_keeps_what_was_changed_elsewhere_and_asks_where_both_have_changed(
    alice: Owner, db_session: Session
) -> None:
    (seen,) = alice.client.get("/profile").page.select("//input[@name='seen']/@value")
    old = {"name": "Alice", "timezone": "Europe/Moscow", "seen": seen}
    alice.client.post("/profile", data=old | {"timezone": "Asia/Omsk"})
    # Another field: nothing of it is lost.
    assert alice.client.post("/profile", data=old | {"name": "Алиса"}).status_code == 303
    user = user_of(alice, db_session)
    assert (user.name, user.timezone) == ("Алиса", "Asia/Omsk")
    # The same field: both are shown, what was typed stays, and sent again it holds.
    answer = alice.client.post("/profile", data=old | {"name": "Алла"})
    assert (answer.status_code, user_of(alice, db_session).name) == (409, "Алиса")
    assert "уже: «Алиса»" in answer.page.texts("//*[@id='name-error']")[0]
    assert answer.page.select("//*[@id='timezone']/option[@selected]/@value") == ["Asia/Omsk"]
    again = {
        box.get("name"): box.get("value")
        for box in answer.page.select("//input[@name='name' or @name='seen']")
    }
    assert again["name"] == "Алла"
    assert alice.client.post("/profile", data=again | {"timezone": "Asia/Omsk"}).status_code == 303
    assert user_of(alice, db_session).name == "Алла"
