"""Stores are read side by side, as fast as the cloud allows and no faster."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.clients.evotor.client import Store
from app.mirror.models import CatalogRefresh
from app.mirror.refresh.progress import StoreOutcome
from app.mirror.refresh.stores import STORES_AT_ONCE, StoreRun
from sandbox.world import Merchant, World
from tests.databases import on_both
from tests.owners import Owner


@on_both
def test_stores_side_by_side_stay_within_the_limit_of_each(
    alice: Owner,
    add_shop: Callable[..., Merchant],
    world: World,
    run_jobs: Callable[[], None],
    db_session: Session,
) -> None:
    shop = add_shop("limited", 240, stores=3)
    shop.manners = shop.manners.altered({"page_size": 20, "rate_limit": 3, "rate_window": 1.0})
    alice.connect_evotor("limited")
    alice.client.post("/catalog/refresh")
    run_jobs()
    assert db_session.scalars(select(CatalogRefresh)).one().added == 240
    assert {entry.status for entry in world.journal.entries()} == {200}


def test_progress_is_written_once_a_second_however_many_pages_come(
    app: Flask,
    alice: Owner,
    add_shop: Callable[..., Merchant],
    run_jobs: Callable[[], None],
    count_statements: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    shop = add_shop("many-pages", 600, stores=2)
    shop.manners = shop.manners.altered({"page_size": 5})
    alice.connect_evotor("many-pages")
    alice.client.post("/catalog/refresh")
    started = time.monotonic()
    with count_statements() as statements:
        run_jobs()
    seconds = time.monotonic() - started
    writes = [statement for statement in statements if statement.startswith("UPDATE catalog_refreshes")]
    # The start, the end and each of the two stores write as well.
    assert len(writes) <= 4 + seconds


def test_no_more_stores_wait_in_memory_than_are_fetched_at_once(
    alice: Owner,
    add_shop: Callable[..., Merchant],
    run_jobs: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    add_shop("many-stores", 60, stores=12)
    begun: list[str] = []
    ahead: list[int] = []
    fetch, apply = StoreRun._fetch, StoreRun._apply

    def fetch_and_count(run: StoreRun, store: Store, outcome: StoreOutcome) -> Any:
        begun.append(store.id)
        return fetch(run, store, outcome)

    def apply_and_count(run: StoreRun, *arguments: Any) -> None:
        if not ahead:
            # As slow as a store of a million goods.
            time.sleep(0.2)
        ahead.append(len(begun) - len(ahead))
        apply(run, *arguments)

    monkeypatch.setattr(StoreRun, "_fetch", fetch_and_count)
    monkeypatch.setattr(StoreRun, "_apply", apply_and_count)
    alice.connect_evotor("many-stores")
    alice.client.post("/catalog/refresh")
    run_jobs()
    assert len(begun) == len(ahead) == 12 and max(ahead) <= STORES_AT_ONCE
