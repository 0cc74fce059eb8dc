"""Visitors who stop amid sending or taking hold no thread for ever; an owner has few downloads open."""

import re
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from flask import Flask
from sqlalchemy import insert
from sqlalchemy.orm import Session

from app.config import ROOT
from app.data.types import now
from app.mirror.models import CachedProduct, CachedStore
from tests.checking_client import CheckingClient
from tests.owners import Owner
from tests.processes import Web, wait_until

pytestmark = pytest.mark.first

GOODS = 2000
THREADS = 8
# How long the web waits for a visitor.
LONG = 30


@pytest.fixture
def start_impatient(start_web: Callable[..., Web], tmp_path: Path) -> Callable[[int], Web]:
    """Start one process of the web that waits for a visitor only so many seconds."""

    def start(seconds: int) -> Web:
        short, replaced = re.subn(
            rf"(?m)^STALLED_SECONDS = {LONG}$", f"STALLED_SECONDS = {seconds}", _configuration()
        )
        assert replaced == 1
        path = tmp_path / "gunicorn.conf.py"
        path.write_text(short)
        return start_web(WEB_CONCURRENCY="1", GUNICORN_CMD_ARGS=f"--config {path}")

    return start


@pytest.fixture
def goods(alice: Owner, db_session: Session) -> None:
    """So many that the file fits no buffer."""
    here = {"user_id": alice.id, "fetched_at": now()}
    db_session.execute(insert(CachedStore).values(**here, evotor_id="shop", name="Лавка"))
    names = [f"{number} {'чай ' * 240}" for number in range(GOODS)]
    rows = [
        {**here, "store_evotor_id": "shop", "evotor_id": str(number), "name": name}
        | {"sort_name": name, "search_text": ""}
        for number, name in enumerate(names)
    ]
    db_session.execute(insert(CachedProduct), rows)


def _configuration() -> str:
    return (ROOT / "gunicorn.conf.py").read_text()


def send(web: Web, text: str) -> socket.socket:
    """Send this much of a request and no more; nothing of an answer is read."""
    address = urlsplit(web.url)
    visitor = socket.socket()
    visitor.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    visitor.connect((address.hostname, address.port))
    visitor.sendall(text.encode())
    return visitor


@pytest.fixture
def visitors() -> Iterator[list[socket.socket]]:
    opened: list[socket.socket] = []
    yield opened
    for visitor in opened:
        visitor.close()


def is_alive(web: Web, seconds: float = 1) -> bool:
    try:
        return requests.get(f"{web.url}/healthz", timeout=seconds).ok
    except requests.RequestException:
        return False


def test_half_a_body_is_waited_for_only_so_long(
    start_impatient: Callable[[int], Web], visitors: list[socket.socket]
) -> None:
    web = start_impatient(2)
    half = "POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nemail="
    visitors += [send(web, half) for _ in range(THREADS)]
    for visitor in visitors:
        # To the end, which is the web's: nobody here says another word.
        visitor.settimeout(120)
        with suppress(ConnectionResetError):
            while visitor.recv(4096):
                pass
    assert is_alive(web, 60)


def test_a_file_that_nobody_reads_is_given_up(
    start_impatient: Callable[[int], Web], goods: None, alice: Owner, visitors: list[socket.socket]
) -> None:
    # Long enough for what comes first, also where the machine has much else to do.
    seconds = 8
    web = start_impatient(seconds)
    cookie = alice.client.get_cookie("session")
    assert cookie
    asked = (
        "GET /catalog/export?type=products&store_id=shop HTTP/1.1\r\nHost: localhost\r\n"
        f"Cookie: session={cookie.value}\r\n\r\n"
    )
    url = f"{web.url}/catalog/export?type=products&store_id=shop"
    with requests.Session() as browser:
        browser.cookies.set("session", cookie.value, domain="127.0.0.1")
        visitors += [send(web, asked) for _ in range(THREADS + 4)]
        assert is_alive(web, seconds - 2), "an owner holds few threads only"
        refused = browser.get(url, timeout=seconds)
        assert refused.status_code == 429 and "уже скачиваются файлы" in refused.text
        assert "попыток" not in refused.text
        wait_until(lambda: browser.get(url, timeout=seconds).status_code == 200, 3 * LONG)


def test_downloads_that_end_make_room_for_others(alice: Owner, app: Flask, goods: None) -> None:
    address = "/catalog/export?type=products&store_id=shop"
    for _ in range(5):
        assert alice.client.get(address).text
        alice.client.get(address, buffered=False).close()
    assert alice.client.get("/catalog/export?type=products&store_id=none").status_code == 404
    first, second = alice.client.get(address), alice.client.get(address)
    refused = alice.client.get(address)
    assert refused.status_code == 429
    first.close()
    second.close()


def test_a_proxy_is_told_who_may_send_big_bodies(alice: Owner, client: CheckingClient) -> None:
    assert [visitor.get("/signed-in").status_code for visitor in (alice.client, client)] == [204, 401]
