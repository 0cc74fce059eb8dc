"""Stores are read side by side, as fast as the cloud allows and no faster."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.mirror.models import CatalogRefresh
from sandbox.world import Merchant, World
from tests.owners import Owner

pytestmark = pytest.mark.databases("sqlite", "postgresql")


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
