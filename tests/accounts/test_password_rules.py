"""Passwords that others would guess are refused in words; long ordinary ones are not."""

import pytest

from app.accounts.password_rules import weakness
from tests.checking_client import CheckingClient
from tests.owners import PASSWORD, Owner


@pytest.mark.parametrize(
    "password",
    [
        *("password", "Password1", "PASSWORD2026!", "qwertyuiop", "q1w2e3r4t5", "iloveyou", "1qaz2wsx"),
        *("12345678", "87654321", "11111111", "12121212", "abcdefgh", "hgfedcba", "абвгдежз", "20262026"),
        *(
            "йцукенгш",
            "пароль123",
            "Пароль2026",
            "привет12",
            "gfhjkm12",
            "ghbdtn2026",
            "зфыыцщкв",
            "любовь777",
        ),
        *("витрина2026", "эвотор123", "01011990", "   1234   "),
        *("alice@example.org", "Alice2026", "алиса-мария1"),
    ],
)
def test_easy_ones_are_refused(password: str) -> None:
    assert weakness(password, "alice@example.org", "Алиса-Мария")


@pytest.mark.parametrize(
    "password",
    [
        PASSWORD,
        "зелёный-чай-1",
        "correct horse battery",
        "пять чашек чая",
        "vT9#kkp2",
        "лавка у моря",
        "vitrina-demo",
    ],
)
def test_ordinary_ones_are_taken(password: str) -> None:
    assert weakness(password, "alice@example.org", "Алиса", None) is None


def test_it_is_said_beside_the_field_at_registration_and_at_a_change(
    alice: Owner, client: CheckingClient
) -> None:
    weak = {"password": "пароль123", "password_confirm": "пароль123"}
    for response in (
        client.post("/register", data={"email": "vera@example.org", **weak}),
        alice.client.post("/profile/password", data={"current_password": PASSWORD, **weak}),
    ):
        assert response.status_code == 422
        assert response.page.texts("//*[@id='password-error']")[0].startswith("Это один из самых частых")
