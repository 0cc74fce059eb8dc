"""Owners of the product, each with a browser, who do what people do and with their pauses."""

import random
import re
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager

import requests

from bench.load.figures import CLICK, PAGE, POLL

# Between two things that an owner does.
PAUSE = (5.0, 25.0)
# So long an owner watches the progress of a refresh.
PATIENCE = 20.0
HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
_STORE = re.compile(r'data-entity="store" data-evotor-id="([^"]+)"')
_PRODUCT = re.compile(r'data-entity="product" data-evotor-id="([^"]+)"')
_POLL = re.compile(r'hx-get="(/catalog/refresh/\d+)" hx-trigger="every (\d+)s"')


class Owner:
    """Somebody with a browser."""

    def __init__(self, user_id: int, cookie: str) -> None:
        self.user_id = user_id
        self.milliseconds: dict[str, list[float]] = {PAGE: [], CLICK: [], POLL: []}
        self.errors: list[str] = []
        self.decided: dict[str, str] = {}
        self._cookie = cookie
        self._chance = random.Random(user_id)  # noqa: S311 (whims, not secrets)

    def alone(self, url: str, times: int = 25) -> float:
        """Look at goods while nobody else is there; give the median milliseconds of a page."""
        with self._at(url):
            (store,) = _STORE.findall(self._ask(PAGE, "GET", "/catalog"))
            for _ in range(times):
                self._ask(PAGE, "GET", f"/catalog/products?store_id={store}&sort=price")
        taken = self.milliseconds[PAGE][2:]
        self.milliseconds[PAGE].clear()
        return statistics.median(taken)

    def visit(self, url: str, first_pause: float, until: float) -> None:
        """Refresh, then look and decide until the time is over."""
        time.sleep(first_pause)
        with self._at(url):
            try:
                page = self._ask(PAGE, "GET", "/catalog")
                (store,), (token, *_) = _STORE.findall(page), _TOKEN.findall(page)
                self._refresh(token)
                while time.monotonic() < until:
                    self._decide(f"/catalog/products?store_id={store}&sort=price")
            except Exception as error:
                self.errors.append(repr(error))

    @contextmanager
    def _at(self, url: str) -> Iterator[None]:
        with requests.Session() as self._browser:
            self._browser.cookies.set("session", self._cookie, domain="127.0.0.1")
            self._url = url
            yield

    def _refresh(self, token: str) -> None:
        fragment = self._ask(CLICK, "POST", "/catalog/refresh", {"csrf_token": token})
        bored = time.monotonic() + PATIENCE
        while (poll := _POLL.search(fragment)) and time.monotonic() < bored:
            time.sleep(int(poll[2]))
            fragment = self._ask(POLL, "GET", poll[1])

    def _decide(self, list_url: str) -> None:
        time.sleep(self._chance.uniform(*PAUSE))
        page = self._ask(PAGE, "GET", list_url)
        time.sleep(self._chance.uniform(*PAUSE))
        product, mode = (
            self._chance.choice(_PRODUCT.findall(page)),
            self._chance.choice(["include", "exclude"]),
        )
        rule = {"entity_type": "product", "entity_id": product, "filter_mode": mode}
        store = list_url.partition("store_id=")[2].partition("&")[0]
        self._ask(
            CLICK,
            "POST",
            "/catalog/filter",
            rule | {"store_id": store, "csrf_token": _TOKEN.findall(page)[0]},
        )
        self.decided[product] = mode

    def _ask(self, kind: str, method: str, path: str, form: dict[str, str] | None = None) -> str:
        began = time.perf_counter()
        headers = {} if kind == PAGE else HTMX
        answer = self._browser.request(method, self._url + path, data=form, headers=headers, timeout=60)
        self.milliseconds[kind].append((time.perf_counter() - began) * 1000)
        if answer.status_code != 200:
            raise RuntimeError(f"{method} {path.partition('?')[0]}: {answer.status_code}")
        return answer.text
