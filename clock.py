"""What `rq cron` enqueues, and when."""

import logging
import os
import sys
import time
from contextlib import suppress
from functools import partial

from redis.exceptions import RedisError
from rq import Queue, cron
from rq.exceptions import SchedulerNotFound, StopRequested
from rq.serializers import JSONSerializer

from app.catalog.export.requests import forget_expired
from app.config import ConfigError, Settings
from app.connections.jobs import ROUND_TIMEOUT_SECONDS, check_connections
from app.logs import configure_logging
from app.mirror.refresh.schedule import refresh_due_catalogues, refresh_pushed_stores
from app.publishing.run.auto import (
    READING_ROUND_SECONDS,
    ROUND_SECONDS,
    look_for_changes,
    read_communities,
)
from app.rules.changes.drafts import forget_drafts
from app.work.queue import CHECKS_QUEUE_NAME, QUEUE_NAME

PUSHED_STORES_INTERVAL_SECONDS = 30
RETRY_SECONDS = 1

log = logging.getLogger(__name__)


def keep_time(scheduler: cron.CronScheduler) -> None:
    """Enqueue what is due, until told to stop.

    A queue server that is away is waited for; of the rounds that were missed meanwhile one is made up for.
    """
    scheduler._install_signal_handlers()
    with suppress(StopRequested):
        while True:
            try:
                if scheduler.enqueue_jobs():
                    scheduler.save()
                # Makes the clock known, too, to a server that has not met it or has lost everything.
                scheduler.heartbeat()
                pause = scheduler.calculate_sleep_interval()
            except RedisError as error:
                log.warning("the queue server does not answer: %s", error)
                pause = RETRY_SECONDS
            time.sleep(pause)
    with suppress(RedisError, SchedulerNotFound):
        scheduler.register_death()


# RQ 3.0's own loop ends when the queue server goes away.
cron.CronScheduler.start = keep_time  # type: ignore[method-assign]
# Its scheduler has no setting for the serializer, and workers here read JSON only.
cron.Queue = partial(Queue, serializer=JSONSerializer)  # type: ignore[misc, assignment]

configure_logging()
# `rq cron` has given its scheduler a form of its own before it came here.
scheduler_log = logging.getLogger(cron.__name__)
scheduler_log.handlers.clear()
scheduler_log.propagate = True
try:
    _settings = Settings.from_env(os.environ)
except ConfigError as error:
    sys.exit(f"Vitrina cannot start: {error}")
# Deletes workbooks whose links have expired, and plans that nobody has applied.
cron.register(forget_expired, QUEUE_NAME, interval=3600, result_ttl=60)
cron.register(forget_drafts, QUEUE_NAME, interval=3600, result_ttl=60)
if _interval := _settings.catalog_refresh_interval_seconds:
    cron.register(refresh_due_catalogues, QUEUE_NAME, interval=_interval, result_ttl=60)
if _interval := _settings.health_check_interval_seconds:
    # A round that no worker took before the next one is of no use any more.
    cron.register(
        check_connections,
        CHECKS_QUEUE_NAME,
        interval=_interval,
        ttl=_interval,
        result_ttl=60,
        job_timeout=ROUND_TIMEOUT_SECONDS,
    )
cron.register(
    refresh_pushed_stores,
    QUEUE_NAME,
    interval=PUSHED_STORES_INTERVAL_SECONDS,
    ttl=PUSHED_STORES_INTERVAL_SECONDS,
    result_ttl=60,
)
cron.register(look_for_changes, QUEUE_NAME, interval=ROUND_SECONDS, ttl=ROUND_SECONDS, result_ttl=60)
if _settings.vk_read_interval_seconds:
    cron.register(read_communities, QUEUE_NAME, interval=READING_ROUND_SECONDS, result_ttl=60)
