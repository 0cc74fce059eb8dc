"""Measure publication in a process of its own: `python -m bench.publication URL NEW LISTED [COUNTED]`.

A sandbox at VK's limits is asked: NEW goods are added, each with a picture; then LISTED listings are read and
compared, and plans are made of as many goods and of COUNTED. Prints one line of JSON: seconds, calls made
beside the least possible, and how long plans take.
"""

import json
import logging
import math
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import DEVNULL, Popen
from typing import Any, NamedTuple

from flask import Flask
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import delete, insert, select

import sandbox
from app.connections.models import EVOTOR, ONLINE, VK, CloudAccount
from app.data.db import db
from app.data.types import now
from app.mirror.models import CachedProduct, CachedStore
from app.publishing.current import current_plan
from app.publishing.ledger.models import ForeignListing, Listing, ListingGood
from app.publishing.planning.existing import LIVE
from app.publishing.planning.settings import Settings as Chosen
from app.publishing.run.job import run_publication, run_reading
from app.publishing.run.models import HAND, MarketReading, Publication
from app.publishing.settings.models import PublicationSettings
from app.publishing.settings.read import KEPT
from app.rules.read import config_of
from bench.product import application, prepare
from run.embedded_valkey import valkey_command
from sandbox.server import running
from sandbox.vk.filling import fill
from sandbox.vk.world import CLIENT_ID, VkWorld
from sandbox.world import World

BATCH, PAGE, PAGES_A_CALL = 25, 200, 25
CALLS_A_SECOND = 3
STORE = "bench-store"
CATEGORY = 40_011
COUNTED = 100_000


class AtVk(NamedTuple):
    """An owner of the product whose shop is at a sandbox's VK."""

    app: Flask
    user_id: int
    community_id: int
    vk: VkWorld


def main() -> None:
    """Publish, read and plan, and print what it took."""
    database_url, new, listed, *more = sys.argv[1:]
    with at_vk(database_url) as shop:
        found = _publish(shop.user_id, shop.community_id, shop.vk, int(new))
        found |= _compare(shop.user_id, shop.community_id, shop.vk, int(listed))
        found |= _plan(shop.user_id, shop.community_id, int(listed), int(more[0]) if more else COUNTED)
    print(json.dumps(found))


@contextmanager
def at_vk(database_url: str, **settings: Any) -> Iterator[AtVk]:
    """Run a sandbox and a queue server; give the product beside them, in the context of its application."""
    logging.disable(logging.INFO)
    world = World()
    person = world.vk.add_person("Мария", "Чайкина")
    community = world.vk.add_community("Чайная", person)
    with (
        tempfile.TemporaryDirectory(prefix="vitrina-bench-") as directory,
        running(sandbox.create_app(world)) as cloud,
    ):
        socket = Path(directory) / "valkey.sock"
        with Popen(valkey_command(socket, Path(directory), "--save", ""), stdout=DEVNULL) as server:
            try:
                _wait_for(socket)
                app = application(
                    database_url,
                    redis_url=f"unix://{socket}",
                    vk_api_url=f"{cloud}/vk-api",
                    vk_id_url=f"{cloud}/vk-id",
                    vk_client_id=CLIENT_ID,
                    **settings,
                )
                with app.app_context():
                    user_id = prepare()
                    _settle(user_id, person.id, community.id, world.vk.sign_in(person))
                    yield AtVk(app, user_id, community.id, world.vk)
            finally:
                server.kill()


def _publish(user_id: int, community_id: int, vk: VkWorld, goods: int) -> dict[str, Any]:
    put_goods(user_id, goods)
    vk.calls.clear()
    seconds, made_by = run(user_id, community_id)
    # One look at the empty shop, one upload address, one call a picture, 25 goods a call.
    least = 1 + 1 + goods + math.ceil(goods / BATCH)
    made, wrote = vk.calls.total, len(vk.calls.writing)
    nothing, _ = run(user_id, community_id)
    return {
        "new": goods,
        "status": made_by.status,
        "done": made_by.done,
        "seconds": seconds,
        "calls": made,
        "least_calls": least,
        "least_seconds": least / CALLS_A_SECOND,
        "busiest_second": vk.calls.busiest_second(),
        "refused": vk.calls.refused_as_too_often,
        "nothing_seconds": nothing,
        "nothing_writes": len(vk.calls.writing) - wrote,
    }


