"""A clock that was a year ahead and is right again: nothing that waits for a moment waits a year for it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
import redis
from flask import Flask
from sqlalchemy import select, tuple_, update

from app.connections.checks import due_connections
from app.connections.models import CloudAccount
from app.data.db import db
from app.data.types import UtcDateTime, now
from app.mirror.models import PushedStore
from app.mirror.refresh.run import refreshes
from app.mirror.refresh.schedule import refresh_pushed_stores
from app.publishing.run.auto import look_for_changes, read_communities
from app.publishing.run.lives import publications, readings
from clock import ROUNDS, ring
from sandbox.vk.world import VkWorld
from tests.owners import Owner
from tests.publishing.conftest import GOODS, Publishing, hasty, let_vk_show_within, publishing, tea
from tests.stock import Stock, product

__all__ = ["hasty", "publishing", "tea"]

pytestmark = pytest.mark.databases("sqlite", "postgresql")

AHEAD = timedelta(days=365)


def set_back(app: Flask) -> None:
    """Make every moment in the database one that the clock wrote while it was a year ahead."""
    move_moments(app, AHEAD)


def move_moments(app: Flask, by: timedelta) -> None:
    """Move every moment in the database."""
    with app.app_context(), db.engine.begin() as connection:
        for table in db.metadata.sorted_tables:
            moments = [column for column in table.c if isinstance(column.type, UtcDateTime)]
            keys = list(table.primary_key.columns)
            for row in connection.execute(select(*keys, *moments)).all() if moments else ():
                later = {
                    column: moment + by
                    for column, moment in zip(moments, row[len(keys) :], strict=True)
                    if moment is not None
                }
                is_it = tuple_(*keys) == tuple_(*row[: len(keys)])
                if later:
                    connection.execute(update(table).where(is_it).values(later))


def test_connections_are_checked(app: Flask, alice: Owner) -> None:
    alice.connect_evotor()
    with app.app_context():
        db.session.execute(update(CloudAccount).values(checking_since=now()))
        db.session.commit()
    set_back(app)
    assert "На связи" in alice.check("evotor").page.text
    set_back(app)
    with app.app_context():
        assert len(list(due_connections())) == 1 and not list(due_connections())


def test_a_changed_store_is_refreshed(app: Flask, alice: Owner) -> None:
    alice.connect_evotor()
    with app.app_context():
        db.session.add(PushedStore(user_id=alice.id, store_evotor_id="s", pushed_at=now(), tried_at=now()))
        db.session.commit()
    set_back(app)
    with app.app_context():
        refresh_pushed_stores()
        assert refreshes.latest(alice.id) is not None


def test_publication_goes_on_by_itself(
    app: Flask, publishing: Publishing, tea: Stock, vk: VkWorld, run_jobs: Callable[[], None]
) -> None:
    publishing.read()
    vk.trouble = "flood"
    assert publishing.publish().status == "paused"
    vk.trouble = None
    set_back(app)
    with app.app_context():
        look_for_changes()
    run_jobs()
    assert len(publishing.items) == 3

    publishing.choose(auto=True)
    set_back(app)
    tea.put(
        products=[
            product("p1", "Улун молочный", price=351, quantity=12, measure_name="шт", article_number="A-1"),
            *GOODS[1:],
        ]
    )
    with app.app_context():
        look_for_changes()
        read_communities()
        assert readings.latest(publishing.owner.id).status == "queued"  # type: ignore[union-attr]
    run_jobs()
    assert publishing.items["A-1"].price == 35_100
    with app.app_context():
        read_communities()
        assert readings.latest(publishing.owner.id).status == "done", "once is enough"  # type: ignore[union-attr]
        assert not publications.latest(publishing.owner.id).is_active  # type: ignore[union-attr]


def test_a_quota_of_the_future_is_not_todays(app: Flask, publishing: Publishing, tea: Stock) -> None:
    app.extensions["settings"] = replace(app.extensions["settings"], vk_daily_limit=3)
    publishing.publish()
    set_back(app)
    tea.put(products=[product(f"n{n}", f"Новый чай {n}", price=100) for n in range(3)])
    run = publishing.publish()
    assert run.status == "done" and {item.title for item in publishing.items.values() if not item.hidden} == {
        f"Новый чай {n}" for n in range(3)
    }


def test_the_clock_rings_when_the_queue_servers_time_was_set_back(valkey_url: str) -> None:
    with redis.Redis.from_url(valkey_url) as connection:
        connection.flushall()
        assert ring(connection, ROUNDS[0], 60) == 60
        connection.expire(f"vitrina:round:{ROUNDS[0].name}", AHEAD)
        assert ring(connection, ROUNDS[0], 60) == 60
        assert connection.ttl(f"vitrina:round:{ROUNDS[0].name}") <= 60
        connection.flushall()


@pytest.mark.usefixtures("hasty")
def test_what_vk_may_yet_show_is_not_added_again_by_a_clock_that_is_behind_the_one_that_asked(
    app: Flask, publishing: Publishing, tea: Stock, vk: VkWorld
) -> None:
    let_vk_show_within(app, 120)
    vk.habits.shows_added_after = 60
    publishing.publish(only=("s1", "p1"))
    # The first call of many reads the shop, the second adds goods.
    vk.faults.lose("execute", nth=2)
    assert publishing.publish().status == "paused"
    move_moments(app, timedelta(hours=1))
    publishing.publish()
    skus = [item.sku for item in publishing.market.living() if item.sku]
    assert len(skus) == len(set(skus)) == 3
