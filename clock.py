"""The clock: puts what is due into the queue. Several may run: a lease in the queue server lets one ring."""

import logging
import os
import signal
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from typing import NamedTuple

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.serializers import JSONSerializer

from app.config import ConfigError, Settings
from app.logs import configure_logging
from app.work.queue import (
    CHECKS_QUEUE_NAME,
    CLOCK_KEY,
    CLOCK_SILENCE,
    LETTERS_QUEUE_NAME,
    PUBLISH_QUEUE_NAME,
    QUEUE_NAME,
)

TICK_SECONDS = 0.5

log = logging.getLogger("app.clock")


class Round(NamedTuple):
    """A job that is due again and again; `every`: seconds, or the setting that holds them (0: never)."""

    name: str
    job: str
    every: int | str
    queue_name: str = QUEUE_NAME
    timeout: int = 180


_CHECKS = "app.connections.jobs.check_connections"
_LETTERS = "app.accounts.kept_letters.send_kept_letters"
_CATALOGUES = "app.mirror.refresh.schedule.refresh_due_catalogues"
_PUSHED = "app.mirror.refresh.schedule.refresh_pushed_stores"
_FILES = "app.catalog.export.requests.forget_expired"
_ARCHIVES = "app.publishing.photos.archive.requests.forget_old_archives"
_PUBLICATIONS = "app.publishing.run.auto.look_for_changes"
_COMMUNITIES = "app.publishing.run.auto.read_communities"
_LEAVERS = "app.accounts.leaving.finish_deletions"
_DRAFTS = "app.rules.changes.drafts.forget_drafts"
_NEW_GOODS = "app.rules.new_goods.forget_decided"
_STANDSTILLS = "app.publishing.letters.write_of_standstills"
ROUNDS = (
    Round("checks", _CHECKS, "health_check_interval_seconds", CHECKS_QUEUE_NAME, timeout=3600),
    Round("kept-letters", _LETTERS, 60, LETTERS_QUEUE_NAME),
    Round("catalogues", _CATALOGUES, "catalog_refresh_interval_seconds"),
    Round("pushed-stores", _PUSHED, 30),
    Round("expired-files", _FILES, 3600),
    Round("old-archives", _ARCHIVES, 3600),
    Round("drafts", _DRAFTS, 3600),
    Round("leavers", _LEAVERS, 600, timeout=3600),
    Round("new-goods", _NEW_GOODS, 86_400),
    Round("publications", _PUBLICATIONS, 30, PUBLISH_QUEUE_NAME),
    Round("standstills", _STANDSTILLS, 900, LETTERS_QUEUE_NAME),
    Round("communities", _COMMUNITIES, "vk_look_interval_seconds", PUBLISH_QUEUE_NAME),
)


def main() -> None:
    configure_logging()
    try:
        settings = Settings.from_env(os.environ)
    except ConfigError as error:
        sys.exit(f"Vitrina cannot start: {error}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.signal(signal.SIGINT, lambda *_: sys.exit(0))
    connection = Redis.from_url(settings.redis_url, socket_connect_timeout=2, socket_timeout=5)
    try:
        keep_time(connection, wanted(settings))
    finally:
        with suppress(RedisError):
            connection.delete(CLOCK_KEY)


def wanted(settings: Settings) -> dict[Round, int]:
    """Give the rounds that these settings ask for, with the seconds between two of each."""
    seconds = {
        each: each.every if isinstance(each.every, int) else getattr(settings, each.every) for each in ROUNDS
    }
    return {each: interval for each, interval in seconds.items() if interval}


def keep_time(connection: Redis, rounds: dict[Round, int]) -> None:
    """Put every round into its queue whenever its seconds have passed, for ever.

    A queue server that is away is waited for. Of the rounds missed meanwhile one is made up for; none comes
    before its time because the server came back with nothing in it.
    """
    due = dict.fromkeys(rounds, time.monotonic())
    while True:
        try:
            connection.set(CLOCK_KEY, os.getpid(), ex=CLOCK_SILENCE)
            for each in _due(due):
                due[each] = time.monotonic() + ring(connection, each, rounds[each])
        except RedisError as error:
            log.warning("the queue server does not answer: %s", error)
        time.sleep(TICK_SECONDS)


def _due(moments: dict[Round, float]) -> Iterable[Round]:
    return [each for each, moment in moments.items() if moment <= time.monotonic()]


def ring(connection: Redis, due: Round, interval: int) -> float:
    """Queue the round unless another clock has; give the seconds until it is due again."""
    lease = f"vitrina:round:{due.name}"
    if not connection.set(lease, os.getpid(), nx=True, ex=interval):
        left = max(connection.pttl(lease), 0) / 1000
        if left > interval:
            # Taken before the server's clock was set back, or when rounds were further apart.
            connection.expire(lease, interval)
        return min(left, interval)
    queue = Queue(due.queue_name, connection=connection, serializer=JSONSerializer)
    # A round that no worker took before the next one is of no use any more.
    job_id = f"{due.name}-{time.time_ns()}"
    queue.enqueue(due.job, job_id=job_id, ttl=interval, result_ttl=60, job_timeout=due.timeout)
    return interval


if __name__ == "__main__":
    main()
