"""What a page weighs on its way: bytes and requests, with an empty cache and with a full one."""

import pytest
from playwright.sync_api import Page

from tests.stock import Stock

COLD_BYTES, COLD_REQUESTS = 120_000, 8
WARM_BYTES = 20_000


class Scales:
    """Counts what a tab receives over the network; files from the cache weigh nothing."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._sizes: dict[str, int] = {}
        self._cached: set[str] = set()
        network = page.context.new_cdp_session(page)
        network.send("Network.enable")
        network.on("Network.requestServedFromCache", lambda event: self._cached.add(event["requestId"]))
        network.on("Network.loadingFinished", self._finished)

    def _finished(self, event: dict) -> None:
        self._sizes[event["requestId"]] = int(event["encodedDataLength"])

    def weigh(self, address: str) -> tuple[int, int]:
        """Give the bytes and the requests of a page until nothing more is asked for."""
        self._sizes.clear()
        self._cached.clear()
        self._page.goto(address, wait_until="networkidle")
        sizes = [size for request, size in self._sizes.items() if request not in self._cached]
        return sum(sizes), len(sizes)


@pytest.mark.parametrize("context_options", [{"viewport": {"width": 1280, "height": 800}}])
def test_fifty_goods_are_light_cold_and_lighter_warm(
    alice_page: Page, stock: Stock, context_options: dict[str, object]
):
    scales = Scales(alice_page)
    cold_bytes, cold_requests = scales.weigh("/catalog/products?store_id=s1")
    assert cold_bytes <= COLD_BYTES and cold_requests <= COLD_REQUESTS, (cold_bytes, cold_requests)
    warm_bytes, warm_requests = scales.weigh("/catalog/products?store_id=s1&sort=price")
    assert warm_bytes <= WARM_BYTES and warm_requests < cold_requests, (warm_bytes, warm_requests)
    print(f"cold {cold_bytes} bytes in {cold_requests}, warm {warm_bytes} bytes in {warm_requests}")
