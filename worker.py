"""The worker: a process for each lane of jobs, which runs each job in a forked child."""

import os
import signal
import sys
from collections.abc import Sequence

from redis import Redis
from rq import Queue, Worker
from rq.serializers import JSONSerializer

from app.config import ConfigError, Settings
from app.jobs import application
from app.logs import configure_logging
from app.work_queue import LANES


def main() -> None:
    configure_logging()
    try:
        settings = Settings.from_env(os.environ)
    except ConfigError as error:
        sys.exit(f"Vitrina cannot start: {error}")
    # Built before the first fork, so that no job pays for it.
    application()
    sys.exit(keep_running([start_lane(settings.redis_url, lane) for lane in LANES]))


def start_lane(redis_url: str, queue_names: Sequence[str]) -> int:
    """Start a process that works on these queues; give its number."""
    pid = os.fork()
    if not pid:
        # Out of the terminal's reach: a Ctrl-C there must come once, from the parent.
        os.setpgid(0, 0)
        work(redis_url, queue_names)
        os._exit(0)
    return pid


def work(redis_url: str, queue_names: Sequence[str]) -> None:
    """Work on the queues, the first first, until told to stop; a job that has begun is finished."""
    # No socket time-out here: the worker waits for work in one long read.
    connection = Redis.from_url(redis_url)
    queues = [Queue(name, connection=connection, serializer=JSONSerializer) for name in queue_names]
    worker = Worker(queues, connection=connection, serializer=JSONSerializer)
    worker.work(burst="--burst" in sys.argv[1:], with_scheduler=False)


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