def _compare(user_id: int, community_id: int, vk: VkWorld, listed: int) -> dict[str, Any]:
    """Make so many listings ours, then read and compare them."""
    fill(vk, community_id, listed, sku="old-{}")
    read(user_id, community_id)
    foreign = list(db.session.scalars(select(ForeignListing).filter_by(user_id=user_id)))
    _adopt(user_id, community_id, foreign)
    vk.calls.clear()
    started = time.perf_counter()
    read(user_id, community_id)
    plan = current_plan(user_id, community_id)
    seconds = time.perf_counter() - started
    return {
        "listed": len(foreign),
        "compare_seconds": seconds,
        "compare_calls": vk.calls.total,
        "least_compare_calls": math.ceil(listed / PAGE / PAGES_A_CALL) + 1,
        "compare_writes": len(vk.calls.writing),
        "still_to_do": plan.counts["create"],
    }


def _plan(user_id: int, community_id: int, listed: int, goods: int) -> dict[str, Any]:
    put_goods(user_id, listed)
    page = min(_timed(lambda: current_plan(user_id, community_id).digest) for _ in range(3))
    put_goods(user_id, goods)
    counted = min(_timed(lambda: current_plan(user_id, community_id).counts) for _ in range(3))
    return {"planned": listed, "plan_seconds": page, "counted": goods, "count_seconds": counted}


def run(user_id: int, community_id: int) -> tuple[float, Publication]:
    """Approve the plan of this moment and carry it out; give the seconds that it took, and the run."""
    plan = current_plan(user_id, community_id)
    row = Publication(
        user_id=user_id,
        community_id=community_id,
        origin=HAND,
        confirmed=[hold.code for hold in plan.holds],
        approved_at=now(),
    )
    db.session.add(row)
    db.session.commit()
    run_id = row.id
    seconds = _timed(lambda: run_publication(run_id))
    db.session.expire_all()
    return seconds, db.session.get_one(Publication, run_id)


def read(user_id: int, community_id: int) -> None:
    """Read what the community's shop holds."""
    reading = MarketReading(user_id=user_id, community_id=community_id)
    db.session.add(reading)
    db.session.commit()
    run_reading(reading.id)
    db.session.expire_all()


def _settle(user_id: int, person_id: int, community_id: int, token: str) -> None:
    till = CloudAccount(user_id=user_id, provider=EVOTOR, profile={}, status=ONLINE, is_online=True)
    till.secret = {"token": "bench"}
    vk = CloudAccount(
        user_id=user_id,
        provider=VK,
        external_user_id=str(person_id),
        profile={"community": {"id": community_id, "name": "Чайная"}},
        status=ONLINE,
        is_online=True,
    )
    vk.secret = {
        "access_token": token,
        "refresh_token": "none",
        "device_id": "bench",
        "expires_at": int(time.time()) + 10**6,
        "scope": ["groups", "market"],
    }
    values = {name: getattr(Chosen(), name) for name in KEPT}
    values |= {"default_category_id": CATEGORY, "photo_fallback": "card", "store_order": []}
    db.session.add_all([till, vk, PublicationSettings(user_id=user_id, configured_at=now(), **values)])
    store = CachedStore(user_id=user_id, evotor_id=STORE, name="Чайная", fetched_at=now())
    db.session.add(store)
    config = config_of(user_id)
    config.is_enabled, config.confirmed_at = True, now()
    db.session.commit()


def put_goods(user_id: int, goods: int) -> None:
    """Let the owner's till hold so many goods."""
    db.session.execute(delete(CachedProduct).filter_by(user_id=user_id))
    rows = [
        {
            "user_id": user_id,
            "store_evotor_id": STORE,
            "evotor_id": f"good-{number}",
            "name": f"Чай листовой № {number}",
            "sort_name": f"чай листовой № {number}",
            "price": 100 + number % 900,
            "quantity": 5,
            "measure_name": "шт",
            "article_number": f"N-{number}",
            "fetched_at": now(),
        }
        for number in range(goods)
    ]
    db.session.execute(insert(CachedProduct), rows)
    db.session.commit()


def _adopt(user_id: int, community_id: int, foreign: list[ForeignListing]) -> None:
    for row in foreign:
        listing = Listing(
            user_id=user_id,
            community_id=community_id,
            sku=row.sku or f"none-{row.item_id}",
            item_id=row.item_id,
            state=LIVE,
            sent=dict(row.seen),
        )
        db.session.add(listing)
        db.session.flush()
        good = ListingGood(
            listing_id=listing.id, user_id=user_id, store_evotor_id=STORE, evotor_id=f"item-{row.item_id}"
        )
        db.session.add(good)
    db.session.commit()


def _timed(work: Any) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _wait_for(socket: Path) -> None:
    with Redis.from_url(f"unix://{socket}") as connection:
        for _ in range(200):
            try:
                connection.ping()
                return
            except RedisError:
                time.sleep(0.02)


if __name__ == "__main__":
    main()
