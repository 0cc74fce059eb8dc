"""The worker process: runs queued jobs, each in a forked child."""

import os
import sys

from redis import Redis
from rq import Queue, Worker
from rq.serializers import JSONSerializer

from app.config import ConfigError, Settings
from app.jobs import application
from app.logs import configure_logging
from app.work_queue import CHECKS_QUEUE_NAME, QUEUE_NAME


def main() -> None:
    configure_logging()
    try:
        settings = Settings.from_env(os.environ)
    except ConfigError as error:
        sys.exit(f"Vitrina cannot start: {error}")
    # Built before the first fork, so that no job pays for it.
    application()

    # No socket time-out here: the worker waits for work in one long read.
    connection = Redis.from_url(settings.redis_url)
    queues = [
        Queue(name, connection=connection, serializer=JSONSerializer)
        for name in (CHECKS_QUEUE_NAME, QUEUE_NAME)
    ]
    worker = Worker(queues, connection=connection, serializer=JSONSerializer)
    worker.work(burst="--burst" in sys.argv[1:], with_scheduler=False)


if __name__ == "__main__":
    main()
