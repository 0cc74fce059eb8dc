"""Whatever is asked, by whomever, no route answers 500: the whole URL map under random requests."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from app.accounts.models import User
from app.mirror.models import CachedGroup, CatalogRefresh
from app.rules.models import RuleChange
from sandbox.shop import MAIN
from tests.belongings import fill_every_table
from tests.checking_client import CheckingClient
from tests.owners import Owner

pytestmark = pytest.mark.databases("sqlite", "postgresql")

FUZZ = settings.get_profile("fuzz")
METHODS = ("GET", "GET", "POST", "POST", "POST", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE")
FIELDS = (
    *("q", "sort", "dir", "rule", "result", "on_sale", "per_page", "after", "before", "next", "view"),
    *("store_id", "group_id", "type", "format", "entity_type", "entity_id", "entity_name", "filter_mode"),
    *("parent_entity_id", "is_enabled", "confirm", "default_mode", "scope", "n", "remove_missing"),
    *("email", "password", "password_confirm", "current_password", "name", "timezone", "token", "sent"),
    *("community_id", "code", "state", "device_id", "error", "error_description", "csrf_token"),
)
WORDS = (
    *(
        "",
        " ",
        "0",
        "1",
        "-1",
        "9" * 30,
        "9" * 5000,
        "1e9",
        "NaN",
        "None",
        "true",
        "on",
        "%",
        "%25",
        "'",
        '"',
        "\\",
        "--",
    ),
    *("include", "exclude", "none", "stores", "groups", "products", "store", "group", "product", "name"),
    *("price", "quantity", "article_number", "asc", "desc", "published", "hidden", "yes", "no", "found"),
    *(
        "page",
        "ticked",
        "csv",
        "csv-ru",
        "excel",
        "25",
        "200",
        "/catalog",
        "//evil.example",
        "https://evil.example/x",
        "\r\nSet-Cookie: a=b",
    ),
    *(
        "\0",
        "\ud800",
        "\u202e",
        "я" * 300,
        "=1+1",
        "<script>alert(1)</script>",
        "{{ 7*7 }}",
        "../../etc/passwd",
    ),
    *("evotor", "vk", "a@example.org", "Europe/Moscow", "Nowhere/None", "eyJhIjoxfQ", "WzEsMl0", "[]", "{}"),
)
HEADERS = (
    *("Referer", "Origin", "Cookie", "Accept", "Accept-Language", "Authorization", "Content-Length", "Host"),
    *("X-Forwarded-For", "X-Forwarded-Proto", "HX-Request", "HX-Request-Type", "HX-Target", "HX-Current-URL"),
    *("If-None-Match", "If-Modified-Since", "Range", "X-Evotor-User-Id", "X-CSRFToken", "User-Agent"),
)
CONTENT_TYPES = (
    *("application/x-www-form-urlencoded", "multipart/form-data", "multipart/form-data; boundary=x"),
    *(
        "application/json",
        "text/plain; charset=nonsense",
        "application/x-www-form-urlencoded; charset=utf-7",
        "",
    ),
)
text = st.one_of(st.sampled_from(WORDS), st.text(max_size=40))


@pytest.fixture
def known_values(alice: Owner, db_session: Session, run_jobs: Callable[[], None]) -> dict[str, Any]:
    """What leads somewhere: Alice has a row in every table."""
    fill_every_table(alice, db_session, run_jobs)
    numbers = {
        "refresh_id": db_session.scalar(select(CatalogRefresh.id)),
        "change_id": db_session.scalar(select(RuleChange.id)),
        "number": db_session.scalar(select(CachedGroup.id)),
    }
    group = db_session.scalar(select(CachedGroup.evotor_id).filter_by(store_evotor_id=MAIN))
    return {**numbers, "store_id": MAIN, "group_id": group, "provider": "evotor"}


@st.composite
def requests(draw: st.DrawFn, rules: list[Rule], known: dict[str, Any]) -> dict[str, Any]:
    rule = draw(st.sampled_from(rules))
    values = st.one_of(text, st.sampled_from([str(value) for value in known.values()]))
    path = rule.rule
    for name in rule.arguments:
        good = str(known.get(name, "1"))
        value = draw(st.one_of(st.just(good), st.just(good), values))
        for converter in ("int:", "path:", ""):
            path = path.replace(f"<{converter}{name}>", quote(value, safe="", errors="surrogatepass") or "x")
    fields = st.dictionaries(
        st.one_of(st.sampled_from(FIELDS), st.sampled_from(FIELDS), text), values, max_size=8
    )
    query, form = draw(fields), draw(fields)
    if draw(st.booleans()):
        query["store_id"] = known["store_id"]
    request: dict[str, Any] = {
        "path": path,
        "method": draw(st.sampled_from(METHODS)),
        "query_string": _urlencoded(query),
        "headers": draw(
            st.dictionaries(st.sampled_from(HEADERS), st.text(st.characters(codec="latin-1")), max_size=3)
        ),
    }
    kind = draw(st.sampled_from(("form", "form", "form", "file", "raw")))
    if kind == "form":
        request |= {"data": _urlencoded(form), "content_type": CONTENT_TYPES[0]}
    elif kind == "raw":
        request |= {
            "data": draw(st.binary(max_size=200)),
            "content_type": draw(st.sampled_from(CONTENT_TYPES)),
        }
    else:
        request |= {"data": _multipart(form, draw(st.binary(max_size=300))), "content_type": CONTENT_TYPES[2]}
    return request


def _urlencoded(fields: dict[str, str]) -> str:
    """Encode as a browser does, and halves of surrogate pairs as only an attacker does."""
    return urlencode(
        [
            (key.encode("utf-8", "surrogatepass"), value.encode("utf-8", "surrogatepass"))
            for key, value in fields.items()
        ]
    )


def _multipart(fields: dict[str, str], file: bytes) -> bytes:
    parts = [(f'name="{key}"', value.encode("utf-8", "surrogatepass")) for key, value in fields.items()]
    body = b""
    for head, content in [*parts, ('name="file"; filename="rules.csv"', file)]:
        disposition = f"Content-Disposition: form-data; {head}".encode("utf-8", "surrogatepass")
        body += b"--x\r\n" + disposition + b"\r\n\r\n" + content + b"\r\n"
    return body + b"--x--\r\n"


def send(client: CheckingClient, request: dict[str, Any]) -> int:
    """Send a request with the visitor's CSRF token, as a form that they opened would."""
    headers = {name: value.replace("\r", "").replace("\n", "") for name, value in request["headers"].items()}
    headers.setdefault("X-CSRFToken", client.csrf_token())
    response = client.open(**{**request, "headers": headers})
    assert len(response.data) >= 0, "a streamed body is read to its end"
    assert urlsplit(response.location or "").netloc in ("", _consent_host(client)), response.location
    return response.status_code


def _consent_host(client: CheckingClient) -> str:
    return urlsplit(client.application.extensions["settings"].vk_id_url).netloc


def fuzz(app: Flask, known: dict[str, Any], prepare: Callable[[], CheckingClient]) -> None:
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint != "static"]

    @settings(FUZZ)
    @given(requests(rules, known))
    def no_answer_is_a_fault_of_ours(request: dict[str, Any]) -> None:
        assert send(prepare(), request) < 500

    no_answer_is_a_fault_of_ours()


def test_an_owner_may_ask_anything(
    app: Flask, alice: Owner, known_values: dict[str, Any], db_session: Session
) -> None:
    def prepare() -> CheckingClient:
        # An earlier request may have signed the owner out.
        alice.sign_in_again(db_session)
        return alice.client

    fuzz(app, known_values, prepare)
    assert db_session.get(User, alice.id), "nobody guessed the password that deletes the account"


def test_a_stranger_may_ask_anything(
    app: Flask, known_values: dict[str, Any], client: CheckingClient
) -> None:
    def prepare() -> CheckingClient:
        with client.session_transaction() as session:
            session.pop("_user_id", None)
        return client

    fuzz(app, known_values, prepare)
