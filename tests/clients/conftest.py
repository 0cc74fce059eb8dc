"""The sandbox's Evotor over real HTTP, a merchant in it, and clients whose waits take no time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from app.clients.evotor.client import EvotorClient
from sandbox import create_app
from sandbox.server import running
from sandbox.world import Merchant, World

TOKEN = "b1f7a9c2-secret-token-of-the-merchant"
STORE = "20240713-774A-4038-8037-E66BF3000001"
OTHER_STORE = "20240713-774A-4038-8037-E66BF3000002"


@dataclass
class Cloud:
    """A sandbox with one merchant, two stores, and a list of the waits that its clients asked for."""

    world: World
    url: str
    merchant: Merchant
    waits: list[float] = field(default_factory=list)
    clients: list[EvotorClient] = field(default_factory=list)

    def client(self, token: str = TOKEN, **options: Any) -> EvotorClient:
        """Return a client that notes its waits instead of sleeping."""
        client = EvotorClient(self.url, token, **{"sleep": self.waits.append, **options})
        self.clients.append(client)
        return client

    def manners(self, **changes: Any) -> None:
        """Change how the cloud treats the merchant."""
        self.merchant.manners = self.merchant.manners.altered(changes)

    def fill(self, goods: int, store: str = STORE) -> None:
        """Put so many goods into a store."""
        shelf = self.merchant.stores[store].products
        for number in range(goods):
            shelf.put({"id": f"p{number:04d}", "name": f"Товар {number}", "price": number + 0.5})

    def requests(self) -> list[str]:
        """Return the credentials' form and the status of each request so far."""
        return [f"{entry.auth} {entry.status}" for entry in self.world.journal.entries()]


@pytest.fixture(scope="module")
def served_world() -> Iterator[tuple[World, str]]:
    world = World()
    with running(create_app(world)) as url:
        yield world, url + "/evotor"


@pytest.fixture
def cloud(served_world: tuple[World, str]) -> Iterator[Cloud]:
    world, url = served_world
    world.reset()
    merchant = world.add_merchant(TOKEN, "Кофейня")
    merchant.add_store({"id": STORE, "name": "Кофейня на Мира", "address": "г. Казань, пр. Мира, 1"})
    merchant.add_store({"id": OTHER_STORE, "name": "Склад"})
    cloud = Cloud(world, url, merchant)
    yield cloud
    # Lets go the requests that a fault keeps waiting.
    world.faults.clear()
    for client in cloud.clients:
        client.close()


@pytest.fixture
def goods() -> Callable[[Iterator[list[Any]]], list[str]]:
    """Return a function that reads all pages and names the ids."""
    return lambda pages: [item.id for page in pages for item in page]
