"""What a page weighs on its way: bytes and requests, with an empty cache and with a full one."""

import pytest
from playwright.sync_api import Page, expect

from tests.stock import Stock

COLD_BYTES, COLD_REQUESTS = 120_000, 8
WARM_BYTES = 20_000


class Scales:
    """Counts what a tab receives over the network; files from the cache weigh nothing.

    What the page before asked for late is not counted, and what this one asks for late is waited for.
    """

    def __init__(self, page: Page) -> None:
        self._page = page
        self._asked: set[str] = set()
        self._ended: set[str] = set()
        self._sizes: dict[str, int] = {}
        self._cached: set[str] = set()
        network = page.context.new_cdp_session(page)
        network.send("Network.enable")
        network.on("Network.requestWillBeSent", lambda event: self._asked.add(event["requestId"]))
        network.on("Network.requestServedFromCache", lambda event: self._cached.add(event["requestId"]))
        network.on("Network.loadingFinished", self._finished)
        network.on("Network.loadingFailed", lambda event: self._ended.add(event["requestId"]))

    def _finished(self, event: dict) -> None:
        self._ended.add(event["requestId"])
        self._sizes[event["requestId"]] = int(event["encodedDataLength"])

    def weigh(self, address: str, *parts: str) -> tuple[int, int]:
        """Give the bytes and the requests of a page with all its `parts`, which it asks for by itself."""
        self._page.goto("about:blank")
        for seen in (self._asked, self._ended, self._sizes, self._cached):
            seen.clear()
        self._page.goto(address)
        for part in parts:
            expect(self._page.locator(part).first).to_be_visible()
        while self._asked - self._ended:
            self._page.wait_for_timeout(20)
        # What comes from the cache on disk has come over no network: nothing of it was encoded.
        asked = self._asked - self._cached
        sizes = [size for request, size in self._sizes.items() if request in asked and size]
        return sum(sizes), len(sizes)


@pytest.mark.parametrize("context_options", [{"viewport": {"width": 1280, "height": 800}}])
def test_fifty_goods_are_light_cold_and_lighter_warm(
    alice_page: Page, stock: Stock, context_options: dict[str, object]
):
    scales = Scales(alice_page)
    parts = ("#published:not(:empty)", "#tree li")
    cold_bytes, cold_requests = scales.weigh("/catalog/products?store_id=s1", *parts)
    assert cold_bytes <= COLD_BYTES and cold_requests <= COLD_REQUESTS, (cold_bytes, cold_requests)
    warm_bytes, warm_requests = scales.weigh("/catalog/products?store_id=s1&sort=price", *parts)
    assert warm_bytes <= WARM_BYTES and warm_requests < cold_requests, (warm_bytes, warm_requests)
    print(f"cold {cold_bytes} bytes in {cold_requests}, warm {warm_bytes} bytes in {warm_requests}")
