"""A new version is put in place: whatever the web has begun to answer is answered whole."""

import re
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from requests.adapters import HTTPAdapter
from sqlalchemy import insert
from sqlalchemy.orm import Session

from app.data.types import now
from app.mirror.models import CachedProduct, CachedStore
from sandbox.world import World
from tests.owners import DEMO_TOKEN, Owner
from tests.processes import Web, wait_until

GOODS = 2000


@pytest.fixture
def web(start_web: Callable[..., Web]) -> Web:
    return start_web(WEB_CONCURRENCY="1")


@pytest.fixture
def browser(alice: Owner) -> Iterator[requests.Session]:
    """Alice's browser."""
    with requests.Session() as browser:
        cookie = alice.client.get_cookie("session")
        assert cookie
        browser.cookies.set("session", cookie.value, domain="127.0.0.1")
        yield browser


class SlowReader(HTTPAdapter):
    """Takes little at a time, so that the server cannot put a file away into the system's buffers."""

    def init_poolmanager(self, *args: Any, **more: Any) -> None:
        super().init_poolmanager(*args, **more, socket_options=[(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)])


def refuses(web: Web) -> bool:
    address = urlsplit(web.url)
    try:
        socket.create_connection((address.hostname or "", address.port or 0), 5).close()
    except ConnectionRefusedError:
        return True
    return False


def stop(web: Web) -> None:
    """Tell it to stop, as systemd does; see that nobody gets in any more while it still has to answer."""
    web.process.send_signal(signal.SIGTERM)
    wait_until(lambda: refuses(web))
    with pytest.raises(subprocess.TimeoutExpired):
        web.process.wait(1)


def test_a_request_that_waits_for_a_cloud_is_answered(
    alice: Owner, world: World, web: Web, browser: requests.Session
) -> None:
    (token, *_) = re.findall(r'name="csrf_token"[^>]* value="([^"]+)"', browser.get(f"{web.url}/sync").text)
    world.faults.add("slow", seconds=60, times=1)
    with ThreadPoolExecutor() as pool:
        # A pasted token is tried before it is kept.
        url, form = f"{web.url}/connections/evotor", {"csrf_token": token, "token": DEMO_TOKEN}
        pasted = pool.submit(browser.post, url, form, allow_redirects=False, timeout=60)
        wait_until(lambda: not world.faults.active())
        stop(web)
        answer = pasted.result()
    assert answer.status_code == 303
    # What it was told to wait for goes on, to its end.
    world.faults.release()
    assert web.process.wait(40) == 0
    assert "На связи" in alice.client.get("/connections").page.text


def test_a_file_that_is_being_downloaded_comes_whole(
    alice: Owner, db_session: Session, web: Web, browser: requests.Session
) -> None:
    here = {"user_id": alice.id, "fetched_at": now()}
    db_session.execute(insert(CachedStore).values(**here, evotor_id="shop", name="Лавка"))
    names = [f"{number} {'чай ' * 240}" for number in range(GOODS)]
    rows = [
        {**here, "store_evotor_id": "shop", "evotor_id": str(number), "name": name}
        | {"sort_name": name, "search_text": ""}
        for number, name in enumerate(names)
    ]
    db_session.execute(insert(CachedProduct), rows)
    url = f"{web.url}/catalog/export?type=products&store_id=shop"
    browser.mount("http://", SlowReader())
    with browser.get(url, stream=True, timeout=60) as answer:
        pieces = answer.iter_content(1000)
        file = next(pieces)
        stop(web)
        file += b"".join(pieces)
    lines = file.decode().splitlines()
    assert len(lines) == GOODS + 1
    assert lines[-1].endswith("Нет правила")
    assert web.process.wait(40) == 0
