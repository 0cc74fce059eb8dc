"""A small shop in the cloud, and an owner whose refreshes take no time to wait."""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.clients.evotor.client import EvotorClient
from app.connections.evotor import account
from app.mirror.models import CachedProduct, CatalogRefresh
from app.work.runs.running import Running
from sandbox.world import Merchant, Store, World
from tests.owners import Owner
from tests.processes import wait_until

TOKEN = "token-of-the-small-shop"
MAIN, SIDE = "20240115-MAIN", "20240115-SIDE"


@dataclass
class Shop:
    """A merchant with two stores; lists come in pages of three."""

    world: World
    merchant: Merchant

    @property
    def main(self) -> Store:
        return self.merchant.stores[MAIN]

    @property
    def side(self) -> Store:
        return self.merchant.stores[SIDE]

    def put(self, store: Store, item_id: str, **fields: Any) -> None:
        """Add a product, or replace the one with this id."""
        store.products.put({"id": item_id, "name": f"Товар {item_id}", "price": 100, **fields})

    def manners(self, **changes: Any) -> None:
        """Change how the cloud treats the merchant."""
        self.merchant.manners = self.merchant.manners.altered(changes)


@pytest.fixture
def shop(world: World) -> Shop:
    """«Чайная» with five products in two groups, «Склад» with four."""
    merchant = world.add_merchant(TOKEN, "Лавка")
    shop = Shop(world, merchant)
    shop.manners(page_size=3)
    main = merchant.add_store({"id": MAIN, "name": "Чайная", "address": "ул. Мира, 1"})
    side = merchant.add_store({"id": SIDE, "name": "Склад"})
    for store in (main, side):
        for number in range(4):
            store.groups.put({"id": f"g{number}", "name": f"Группа {number}"})
    for number in range(5):
        shop.put(main, f"p{number}", parent_id=f"g{number % 2}")
    for number in range(4):
        shop.put(side, f"p{number}", price=200)
    return shop


@pytest.fixture
def owner(alice: Owner, shop: Shop) -> Owner:
    """Alice, connected to the small shop; nothing has been fetched yet."""
    alice.connect_evotor(TOKEN)
    return alice


@pytest.fixture
def no_waiting(monkeypatch: pytest.MonkeyPatch, world: World) -> None:
    """Runs in this process try again without a pause and give a silent cloud little time.

    One that speaks has all the time it needs: a busy machine may be slow with an honest answer.
    """
    pause = Running.sleep
    monkeypatch.setattr(Running, "sleep", lambda running, seconds: pause(running, 0))
    build = account._client

    def client(*arguments: Any, **options: Any) -> EvotorClient:
        is_silent = any(fault.name == "timeout" for fault in world.faults.active())
        return build(*arguments, **{**options, "timeout": (60, 0.5 if is_silent else 60)})

    monkeypatch.setattr(account, "_client", client)


@pytest.fixture
def in_the_middle(shop: Shop) -> Callable[[Callable[[], object]], Thread]:
    """Do something as soon as the worker waits for the second page of the second store; then let it go on."""

    def arrange(act: Callable[[], object]) -> Thread:
        shop.world.faults.add("slow", store=SIDE, resource="products", page=2, seconds=60, times=1)

        def wait_and_act() -> None:
            # A fault that strikes once is off the board as soon as it has struck.
            wait_until(lambda: not shop.world.faults.active())
            act()
            shop.world.faults.clear()

        thread = Thread(target=wait_and_act)
        thread.start()
        return thread

    return arrange


@pytest.fixture
def runs(db_session: Session, owner: Owner) -> Callable[[], list[CatalogRefresh]]:
    """Read the owner's runs, oldest first."""

    def read() -> list[CatalogRefresh]:
        db_session.expire_all()
        own = select(CatalogRefresh).filter_by(user_id=owner.id).order_by(CatalogRefresh.id)
        return list(db_session.scalars(own))

    return read


@pytest.fixture
def refresh(
    owner: Owner, run_jobs: Callable[[], None], runs: Callable[[], list[CatalogRefresh]], no_waiting: None
) -> Callable[[], CatalogRefresh]:
    """Click «Обновить каталог», run the job, and give the run."""

    def click() -> CatalogRefresh:
        assert owner.client.post("/catalog/refresh").status_code == 303
        run_jobs()
        return runs()[-1]

    return click


@pytest.fixture
def goods(db_session: Session, owner: Owner) -> Callable[[str], dict[str, CachedProduct]]:
    """Read the cached products of a store by their cloud's ids."""

    def read(store_id: str) -> dict[str, CachedProduct]:
        db_session.expire_all()
        own = select(CachedProduct).filter_by(user_id=owner.id, store_evotor_id=store_id)
        return {product.evotor_id: product for product in db_session.scalars(own)}

    return read


def said(owner: Owner) -> str:
    """What the refresh fragment of the catalogue's first page says."""
    return owner.client.get("/catalog").page.texts("//*[@id='refresh']")[0].replace("\N{NO-BREAK SPACE}", " ")


def state(owner: Owner) -> str:
    """The state of the refresh fragment."""
    return str(owner.client.get("/catalog").page.select("//*[@id='refresh']/@data-state")[0])
