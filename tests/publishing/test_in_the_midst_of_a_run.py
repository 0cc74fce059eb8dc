"""What happens to a run while it goes: the owner thinks otherwise, or everything comes at the same moment."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import pairwise

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.data.db import db
from app.publishing.ledger.models import Listing
from app.publishing.planning.existing import SENDING
from app.publishing.run.models import Publication
from app.publishing.run.requests import publish
from app.work.budget import SharedBudget
from app.work.runs.row import FAILED, RUNNING
from sandbox.vk.calls import CallMade
from sandbox.vk.people import Community, Person
from sandbox.vk.world import VkWorld
from tests.owners import PASSWORD, Owner
from tests.processes import ClockStarter, WorkerProcess, WorkerStarter, wait_until
from tests.publishing.conftest import Publishing
from tests.stock import Stock, product
from tests.thoroughness import examples

GOODS = 30
# So that a run of 30 goods cannot be over before anybody has acted.
SLOWLY = "8"
ACTIVE = ("queued", "running")


@pytest.fixture
def many(stock: Stock) -> Stock:
    """More goods than one call adds."""
    stock.put(products=[product(f"p{n}", f"Улун молочный {n}", price=300 + n) for n in range(GOODS)])
    return stock


@pytest.fixture
def club(vk: VkWorld, maria: Person) -> Community:
    """Another community of Alice's with a shop."""
    community = vk.add_community("Вторая чайная", maria)
    vk.market(community.id)
    return community


@pytest.fixture
def going(
    publishing: Publishing, many: Stock, vk: VkWorld, start_worker: WorkerStarter
) -> Iterator[WorkerProcess]:
    """A worker in the midst of a run of Alice's, who has published one good before."""
    publishing.read()
    assert publishing.publish(only=("s1", "p0")).status == "done"
    page = publishing.owner.client.get("/sync/plan").page
    (digest,) = page.select("//input[@name='plan']/@value")[:1]
    answer = publishing.owner.client.post("/sync/publish", data={"plan": digest, "confirm": "1"})
    assert answer.status_code == 303, answer.text
    vk.calls.clear()
    worker = start_worker("--burst", VK_CALLS_PER_SECOND=SLOWLY)
    wait_until(lambda: vk.calls.uploads >= 3)
    yield worker


def writing(vk: VkWorld) -> list[CallMade]:
    """Calls that change a shop."""
    return [call for call in vk.calls.writing if call.method.startswith("market.")]


def disconnect(owner: Owner, club: Community) -> None:
    assert owner.disconnect("vk").status_code == 303


def choose_another(owner: Owner, club: Community) -> None:
    assert owner.client.post("/connections/vk/community", data={"community_id": club.id}).status_code == 303


def leave(owner: Owner, club: Community) -> None:
    assert owner.client.post("/profile/delete", data={"password": PASSWORD}).status_code == 303


@pytest.mark.parametrize("act", [disconnect, choose_another, leave])
def test_an_owner_who_thinks_otherwise_ends_it_within_a_call(
    app: Flask,
    club: Community,
    publishing: Publishing,
    vk: VkWorld,
    going: WorkerProcess,
    act: Callable[[Owner, Community], None],
) -> None:
    act(publishing.owner, club)
    before = len(writing(vk)) + vk.calls.uploads
    assert going.wait(60) == 0
    assert len(writing(vk)) + vk.calls.uploads - before <= 2, "the call under way, and no further one"
    assert not list(vk.market(club.id).living())
    assert len(publishing.items) < GOODS
    with app.app_context():
        own = {"user_id": publishing.owner.id}
        runs = db.session.scalars(select(Publication).filter_by(**own).order_by(Publication.id)).all()
        if act is leave:
            assert not runs
        else:
            assert [run.status for run in runs] == ["done", "cancelled"]
            assert runs[1].error or act is not disconnect
            kept = db.session.scalars(select(Listing).filter_by(**own)).all()
            assert {listing.community_id for listing in kept} == {publishing.community_id}
            assert {listing.sku for listing in kept} >= publishing.items.keys() > set()


def test_a_worker_that_stood_still_sends_nothing_of_a_run_that_has_ended_meanwhile(
    app: Flask, publishing: Publishing, tea: Stock, vk: VkWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    publishing.read()
    take = SharedBudget._take
    ended: list[int] = []

    def standing_still(budget: SharedBudget, key: str, slot: str) -> float:
        if not ended and any(listing.state == SENDING for listing in publishing.listings().values()):
            # Frozen between the intent and the call, long enough to be taken for dead.
            with db.engine.begin() as other:
                running = (Publication.user_id == publishing.owner.id) & (Publication.status == RUNNING)
                ended.append(other.execute(update(Publication).where(running).values(status=FAILED)).rowcount)
        return take(budget, key, slot)

    monkeypatch.setattr(SharedBudget, "_take", standing_still)
    vk.calls.clear()
    publishing.publish()
    assert ended == [1]
    assert {call.method for call in writing(vk)} == {"market.saveProductPhoto"}
    assert publishing.publish().status == "done"
    skus = [item.sku for item in publishing.market.living() if item.sku]
    assert len(skus) == len(set(skus)) == 3


def ended(app: Flask) -> bool:
    with app.app_context():
        return not db.session.scalars(select(Publication.id).where(Publication.status.in_(ACTIVE))).first()


def spans(app: Flask) -> list[tuple[datetime, datetime]]:
    with app.app_context():
        rows = db.session.execute(select(Publication.started_at, Publication.finished_at)).all()
        return sorted((begun, over) for begun, over in rows if begun and over)


@pytest.mark.databases("sqlite", "postgresql")
@pytest.mark.parametrize("_time", range(examples(1)))
def test_two_workers_a_clock_clicks_and_stops_at_the_same_moment_make_one_run(
    app: Flask,
    publishing: Publishing,
    many: Stock,
    start_worker: WorkerStarter,
    start_clock: ClockStarter,
    _time: int,
) -> None:
    publishing.read()
    foreign = {item.id: item.title for item in publishing.market.living() if not item.sku}
    publishing.choose(auto=True)
    start_clock()
    for _ in range(2):
        start_worker(VK_CALLS_PER_SECOND="100")
    owner = publishing.owner
    (digest,) = owner.client.get("/sync/plan").page.select("//input[@name='plan']/@value")[:1]
    token = owner.client.csrf_token()

    def click(number: int) -> int:
        browser = app.test_client()
        browser.set_cookie("session", owner.client.get_cookie("session").value, domain="localhost")  # type: ignore[union-attr]
        if number % 4 == 3:
            with app.app_context():
                run_id = db.session.scalar(select(Publication.id).order_by(Publication.id.desc()))
            address = f"/sync/publish/{run_id or 1}/cancel"
        else:
            address = "/sync/publish"
        form = {"plan": digest, "confirm": "1", "csrf_token": token}
        return browser.open(address, method="POST", data=form).status_code

    with ThreadPoolExecutor(8) as pool:
        codes = Counter(pool.map(click, range(24)))
    assert set(codes) <= {303, 404, 409, 422}, codes
    wait_until(lambda: ended(app), 60)
    for _ in range(3):
        if not publishing.plan().has_work:
            break
        with app.app_context():
            publish(owner.id, publishing.community_id, publishing.plan())
        wait_until(lambda: ended(app), 60)
    skus = [item.sku for item in publishing.market.living() if item.sku]
    assert len(skus) == len(set(skus)) == GOODS
    assert {item.id: item.title for item in publishing.market.living() if not item.sku} == foreign
    times = spans(app)
    assert all(over <= begun for (_, over), (begun, _) in pairwise(times)), times
