"""The worker: a process for each lane of jobs, which runs each job in a forked child."""

import logging
import os
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, Worker
from rq.exceptions import StopRequested
from rq.serializers import JSONSerializer
from rq.worker_registration import register

from app.config import ConfigError, Settings
from app.factory import create_app
from app.logs import configure_logging
from app.work.jobs import run_in
from app.work.queue import LANES

RETRY_SECONDS = 1
# A worker without work speaks up 15 s before; `flask doctor` takes one for dead after two minutes of silence.
WORKER_TTL = 75
NICENESS = 5

log = logging.getLogger("app.worker")


def main() -> None:
    configure_logging()
    try:
        settings = Settings.from_env(os.environ)
    except ConfigError as error:
        sys.exit(f"Vitrina cannot start: {error}")
    # On a machine that serves pages, too, a page comes first.
    os.nice(NICENESS)
    # Built before the first fork, so that no job pays for it.
    run_in(create_app(settings))
    sys.exit(keep_running([start_lane(settings.redis_url, lane) for lane in LANES]))


def start_lane(redis_url: str, queue_names: Sequence[str]) -> int:
    """Start a process that works on these queues; give its number."""
    pid = os.fork()
    if not pid:
        # Out of the terminal's reach: a Ctrl-C there must come once, from the parent.
        os.setpgid(0, 0)
        signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
        work(redis_url, queue_names)
        os._exit(0)
    return pid


def work(redis_url: str, queue_names: Sequence[str]) -> None:
    """Work on the queues, the first first, until told to stop; a job that has begun is finished.

    A queue server that is away is waited for, and known again when it comes back with nothing in it.
    """
    is_burst = "--burst" in sys.argv[1:]
    # No socket time-out here: the worker waits for work in one long read.
    connection = Redis.from_url(redis_url)
    queues = [Queue(name, connection=connection, serializer=JSONSerializer) for name in queue_names]
    with suppress(StopRequested):
        while True:
            try:
                lane = Lane(queues, connection=connection, serializer=JSONSerializer, worker_ttl=WORKER_TTL)
                lane.work(burst=is_burst, with_scheduler=False)
            except RedisError as error:
                if is_burst:
                    raise
                log.warning("the queue server does not answer: %s", error)
            if is_burst or Lane.is_told_to_stop:
                return
            # RQ ends its work when the server goes away in the wrong moment.
            time.sleep(RETRY_SECONDS)


class Lane(Worker):
    """RQ's worker, which goes on when the queue server has been away or has lost everything."""

    is_told_to_stop = False

    def request_stop(self, signum: int, frame: Any) -> None:
        Lane.is_told_to_stop = True
        super().request_stop(signum, frame)

    def set_shutdown_requested_date(self) -> None:
        with suppress(RedisError):
            super().set_shutdown_requested_date()

    def setup_work_horse_signals(self) -> None:
        super().setup_work_horse_signals()
        # systemd tells every process of a service to stop; the lane ends when its job has ended.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)

    def heartbeat(self, timeout: int | None = None, pipeline: Any = None) -> None:
        super().heartbeat(timeout, pipeline)
        if pipeline is None:
            # Otherwise RQ does so once, when it starts.
            self.connection.hset(self.key, mapping=self.serialize())
            register(self)

    def maintain_heartbeats(self, *running: Any) -> None:
        # The job needs the database, not the queue: it goes on, and its worker with it.
        with suppress(RedisError):
            super().maintain_heartbeats(*running)
            self.heartbeat()


def keep_running(lanes: list[int]) -> int:
    """Wait until every lane has ended and hand signals on; a lane that fails ends the others, too."""
    running = set(lanes)

    def hand_on(number: int, _frame: object = None) -> None:
        for pid in running:
            os.kill(pid, number)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, hand_on)
    failed = False
    while running:
        pid, status = os.wait()
        running.discard(pid)
        if status and not failed:
            # Whoever watches this process starts it anew; half of it must not go on alone.
            failed = True
            hand_on(signal.SIGTERM)
    return int(failed)


if __name__ == "__main__":
    main()
