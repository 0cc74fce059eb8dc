"""Every line says what it belongs to, and none says who a person is."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from app.logs import belonging_to, configure_logging
from sandbox.world import World
from tests.checking_client import CheckingClient
from tests.owners import PASSWORD, Owner


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What this process logs, as a file would hold it."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    configure_logging(stream)
    yield stream
    root.handlers[:], root.level = handlers, level


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_request_leaves_one_line_with_its_route_its_owner_and_its_id(
    alice: Owner, written: io.StringIO
) -> None:
    answer = alice.client.get("/catalog/products?store_id=a&q=private")
    (line,) = [each for each in lines(written) if each["logger"] == "app.requests"]
    assert (line["route"], line["status"], line["method"]) == ("/catalog/products", 404, "GET")
    assert line["owner"] == str(alice.id) and line["ms"] >= 0
    assert line["request"] == answer.headers["X-Request-ID"]
    assert line["request"] in answer.page.text, "the error page names it too"
    assert "private" not in written.getvalue()


@pytest.mark.parametrize(("given", "is_kept"), [("abc-12345678", True), ("x", False), ("a\tb" * 5, False)])
def test_the_id_that_a_proxy_gave_is_kept_if_it_is_one(
    client: CheckingClient, given: str, is_kept: bool
) -> None:
    answer = client.get("/login", headers={"X-Request-ID": given})
    assert (answer.headers["X-Request-ID"] == given) is is_kept


def test_lines_of_a_refresh_carry_its_run_its_owner_and_its_job(
    alice: Owner, world: World, run_jobs: Callable[[], None], written: io.StringIO
) -> None:
    alice.connect_evotor()
    world.faults.add("status_500")
    alice.client.post("/catalog/refresh")
    run_jobs()
    tries = [line for line in lines(written) if line["logger"] == "app.clients.http"]
    assert tries and all(line["owner"] == alice.id and line["run"] for line in tries)
    assert all(line["job"].startswith("refresh-") for line in tries)


def test_no_line_holds_personal_data(
    alice: Owner, client: CheckingClient, written: io.StringIO, run_jobs: Callable[[], None]
) -> None:
    email, name = "vera@example.org", "Вера Чайкина"
    for _ in range(2):
        fields = {"email": email, "password": PASSWORD, "password_confirm": PASSWORD}
        client.post("/register", data={**fields, "name": name})
        client.post("/logout")
        client.post("/login", data={"email": "vera@example.org", "password": "не тот пароль"})
    client.get("/password/reset/secret-token?email=vera@example.org")
    try:
        raise RuntimeError(f"no such owner: <{email}>\nDETAIL:  Key (name)=({name}) exists.")
    except RuntimeError:
        logging.getLogger("app").exception("failed for vera@example.org")
    run_jobs()
    text = written.getvalue()
    for private in ("vera@", "Чайкина", PASSWORD, "не тот пароль", "secret-token", "127.0.0.1"):
        assert private not in text
    assert "(address)" in text and "Traceback" in text


@pytest.mark.parametrize(
    ("written_by", "line", "kept"),
    [
        ("gunicorn.error", "Error handling request GET /password/reset/WzEsIm.x-Q.a_b", "/password/reset/"),
        ("gunicorn.error", "Invalid HTTP request line: 'GET /email/confirm/WzEsIm.a_b'", "/email/confirm/"),
        ("vitrina", "Exception on /password/reset/WzEsIm.x-Q.a_b [GET]", "/password/reset/(hidden) [GET]"),
        (
            "gunicorn.error",
            "Invalid request from ip=10.0.0.1: Invalid HTTP Header: 'Authorization Bearer WzEsIm'",
            "Header: (hidden)",
        ),
        ("gunicorn.error", "Error handling request GET /catalog/products?q=WzEsIm&store_id=a_b", "products?"),
    ],
)
def test_addresses_in_lines_of_others_lose_their_links_and_queries(
    written: io.StringIO, written_by: str, line: str, kept: str
) -> None:
    logging.getLogger(written_by).error(line)
    (found,) = lines(written)
    assert kept in found["message"]
    assert "WzEsIm" not in found["message"] and "a_b" not in found["message"]


def test_on_a_terminal_lines_are_for_people() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = Terminal()
    configure_logging(stream)
    with belonging_to(run=7, owner=3):
        logging.getLogger("app.catalog").info("store applied")
    root.handlers[:], root.level = handlers, level
    assert stream.getvalue().endswith("INFO    app.catalog: store applied  [run=7 owner=3]\n")
