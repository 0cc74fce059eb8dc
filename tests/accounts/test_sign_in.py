"""Signing in and out."""

from contextlib import ExitStack

import pytest

from app.accounts import hashing
from tests.checking_client import CheckingClient
from tests.owners import PASSWORD, Owner

REFUSAL = "Адрес или пароль не подошли"


@pytest.mark.parametrize("email", ["alice@example.org", "ALICE@Example.ORG", "  alice@example.org "])
def test_the_address_may_be_typed_in_any_letter_case(
    alice: Owner, client: CheckingClient, email: str
) -> None:
    response = client.post("/login", data={"email": email, "password": PASSWORD})
    assert (response.status_code, response.location) == (303, "/catalog")
    assert client.get("/profile").status_code == 200


@pytest.mark.parametrize("domain", ["xn--80a1acny.xn--p1ai", "почта.рф", "ПОЧТА.РФ"])
def test_a_russian_domain_may_be_typed_in_either_spelling(client: CheckingClient, domain: str) -> None:
    both = {"password": PASSWORD, "password_confirm": PASSWORD}
    assert client.post("/register", data={"email": "vera@xn--80a1acny.xn--p1ai", **both}).status_code == 303
    client.post("/logout")
    response = client.post("/login", data={"email": f"vera@{domain}", "password": PASSWORD})
    assert response.status_code == 303


@pytest.mark.parametrize(
    ("email", "password"),
    [
        pytest.param("alice@example.org", "чужой-пароль", id="wrong-password"),
        pytest.param("alice@example.org", PASSWORD + " ", id="almost-the-password"),
        pytest.param("nobody@example.org", PASSWORD, id="unknown-address"),
        pytest.param("\0", PASSWORD, id="nul-for-an-address"),
        pytest.param("не адрес", PASSWORD, id="not-an-address"),
    ],
)
def test_a_wrong_pair_is_refused_without_telling_which_half_was_wrong(
    alice: Owner, client: CheckingClient, email: str, password: str
) -> None:
    response = client.post("/login", data={"email": email, "password": password})
    assert response.status_code == 422
    assert REFUSAL in response.page.text
    assert client.get("/profile").status_code == 303


@pytest.mark.parametrize("missing", ["email", "password"])
def test_an_empty_field_is_named(client: CheckingClient, missing: str) -> None:
    response = client.post("/login", data={"email": "a@example.org", "password": "чай", missing: ""})
    assert response.status_code == 422
    assert response.page.texts(f"//*[@id='{missing}-error']") == ["Заполните это поле."]


def test_only_so_many_passwords_are_looked_at_at_once(
    alice: Owner, client: CheckingClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each takes 32 MB: eight threads at once took more than all else of a process."""
    monkeypatch.setattr(hashing, "PATIENCE_SECONDS", 0.02)
    right = {"email": alice.email, "password": PASSWORD}
    with ExitStack() as others:
        for _ in range(hashing.AT_ONCE):
            others.enter_context(hashing._place())
        answer = client.post("/login", data=right)
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, str(hashing.RETRY_AFTER_SECONDS))
        assert hashing.TOO_MANY in answer.page.text
        vera = {"email": "vera@example.org", "password": PASSWORD, "password_confirm": PASSWORD}
        assert client.post("/register", data=vera).status_code == 429
        assert alice.client.get("/profile").status_code == 200
    assert client.post("/login", data=right).status_code == 303


def test_signing_out_ends_the_session(alice: Owner) -> None:
    response = alice.client.post("/logout")
    assert (response.status_code, response.location) == (303, "/login")
    assert alice.client.get("/profile").location == "/login?next=/profile"


def test_a_page_of_a_session_that_was_ended_elsewhere_says_why_it_has_gone(alice: Owner) -> None:
    with alice.client.session_transaction() as cookie:
        cookie["_user_id"] += "ended"
    assert alice.client.get("/profile").location == "/login?next=/profile&ended=1"


def test_a_link_cannot_sign_an_owner_out(alice: Owner) -> None:
    assert alice.client.get("/logout").status_code == 405
    assert alice.client.get("/profile").status_code == 200


def test_a_fragment_of_an_ended_session_leads_the_whole_page_to_the_sign_in(client: CheckingClient) -> None:
    there = {"HX-Current-URL": "http://localhost/catalog/changes?what=new"}
    response = client.htmx_get("/catalog", **there)
    assert (response.status_code, response.data) == (401, b"")
    assert response.headers["HX-Redirect"] == "/login?next=/catalog/changes?what%3Dnew&ended=1"
    elsewhere = client.htmx_get("/catalog", **{"HX-Current-URL": "http://elsewhere.example/catalog"})
    assert elsewhere.headers["HX-Redirect"] == "/login?ended=1"
    assert "вернётесь на ту же страницу" in client.get("/login?ended=1").page.text


@pytest.mark.parametrize("forged", ["1", "1:", ":", "0:000000000000", "x:y", "²:a"])
def test_a_session_that_was_not_given_out_opens_nothing(
    alice: Owner, client: CheckingClient, forged: str
) -> None:
    with client.session_transaction() as session:
        session["_user_id"] = forged
    assert client.get("/profile").status_code == 303
