"""A real browser for what only a browser can prove."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    expect,
    sync_playwright,
)

from run.find_browser import find_browser
from tests.owners import Owner
from tests.servers import HttpServer

# Two browsers beside PostgreSQL and the workers on two cores: a page that is only late is no failure.
PATIENCE = 60_000
expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium."""
    path = find_browser()
    if path is None:
        pytest.fail("No Chromium found: run `make test`, which provides one.", pytrace=False)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=path,
            args=[
                *("--no-sandbox", "--disable-gpu", "--in-process-gpu", "--disable-background-networking"),
                # A tab keeps the process that it began with, instead of a new one for its first page.
                "--renderer-process-limit=1",
            ],
        )
        yield chromium
        chromium.close()


@pytest.fixture
def context_options() -> dict[str, Any]:
    """What a test changes in its visitor's browser, as Playwright's `new_context` takes it."""
    return {}


@pytest.fixture
def context(
    browser: Browser, live_server: HttpServer, context_options: dict[str, Any]
) -> Iterator[BrowserContext]:
    """A visitor's browser window; the test fails when any page complains or calls another host.

    Console errors (CSP violations are among them), page errors and foreign requests count; a test takes
    what it provokes on purpose out of `context.complaints`.
    """
    visitor = {"base_url": live_server.url, "locale": "ru-RU", "timezone_id": "Europe/Moscow"}
    # What glides into its place is drawn many times, and is not yet there when it is pressed.
    visitor["reduced_motion"] = "reduce"
    context = browser.new_context(**visitor | context_options)
    complaints: list[str] = []
    context.complaints = complaints  # type: ignore[attr-defined]

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error":
            complaints.append(f"console: {message.text}")

    def watch(request: Request) -> None:
        if urlsplit(request.url).scheme in ("http", "https") and not request.url.startswith(live_server.url):
            complaints.append(f"foreign request: {request.url}")

    context.on("console", hear)
    context.on("weberror", lambda error: complaints.append(f"page: {error.error}"))
    context.on("request", watch)
    context.set_default_timeout(PATIENCE)
    yield context
    context.close()
    assert complaints == []


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """A tab of a visitor who has not signed in."""
    return context.new_page()


@pytest.fixture
def alice_page(alice: Owner, context: BrowserContext, live_server: HttpServer) -> Page:
    """A tab in which Alice is signed in."""
    cookie = alice.client.get_cookie("session")
    assert cookie is not None
    context.add_cookies([{"name": "session", "value": cookie.value, "url": live_server.url}])
    return context.new_page()


def forgive(page: Page, *words: str) -> None:
    """Take the complaints that a test has provoked on purpose out of its visitor's list."""
    complaints: list[str] = page.context.complaints  # type: ignore[attr-defined]
    complaints[:] = [text for text in complaints if not any(word in text for word in words)]
