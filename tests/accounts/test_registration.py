"""Registering, and what is said beside a field that will not do."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts import hashing
from app.accounts.models import User
from tests.checking_client import CheckedResponse, CheckingClient
from tests.databases import on_both
from tests.owners import Owner

# Read before the first application of the tests makes it cheap.
AS_IN_USE = hashing.METHOD
GOOD = {
    "email": "Vera@Example.org",
    "password": "зелёный-чай-1",
    "password_confirm": "зелёный-чай-1",
    "name": "Вера",
}


def error_beside(response: CheckedResponse, field: str) -> str:
    """The text that a screen reader says with the field."""
    (described_by,) = response.page.select(f"//input[@name='{field}']/@aria-describedby")
    return " ".join(response.page.texts(f"//*[@id='{described_by.split()[0]}']"))


@on_both
def test_a_new_owner_is_signed_in_and_led_to_the_connections(
    client: CheckingClient, db_session: Session
) -> None:
    response = client.post("/register", data=GOOD)
    assert (response.status_code, response.location) == (303, "/connections")
    assert client.get("/connections").status_code == 200
    user = db_session.scalars(select(User)).one()
    assert (user.email, user.name, user.timezone) == ("vera@example.org", "Вера", "Europe/Moscow")


def test_the_password_is_kept_only_as_a_slow_hash(
    client: CheckingClient, db_session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hashing, "METHOD", AS_IN_USE)
    client.post("/register", data=GOOD)
    password_hash = db_session.scalars(select(User.password_hash)).one()
    assert password_hash.startswith("scrypt:32768:8:1$")
    assert GOOD["password"] not in password_hash


def test_the_name_may_be_left_out(client: CheckingClient, db_session: Session) -> None:
    without_name = {key: value for key, value in GOOD.items() if key != "name"}
    assert client.post("/register", data=without_name).status_code == 303
    assert db_session.scalars(select(User.name)).one() is None


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        pytest.param({"email": ""}, "email", "Заполните", id="no-email"),
        pytest.param({"email": "vera"}, "email", "Проверьте адрес", id="not-an-address"),
        pytest.param({"email": "=?utf-8?q?a?=@x.ru"}, "email", "Проверьте адрес", id="an-encoded-word"),
        pytest.param({"email": "v" * 260 + "@example.org"}, "email", "длиннее 254", id="endless-email"),
        pytest.param({"password": "", "password_confirm": ""}, "password", "Заполните", id="no-password"),
        pytest.param({"password": "чай", "password_confirm": "чай"}, "password", "не короче 8", id="short"),
        pytest.param(
            {"password": "ч" * 200, "password_confirm": "ч" * 200}, "password", "не длиннее 128", id="long"
        ),
        pytest.param({"password_confirm": "иное"}, "password_confirm", "не совпадают", id="two-passwords"),
        pytest.param({"name": "я" * 101}, "name", "100", id="long-name"),
        pytest.param({"name": "http://evil.example"}, "name", "ссылкой", id="link-for-a-name"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field(
    client: CheckingClient, db_session: Session, changes: dict[str, str], field: str, words: str
) -> None:
    response = client.post("/register", data={**GOOD, **changes})
    assert response.status_code == 422
    assert words in error_beside(response, field)
    assert db_session.scalar(select(User.id)) is None


def test_characters_that_nobody_types_are_dropped(client: CheckingClient, db_session: Session) -> None:
    strange = {"email": "ve\0ra@example.org\n", "name": "Ве\0ра\x1b"}
    assert client.post("/register", data={**GOOD, **strange}).status_code == 303
    user = db_session.scalars(select(User)).one()
    assert (user.email, user.name) == ("vera@example.org", "Вера")


def test_what_was_typed_stays_except_the_passwords(client: CheckingClient) -> None:
    response = client.post("/register", data={**GOOD, "password_confirm": "иное"})
    assert response.page.select("//input[@name='email']/@value") == ["Vera@Example.org"]
    assert response.page.select("//input[@name='name']/@value") == ["Вера"]
    assert GOOD["password"] not in response.text


@pytest.mark.parametrize("email", ["alice@example.org", "ALICE@example.ORG", " Alice@Example.org "])
def test_an_address_is_registered_once_in_any_letter_case(
    alice: Owner, client: CheckingClient, email: str
) -> None:
    response = client.post("/register", data={**GOOD, "email": email})
    assert response.status_code == 422
    assert "уже зарегистрирован" in error_beside(response, "email")


def test_whoever_is_signed_in_has_no_need_to_register(alice: Owner) -> None:
    response = alice.client.get("/register")
    assert (response.status_code, response.location) == (302, "/catalog")
