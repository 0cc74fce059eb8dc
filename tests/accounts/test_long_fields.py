"""Lengths first: the longest text that a body may carry costs no field more than a short one does."""

import time
from urllib.parse import quote

import pytest

from app.web.bodies import MAX_BODY_BYTES
from tests.checking_client import CheckedResponse, CheckingClient
from tests.owners import PASSWORD, Owner

# Normalising each of these takes the square of the length, or hashes all of it.
TEXTS = {
    "combining marks": "a\u0344\u0323",
    "letters outside ASCII": "ё",
    "labels of a name": "ａ。",
    "control characters": "\x01",
}
FORMS = {
    "/login": {"email": "vera@example.org", "password": PASSWORD, "next": "/catalog"},
    "/register": {
        "email": "vera@example.org",
        "password": PASSWORD,
        "password_confirm": PASSWORD,
        "name": "Вера",
    },
    "/password/forgot": {"email": "vera@example.org"},
}
OWN_FORMS = {
    "/profile": {"name": "Вера", "timezone": "Europe/Moscow"},
    "/profile/password": {"current_password": PASSWORD, "password": "x", "password_confirm": "x"},
    "/profile/delete": {"password": "x"},
    "/connections/evotor": {"token": " "},
    "/connections/vk/community": {"community_id": "1"},
}
SECONDS = 2.0


def send(client: CheckingClient, path: str, fields: dict[str, str]) -> tuple[CheckedResponse, float]:
    """Send a form as raw bytes, which hold three times what percent signs would."""
    whole = {**fields, "csrf_token": client.csrf_token()}
    body = "&".join(f"{name}={value if len(value) > 500 else quote(value)}" for name, value in whole.items())
    data = body.encode()
    assert len(data) < MAX_BODY_BYTES
    started = time.process_time()
    answer = client.post(path, csrf=False, data=data, content_type="application/x-www-form-urlencoded")
    return answer, time.process_time() - started


def longest(text: str) -> str:
    """As much of `text` as fits into one body beside the other fields."""
    return text * ((MAX_BODY_BYTES - 4096) // len(text.encode()))


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("path", FORMS)
def test_a_stranger_cannot_make_a_field_work_hard(client: CheckingClient, path: str, text: str) -> None:
    for field in FORMS[path]:
        for value in (longest(text), longest(text)[:-20] + "@example.org"):
            answer, seconds = send(client, path, {**FORMS[path], field: value})
            assert answer.status_code < 500 and seconds < SECONDS, (path, field, seconds)


@pytest.mark.parametrize("path", OWN_FORMS)
def test_an_owner_cannot_make_a_field_work_hard(alice: Owner, path: str) -> None:
    for field in OWN_FORMS[path]:
        for text in TEXTS.values():
            answer, seconds = send(alice.client, path, {**OWN_FORMS[path], field: longest(text)})
            assert answer.status_code < 500 and seconds < SECONDS, (path, field, seconds)


def test_the_longest_that_is_taken_is_still_taken(client: CheckingClient, alice: Owner) -> None:
    password = "ё1-" * 42 + "яю"
    both = {"password": password, "password_confirm": password}
    email = f"{'v' * 60}@{'.'.join(['x' * 60] * 3)}.ru"
    assert len(password) == 128 and len(email) <= 254
    assert client.post("/register", data={"email": email, **both, "name": "я" * 100}).status_code == 303
    client.post("/logout")
    assert client.post("/login", data={"email": email, "password": password}).status_code == 303
