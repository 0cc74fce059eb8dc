"""A refresh that is killed at any moment leaves the catalogue as it was, and nothing for ever."""

import subprocess
from collections.abc import Callable

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.mirror.models import CachedProduct, CatalogRefresh, StagedProduct
from app.work.runs.row import FAILED, RUNNING
from sandbox.world import Merchant
from tests.mirror.speed.conftest import Refresher
from tests.product import wait_until

pytestmark = pytest.mark.databases("sqlite", "postgresql")

Starter = Callable[[str], subprocess.Popen[str]]


def count(session: Session, model: type) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0


def test_killed_while_it_fetches_it_leaves_no_trace_after_the_next_run(
    add_shop: Callable[..., Merchant], start_refresh: Starter, refresh: Refresher, db_session: Session
) -> None:
    shop = add_shop("shop", 3_000)
    slow = add_shop("shop-grown", 9_000, of=shop)
    slow.manners = slow.manners.altered({"latency": 0.15, "page_size": 300})
    refresh("shop")
    fetched_at = db_session.scalar(select(func.max(CachedProduct.fetched_at)))

    process = start_refresh("shop-grown")
    wait_until(lambda: count(db_session, StagedProduct))
    process.kill()
    process.wait()

    assert count(db_session, CachedProduct) == 3_000
    assert db_session.scalar(select(func.max(CachedProduct.fetched_at))) == fetched_at
    # What the page does when the heartbeat has been silent for too long.
    db_session.execute(update(CatalogRefresh).where(CatalogRefresh.status == RUNNING).values(status=FAILED))
    slow.manners = slow.manners.altered({"latency": 0.0})
    report = refresh("shop-grown")
    assert (report["status"], report["added"], report["removed"]) == ("done", 6_000, 0)
    assert count(db_session, CachedProduct) == 9_000
    assert count(db_session, StagedProduct) == 0
