"""Jobs of the product under test, run at once in this process or soon in a thread of it."""

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
import redis
import rq
from flask import Flask
from rq.serializers import JSONSerializer
from rq.timeouts import BaseDeathPenalty

from app.work.jobs import OurJob
from app.work.queue import QUEUE_NAMES
from tests.product import queue_server


class BriefWorker(rq.SimpleWorker):
    """A worker for the jobs of one moment: without what one that lives long does beside them."""

    def __init__(self, queue_names: Sequence[str], connection: redis.Redis) -> None:
        super().__init__(
            queue_names,
            connection=connection,
            serializer=JSONSerializer,
            job_class=OurJob,
            prepare_for_work=False,
        )

    def register_birth(self) -> None:
        pass

    def register_death(self) -> None:
        pass

    def heartbeat(self, *args: Any, **kwargs: Any) -> None:
        pass

    def check_for_suspension(self, burst: bool) -> None:
        pass

    def run_maintenance_tasks(self) -> None:
        pass

    def subscribe(self) -> None:
        """Listen to no commands: the thread that does takes a second to end."""

    def unsubscribe(self) -> None:
        pass


class Unlimited(BaseDeathPenalty):
    """No limit of time for a job: RQ's own needs signals, which only the main thread gets."""

    def setup_death_penalty(self) -> None:
        pass

    def cancel_death_penalty(self) -> None:
        pass


class ThreadWorker(BriefWorker):
    """A worker in a thread."""

    death_penalty_class = Unlimited

    def _install_signal_handlers(self) -> None:
        pass


def work_off(
    app: Flask,
    queue_names: Sequence[str],
    worker_class: type[BriefWorker] = BriefWorker,
    *,
    most: int | None = None,
) -> None:
    """Run every job of these queues, or the first `most`, one after the other, in this process."""
    connection = queue_server(app.extensions["settings"].redis_url)
    with app.app_context():
        worker_class(queue_names, connection).work(burst=True, logging_level="WARNING", max_jobs=most)


@pytest.fixture
def run_jobs(app: Flask) -> Callable[[], None]:
    """Run every queued job, one after the other, in this process."""

    def run() -> None:
        work_off(app, QUEUE_NAMES)

    return run


@pytest.fixture
def helping_hand(app: Flask) -> Iterator[None]:
    """Jobs run soon, in a thread of this process: to start real workers takes longer than most tests."""
    connection = queue_server(app.extensions["settings"].redis_url)
    is_over = threading.Event()

    def help() -> None:
        while not is_over.wait(0.1):
            if any(connection.llen(f"rq:queue:{name}") for name in QUEUE_NAMES):
                work_off(app, QUEUE_NAMES, ThreadWorker)

    thread = threading.Thread(target=help)
    thread.start()
    yield
    is_over.set()
    thread.join()
