"""An owner whose shop is at a sandbox's VK, at VK's pace and limits."""

import logging
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

import sandbox
from app.data.db import db
from app.data.types import now
from app.publishing.current import current_plan
from app.publishing.run.job import run_publication, run_reading
from app.publishing.run.models import HAND, MarketReading, Publication
from bench.product import application, prepare
from bench.shop import set_up
from run.embedded_valkey import valkey_command
from sandbox.server import running
from sandbox.vk.world import CLIENT_ID, VkWorld
from sandbox.world import World

# Goods to a call that adds or edits them; calls that VK takes.
BATCH, CALLS_A_SECOND = 25, 3


class AtVk(NamedTuple):
    """An owner of the product whose shop is at a sandbox's VK."""

    app: Flask
    user_id: int
    community_id: int
    vk: VkWorld


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
                    set_up(user_id, community.id, person.id, _token(world.vk.sign_in(person)))
                    yield AtVk(app, user_id, community.id, world.vk)
            finally:
                server.kill()


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
    started = time.perf_counter()
    run_publication(run_id)
    seconds = time.perf_counter() - started
    db.session.expire_all()
    return seconds, db.session.get_one(Publication, run_id)


def read(user_id: int, community_id: int) -> None:
    """Read what the community's shop holds."""
    reading = MarketReading(user_id=user_id, community_id=community_id)
    db.session.add(reading)
    db.session.commit()
    run_reading(reading.id)
    db.session.expire_all()


def _token(access_token: str) -> dict[str, Any]:
    return {
        "access_token": access_token,
        "refresh_token": "none",
        "device_id": "bench",
        "expires_at": int(time.time()) + 10**6,
        "scope": ["groups", "market"],
    }


def _wait_for(socket: Path) -> None:
    with Redis.from_url(f"unix://{socket}") as connection:
        for _ in range(200):
            try:
                connection.ping()
                return
            except RedisError:
                time.sleep(0.02)
