"""SIGKILL anywhere in a run, and answers lost on the way: each good is in VK exactly once afterwards."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import redis
from flask import Flask
from sqlalchemy import update

from app.data.db import db
from app.data.types import now
from app.publishing.run.models import Publication
from app.publishing.run.requests import publish
from sandbox.vk.world import VkWorld
from tests.faults.conftest import Victim
from tests.publishing.conftest import Publishing, publishing
from tests.stock import Stock, group, product

__all__ = ["publishing"]

pytestmark = pytest.mark.databases("sqlite", "postgresql")


def assortment(round: int) -> list:
    """Goods that give a run something of everything to do: new, dearer, gone, back."""
    of_steady = "old tea" if round % 2 else "tea"
    return [
        product("dearer", "Улун молочный", "tea", price=350 + round, article_number="A-1"),
        product("steady", "Пуэр шу, лист", of_steady, price=420, article_number="A-2"),
        product("comes-and-goes", "Чай чёрный с чабрецом", price=99, allow_to_sell=round % 2 == 0),
        *(product(f"new-{number}", f"Новый чай {number}", price=100 + number) for number in range(round + 1)),
    ]


def long_ago() -> datetime:
    """A moment after which a silent run is dead."""
    return now() - timedelta(seconds=50)


def assert_each_is_there_once(publishing: Publishing, round: int, foreign: dict[int, str]) -> None:
    skus = [item.sku for item in publishing.market.living() if item.sku]
    assert len(skus) == len(set(skus)) == 4 + round
    ledger = {sku: (listing.item_id, listing.state) for sku, listing in publishing.listings().items()}
    assert ledger == {
        item.sku: (item.id, "hidden" if item.hidden else "live") for item in publishing.items.values()
    }
    assert publishing.items["A-1"].price == (350 + round) * 100
    assert {item.id: item.title for item in publishing.market.living() if not item.sku} == foreign
    albums = publishing.market.albums.values()
    titles = [album.title for album in albums if album.title != "События"]
    assert len(titles) == len(set(titles))
    items = publishing.market.items
    in_tea = [
        items[item_id].sku for album in albums if album.title == f"Чай {round}" for item_id in album.items
    ]
    assert sorted(in_tea) == (["A-1"] if round % 2 else ["A-1", "A-2"])


def groups(round: int) -> list:
    """Groups whose albums are renamed in each round; a good goes to and fro between them."""
    return [group("tea", f"Чай {round}"), group("old tea", "Выдержанный чай")]


def test_a_killed_run_leaves_nothing_twice_and_the_next_one_finishes_its_work(
    app: Flask,
    publishing: Publishing,
    stock: Stock,
    vk: VkWorld,
    victim: Victim,
    moments: Callable[[int], list[int]],
    valkey_url: str,
) -> None:
    def ask() -> int:
        with app.app_context():
            run = publish(publishing.owner.id, publishing.community_id, publishing.plan())
            run_id = run.id
        with redis.Redis.from_url(valkey_url) as queue_server:
            queue_server.flushall()
        return run_id

    publishing.choose(albums=True)
    stock.put(groups=groups(0), products=assortment(0))
    measured = victim.does("publication", ask())
    assert measured["ended"] == "done"
    foreign = {item.id: item.title for item in publishing.market.living() if not item.sku}
    assert_each_is_there_once(publishing, 0, foreign)

    chance = random.Random(1)
    for round, moment in enumerate(moments(measured["statements"]), start=1):
        stock.put(groups=groups(round), products=assortment(round))
        if chance.random() < 0.3:
            vk.faults.lose(chance.choice(["execute", "market.saveProductPhoto"]))
        victim.does("publication", ask(), dies_at=moment)
        vk.faults.clear()
        with app.app_context():
            db.session.execute(
                update(Publication)
                .where(Publication.status.in_(("queued", "running")))
                .values(heartbeat_at=long_ago(), requested_at=long_ago())
            )
            db.session.commit()
        run = publishing.publish()
        if run.status == "paused":
            run = publishing.publish()
        assert run.status == "done", (moment, run.status, run.error)
        assert_each_is_there_once(publishing, round, foreign)
        assert not publishing.plan().has_work
