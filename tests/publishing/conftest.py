"""Alice with a shop at VK, ready to publish, and the ways to do it without a browser."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import null, select

from app.clients import pacing
from app.connections.models import EVOTOR, CloudAccount
from app.data.db import db
from app.data.types import now
from app.publishing.current import current_plan
from app.publishing.ledger.models import Listing
from app.publishing.planning.plan import Plan
from app.publishing.planning.settings import Settings
from app.publishing.run import agenda
from app.publishing.run.auto import look_for_changes
from app.publishing.run.models import Publication
from app.publishing.run.requests import publish, request_reading
from app.publishing.settings.models import PublicationSettings
from app.publishing.settings.read import KEPT
from app.rules.read import config_of
from sandbox.vk.goods import Item, Market
from sandbox.vk.people import Community, Person
from sandbox.vk.world import VkWorld
from tests.checking_client import CheckedResponse
from tests.connections.vk.conftest import connect_at_once, maria, teahouse, vk
from tests.owners import Owner
from tests.publishing.album_stock import COFFEE, TEA
from tests.publishing.album_stock import GOODS as IN_GROUPS
from tests.stock import Stock, product

__all__ = ["maria", "teahouse", "vk"]


@dataclass
class Publishing:
    """What Alice's publication does and did; `market` is what VK holds."""

    owner: Owner
    community_id: int
    market: Market
    run_jobs: Callable[[], None]

    def plan(self) -> Plan:
        """The plan of this moment."""
        with self.owner.app.app_context():
            return current_plan(self.owner.id, self.community_id)

    def publish(self, only: tuple[str, str] | None = None) -> Publication:
        """Approve the plan of this moment and let a worker carry it out."""
        run_id = self.ask(only)
        self.run_jobs()
        return self.run(run_id)

    def ask(self, only: tuple[str, str] | None = None) -> int:
        """Approve the plan of this moment; gives the key of the run, which waits for a worker."""
        with self.owner.app.app_context():
            plan = current_plan(self.owner.id, self.community_id)
            return publish(self.owner.id, self.community_id, plan, only=only).id

    def read(self) -> None:
        """Read what VK holds."""
        with self.owner.app.app_context():
            request_reading(self.owner.id, self.community_id)
        self.run_jobs()

    def run(self, run_id: int) -> Publication:
        """A run as it is now."""
        with self.owner.app.app_context():
            run = db.session.get_one(Publication, run_id)
            db.session.expunge(run)
            return run

    def choose(self, **settings: Any) -> None:
        """Change settings of the owner's publication."""
        with self.owner.app.app_context():
            row = db.session.get_one(PublicationSettings, self.owner.id)
            for name, value in settings.items():
                setattr(row, name, value)
            db.session.commit()

    def join(self, *, one: bool, mark: str | None = None) -> CheckedResponse:
        """Say of goods that bear one mark, or of all that are asked about, whether they are one."""
        about = {"all": "1"} if mark is None else {"mark": mark}
        return self.owner.client.post("/sync/listings/join", data=about | ({"one": "1"} if one else {}))

    @property
    def items(self) -> dict[str, Item]:
        """The living items of the shop that bear a sku, by it."""
        living = (item for item in self.market.items.values() if item.deleted_at is None)
        return {item.sku: item for item in living if item.sku}

    def listings(self) -> dict[str, Listing]:
        """The ledger by sku."""
        with self.owner.app.app_context():
            rows = db.session.scalars(select(Listing).filter_by(user_id=self.owner.id)).all()
            db.session.expunge_all()
            return {row.sku: row for row in rows}


# «Чай» of the sandbox's tree.
CATEGORY = 40011


def settle(app: Flask, user_id: int, **chosen: Any) -> None:
    """Answer the first questions of publication, and switch it on."""
    values = {name: getattr(Settings(), name) for name in KEPT} | {"store_order": []}
    values |= {"default_category_id": CATEGORY, "photo_fallback": "card", "configured_at": now()}
    with app.app_context():
        db.session.add(PublicationSettings(user_id=user_id, **(values | chosen)))
        config = config_of(user_id)
        config.is_enabled, config.confirmed_at = True, now()
        db.session.commit()


