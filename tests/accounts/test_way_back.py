"""`next` leads back to the page that asked to sign in, and never to another site."""

import pytest

from tests.checking_client import CheckingClient
from tests.owners import PASSWORD, Owner

WITHIN = [
    (
        "/catalog/products?store_id=a&q=%D1%87",
        "/catalog/products?store_id=a&q=%D1%87",
    ),
    ("http://localhost/profile", "/profile"),
    ("/profile#top", "/profile"),
    ("///profile", "/profile"),
]
ELSEWHERE = [
    "https://evil.example/",
    "http://evil.example/catalog",
    "//evil.example/",
    "////evil.example/",
    "/\\evil.example",
    "\\\\evil.example",
    "\\/evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "\t//evil.example",
    "  //evil.example",
    "https:evil.example",
    "https:/evil.example",
    "https:///evil.example",
    "http://localhost@evil.example/",
    "http://localhost.evil.example/",
    "http://localhost:81/",
    "javascript:alert(1)",
    "data:text/html,x",
    "//[evil",
    "evil.example",
]


@pytest.mark.parametrize(("address", "arrived"), WITHIN)
def test_signing_in_leads_back_to_the_page_that_was_asked_for(
    alice: Owner, client: CheckingClient, address: str, arrived: str
) -> None:
    form = client.get("/login", query_string={"next": address})
    assert form.page.select("//input[@name='next']/@value") == [arrived]
    response = client.post("/login", data={"email": alice.email, "password": PASSWORD, "next": address})
    assert (response.status_code, response.location) == (303, arrived)


@pytest.mark.parametrize("address", ELSEWHERE)
def test_signing_in_never_leads_to_another_site(alice: Owner, client: CheckingClient, address: str) -> None:
    form = client.get("/login", query_string={"next": address})
    assert form.page.select("//input[@name='next']/@value") == [""]
    response = client.post("/login", data={"email": alice.email, "password": PASSWORD, "next": address})
    assert (response.status_code, response.location) == (303, "/catalog")
    again = client.get("/login", query_string={"next": address})
    assert (again.status_code, again.location) == (302, "/catalog")


def test_a_page_behind_the_sign_in_is_remembered_with_its_parameters(client: CheckingClient) -> None:
    asked = client.get("/catalog/groups?store_id=a")
    assert (asked.status_code, asked.location) == (303, "/login?next=/catalog/groups?store_id%3Da")
    form = client.get(asked.location)
    assert form.page.select("//input[@name='next']/@value") == ["/catalog/groups?store_id=a"]
