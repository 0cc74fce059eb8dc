"""What every answer carries, what every POST needs, and what a broken request shows."""

import pytest
from flask import Flask

from app.data.db import db
from tests.checking_client import CheckingClient
from tests.owners import Owner

ADDRESSES = [
    *("/login", "/register", "/connections", "/connections/evotor", "/catalog", "/sync", "/profile"),
    *("/profile/delete", "/no-such-page", "/catalog/products", "/static/css/layout.css", "/healthz"),
]


# Authorised by a secret of their own instead of a cookie: see tests/connections/evotor/deliveries.
DELIVERIES = {
    "/api/v1/user/token",
    "/api/v1/user/verify",
    "/installation/event",
    "/inventories/stores/1/products",
}


def posts(app: Flask) -> list[str]:
    """Every address of a page's form that takes a POST, with some value for each of its parts."""
    parts = {
        "provider": "evotor",
        "refresh_id": 1,
        "change_id": 1,
        "run_id": 1,
        "store_id": 1,
        "token": "t",
        "placed_id": 1,
        "archive_id": 1,
        "picture_id": 1,
        "key": "k",
    }
    with app.test_request_context():
        addresses = {
            rule.build({name: parts[name] for name in rule.arguments})[1]  # type: ignore[index]
            for rule in app.url_map.iter_rules()
            if "POST" in (rule.methods or ())
        }
    assert addresses >= DELIVERIES
    return sorted(addresses - DELIVERIES)


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_answer_carries_the_security_headers(
    alice: Owner, client: CheckingClient, address: str
) -> None:
    for visitor in (alice.client, client):
        with visitor.get(address) as response:
            headers = response.headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy and "nonce" not in policy and "*" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "camera=()" in headers["Permissions-Policy"] and "*" not in headers["Permissions-Policy"]
        assert "Strict-Transport-Security" not in headers
        if not address.startswith("/static"):
            assert headers["Cache-Control"] == "private, no-store"


def test_the_session_cookie_is_kept_from_scripts_and_other_sites(client: CheckingClient) -> None:
    cookie = client.get("/login").headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Secure" not in cookie


def test_behind_tls_the_cookie_is_secure_and_the_browser_stays_on_tls(make_app, app: Flask) -> None:
    answer = make_app(public_url="https://vitrina.example").test_client().get("/login")
    assert "Secure" in answer.headers["Set-Cookie"]
    assert "max-age=" in answer.headers["Strict-Transport-Security"]


def test_every_post_without_a_csrf_token_is_refused_with_a_page(app: Flask, alice: Owner) -> None:
    addresses = posts(app)
    assert len(addresses) >= 10
    for address in addresses:
        response = alice.client.post(address, csrf=False)
        assert response.status_code == 400, address
        assert "Страница устарела" in response.page.text, address


@pytest.mark.parametrize("token", ["", "forged", "IjEi.aaaa.bbbb"])
def test_a_forged_csrf_token_is_refused(alice: Owner, token: str) -> None:
    response = alice.client.post("/logout", csrf=False, data={"csrf_token": token})
    assert response.status_code == 400
    assert alice.client.get("/profile").status_code == 200


def test_a_csrf_token_of_somebody_else_is_refused(alice: Owner, bob: Owner) -> None:
    response = alice.client.post("/logout", csrf=False, data={"csrf_token": bob.client.csrf_token()})
    assert response.status_code == 400


def test_htmx_sends_the_token_as_a_header(alice: Owner) -> None:
    assert alice.client.htmx_post("/logout").headers["HX-Redirect"] == "/login"


def test_a_body_without_end_is_refused(alice: Owner) -> None:
    response = alice.client.post("/profile", csrf=False, data={"name": "я" * 1024 * 1024})
    assert response.status_code == 413
    assert "Слишком много данных" in response.page.text


def test_a_wrong_method_is_a_plain_page(alice: Owner) -> None:
    response = alice.client.get("/catalog/refresh")
    assert response.status_code == 405 and "кнопкой на странице" in response.page.text


def test_an_error_page_keeps_the_navigation_and_leads_back_or_tries_again(alice: Owner) -> None:
    page = alice.client.get("/nowhere", headers={"Referer": "http://localhost/catalog?q=a"}).page
    assert page.select("//nav[@class='site-nav']//a/@href")
    assert page.select("//main//a/@href") == ["/catalog?q=a", "/"]
    page = alice.client.get("/nowhere", headers={"Referer": "http://elsewhere.example/"}).page
    assert page.select("//main//a/@href") == ["/"]


def test_an_error_of_ours_is_a_plain_page_without_its_traceback(
    make_app, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = make_app()
    broken.testing = False
    broken.config["PROPAGATE_EXCEPTIONS"] = False

    def fail(*_: object) -> None:
        raise RuntimeError("secret detail")

    broken.before_request_funcs.setdefault(None, []).append(fail)
    response = broken.test_client().get("/login")
    assert response.status_code == 500
    assert "Что-то сломалось у нас" in response.page.text
    assert "secret detail" not in response.text and "Traceback" not in response.text
    assert "Content-Security-Policy" in response.headers


def test_without_the_queue_server_only_readiness_complains(make_app, app: Flask) -> None:
    client = make_app(redis_url="redis://127.0.0.1:1/0").test_client()
    assert client.get("/healthz").status_code == 200
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json["queue"], ready.json["database"]) == (503, "unavailable", "ok")
    assert client.get("/login").status_code == 200


def test_a_healthy_product_is_ready(client: CheckingClient) -> None:
    assert client.get("/readyz").json == {"status": "ok", "database": "ok", "queue": "ok"}


def test_values_that_people_entered_stay_out_of_database_errors(app: Flask) -> None:
    with app.app_context(), pytest.raises(Exception, match="hidden") as failure:
        db.session.execute(db.text("SELECT * FROM nowhere WHERE x = :x"), {"x": "private words"})
    assert "private words" not in str(failure.value)


def test_the_csrf_token_of_every_page_is_another_and_each_is_good(alice: Owner) -> None:
    tokens = [
        alice.client.get("/profile").page.select("//input[@name='csrf_token']/@value") for _ in range(3)
    ]
    assert all(len(set(of_page)) == 1 for of_page in tokens)
    first, second, third = (of_page[0] for of_page in tokens)
    # A guess about one page helps nobody with the next, whatever their compressed lengths tell.
    assert not {first[n : n + 6] for n in range(len(first) - 5)} & {second[n : n + 6] for n in range(49)}
    for token in (first, third):
        answer = alice.client.post("/profile", csrf=False, data={"csrf_token": token, "name": "Алиса"})
        assert answer.status_code != 400
