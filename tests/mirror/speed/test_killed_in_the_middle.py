"""A refresh that is killed at any moment leaves the catalogue as it was, and nothing for ever."""

from collections.abc import Callable

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.mirror.models import CachedProduct, CatalogRefresh, StagedProduct
from app.work.runs.row import FAILED, RUNNING
from sandbox.world import Merchant, World
from tests.owners import Owner
from tests.processes import WorkerStarter, end_session, wait_until

pytestmark = pytest.mark.databases("sqlite", "postgresql")


def count(session: Session, model: type) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0


def test_killed_while_it_fetches_it_leaves_no_trace_after_the_next_run(
    alice: Owner,
    add_shop: Callable[..., Merchant],
    world: World,
    start_worker: WorkerStarter,
    run_jobs: Callable[[], None],
    db_session: Session,
) -> None:
    def click() -> None:
        assert alice.client.post("/catalog/refresh").status_code == 303

    shop = add_shop("shop", 300)
    grown = add_shop("shop-grown", 900, of=shop)
    grown.manners = grown.manners.altered({"page_size": 100})
    alice.connect_evotor("shop")
    click()
    run_jobs()
    fetched_at = db_session.scalar(select(func.max(CachedProduct.fetched_at)))

    alice.connect_evotor("shop-grown")
    world.faults.add("slow", resource="products", page=7, seconds=60)
    click()
    worker = start_worker()
    wait_until(lambda: count(db_session, StagedProduct))
    end_session(worker)
    world.faults.clear()

    assert count(db_session, CachedProduct) == 300
    assert db_session.scalar(select(func.max(CachedProduct.fetched_at))) == fetched_at
    # What the page does when the heartbeat has been silent for too long.
    db_session.execute(update(CatalogRefresh).where(CatalogRefresh.status == RUNNING).values(status=FAILED))
    click()
    run_jobs()
    run = db_session.scalars(select(CatalogRefresh).order_by(CatalogRefresh.id.desc())).first()
    assert run and (run.status, run.added, run.removed) == ("done", 600, 0)
    assert count(db_session, CachedProduct) == 900
    assert count(db_session, StagedProduct) == 0
