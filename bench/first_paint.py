"""Measure the time to the first words of the products page on a poor phone: `python -m bench.first_paint`.

A browser with an empty cache, a network of 1.6 Mbit/s whose answers take 150 ms to begin (slow 4G, as
Lighthouse defines it), a processor four times slower; 50 rows of 300 goods. Then the same with a full cache.
"""

import logging
import statistics
import tempfile
import threading
from pathlib import Path

from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from sqlalchemy import select
from werkzeug.serving import WSGIRequestHandler, make_server

from app.accounts.models import SignIn, User
from app.data.db import db
from app.mirror.models import CachedStore
from bench import cloud
from bench.product import EMAIL, application, connect, prepare, sign_in
from bench.refresh import measure
from run.find_browser import find_browser

REPEATS = 5
ALLOWED_MILLISECONDS = 1200
_BYTES_A_SECOND = 1.6e6 / 8
_SLOW_4G = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": _BYTES_A_SECOND,
    "uploadThroughput": _BYTES_A_SECOND / 2,
}
_FIRST_PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"


def main() -> None:
    """Print the medians, and whether the cold one is allowed."""
    logging.disable(logging.WARNING)
    chromium = find_browser()
    with tempfile.TemporaryDirectory(prefix="vitrina-paint-") as folder, cloud.running(300) as cloud_url:
        app = application(f"sqlite:///{Path(folder, 'bench.db')}", cloud_url)
        cookie, address = _stocked(app)
        server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            runs = [_paints(browser, url, cookie, address) for _ in range(REPEATS)]
            browser.close()
        server.shutdown()
    cold, warm = (statistics.median(times) for times in zip(*runs, strict=True))
    verdict = "reached" if cold <= ALLOWED_MILLISECONDS else "missed"
    print(f"first paint, slow 4G, processor × 4: cold {cold:.0f} ms, warm {warm:.0f} ms")
    print(f"at most {ALLOWED_MILLISECONDS} ms cold: {verdict}")


class _Quiet(WSGIRequestHandler):
    # The browser keeps its connections, as it does with a proxy.
    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: object) -> None:
        pass


def _stocked(app: Flask) -> tuple[str, str]:
    """Fill the owner's catalogue; give a session's cookie and the address of the store's goods."""
    with app.app_context():
        user_id = prepare()
        connect(user_id, cloud.TODAY)
        measure(user_id)
        user = db.session.scalars(select(User).filter_by(email=EMAIL)).one()
        store_id = db.session.scalars(select(CachedStore.evotor_id).filter_by(user_id=user_id)).one()
        db.session.add(SignIn.of(user))
        db.session.commit()
        user_key = user.get_id()
    client = sign_in(app, user_key)
    cookie = client.get_cookie("session")
    return cookie.value if cookie else "", f"/catalog/products?store_id={store_id}"


def _paints(browser: Browser, url: str, cookie: str, address: str) -> tuple[float, float]:
    context = browser.new_context(viewport={"width": 390, "height": 844}, base_url=url)
    context.add_cookies([{"name": "session", "value": cookie, "url": url}])
    times = _first_paint(context, address), _first_paint(context, address)
    context.close()
    return times


def _first_paint(context: BrowserContext, address: str) -> float:
    page: Page = context.new_page()
    devtools = context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.send("Network.emulateNetworkConditions", _SLOW_4G)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    page.goto(address)
    page.wait_for_function(f"{_FIRST_PAINT} > 0")
    milliseconds: float = page.evaluate(_FIRST_PAINT)
    page.close()
    return milliseconds


if __name__ == "__main__":
    main()