def let_vk_show_within(app: Flask, seconds: int) -> None:
    """Be patient with VK for so long."""
    app.extensions["settings"] = replace(app.extensions["settings"], vk_shows_within_seconds=seconds)


def runs(app: Flask) -> list[Publication]:
    """Every run there is, the oldest first."""
    with app.app_context():
        found = list(db.session.scalars(select(Publication).order_by(Publication.id)))
        db.session.expunge_all()
        return found


def connect_till(app: Flask, user_id: int) -> None:
    """Connect a till that nobody asks."""
    with app.app_context():
        till = CloudAccount(user_id=user_id, provider=EVOTOR, profile={}, is_online=True)
        till.next_check_at = null()
        till.secret = {"token": "of a till that nobody asks"}
        db.session.add(till)
        db.session.commit()


@pytest.fixture
def publishing(
    app: Flask,
    alice: Owner,
    maria: Person,
    teahouse: Community,
    vk: VkWorld,
    run_jobs: Callable[[], None],
) -> Publishing:
    """Alice with VK connected and the first questions answered; no goods yet."""
    connect_at_once(alice, vk, maria, teahouse)
    connect_till(app, alice.id)
    settle(app, alice.id)
    return Publishing(alice, teahouse.id, vk.market(teahouse.id), run_jobs)


@pytest.fixture
def bobs(publishing: Publishing, bob: Owner, maria: Person, vk: VkWorld) -> Publishing:
    """What Bob publishes with Alice's person of VK, to a community of his own; no goods yet."""
    other: Community = next(each for each in vk.communities.values() if each.market_on and each.id != 2001)
    other.roles[maria.id] = 3
    connect_at_once(bob, vk, maria, other)
    connect_till(bob.app, bob.id)
    settle(bob.app, bob.id)
    return Publishing(bob, other.id, vk.market(other.id), publishing.run_jobs)


GOODS = [
    product("p1", "Улун молочный", price=350, quantity=12, measure_name="шт", article_number="A-1"),
    product("p2", "Пуэр шу, лист", price=420.5, quantity=3, measure_name="шт", article_number="A-2"),
    product("p3", "Чай чёрный с чабрецом", price=99, quantity=8, measure_name="шт"),
]


@pytest.fixture
def tea(stock: Stock) -> Stock:
    """Three goods in one store."""
    stock.put(products=GOODS)
    return stock


@pytest.fixture
def tick(app: Flask, run_jobs: Callable[[], None]) -> Callable[[], None]:
    """A round of the clock with all that follows."""

    def tick() -> None:
        with app.app_context():
            look_for_changes()
        run_jobs()

    return tick


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that looks again at once, and a client that tries again at once."""
    monkeypatch.setattr(pacing, "FIRST_BACKOFF", 0.01)
    monkeypatch.setattr(agenda, "LOOK_UP_SECONDS", 0)


@pytest.fixture
def albums(publishing: Publishing, stock: Stock) -> Publishing:
    """Alice's goods in two groups, and albums wanted for all."""
    stock.put(groups=[TEA, COFFEE], products=IN_GROUPS)
    publishing.choose(albums=True)
    return publishing


@pytest.fixture
def take_back(publishing: Publishing, app: Flask) -> Callable[[Publication], Publication]:
    """Press «Вернуть как было», and let a worker do it."""

    def take_back(run: Publication) -> Publication:
        publishing.owner.client.post(f"/sync/publish/{run.id}/undo")
        publishing.run_jobs()
        with app.app_context():
            last = db.session.scalars(select(Publication).order_by(Publication.id.desc())).first()
            assert last is not None and last.undoes == run.id
            db.session.expunge(last)
            return last

    return take_back
