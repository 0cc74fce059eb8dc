"""The worker: a process for each lane of jobs, which runs each job in a forked child.

A lane that ends, for want of the queue server or by any fault, is started anew until the worker shall stop.
"""

import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from typing import Any
from uuid import uuid4

from flask import Flask
from redis import Redis
from redis.exceptions import RedisError
from rq import Worker
from rq.exceptions import StopRequested
from rq.serializers import JSONSerializer
from rq.worker import RoundRobinWorker, WorkerStatus

from app.config import ConfigError, Settings
from app.data.db import db
from app.data.revision import is_behind
from app.factory import create_app
from app.logs import configure_logging
from app.work.jobs import OurJob, run_in
from app.work.memory import give_memory_back
from app.work.orphans import end_with
from app.work.queue import LANES, queue
from clock import ROUNDS

# A worker without work speaks up 15 s before; `flask doctor` takes one for dead after two minutes of silence.
WORKER_TTL = 75
NICENESS = 5
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)
LOOK_SECONDS = 0.5
MIGRATION_SECONDS = 2
# How long a lane may take to make itself known.
GREETING_SECONDS = 5
# A lane that has lived this long has not failed at its start.
STEADY_SECONDS = 60
LONGEST_PAUSE_SECONDS = 5

log = logging.getLogger("app.worker")


def main() -> None:
    configure_logging()
    try:
        settings = Settings.from_env(os.environ)
    except ConfigError as error:
        sys.exit(f"Vitrina cannot start: {error}")
    # On a machine that serves pages, too, a page comes first.
    os.nice(NICENESS)
    give_memory_back()
    # Built before the first fork, so that no job pays for it.
    app = create_app(settings)
    run_in(app, prepare=finish_when_told_to_stop)
    wait_for_migrations(app)
    for each in ROUNDS:
        import_module(each.job.rpartition(".")[0])
    Lanes(settings.redis_url, is_burst="--burst" in sys.argv[1:]).keep_running()


def wait_for_migrations(app: Flask) -> None:
    """Take no job up before the database is as this release needs it: each would fail in an owner's sight."""
    with app.app_context():
        while is_behind(db.engine):
            log.warning("the database is of an earlier release: waiting for `flask --app wsgi db upgrade`")
            time.sleep(MIGRATION_SECONDS)
        # No lane may inherit a connection.
        db.engine.dispose()


def finish_when_told_to_stop() -> None:
    """Let a job outlive SIGTERM, which systemd sends to all of a service: its lane ends when it has ended."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


@dataclass
class Lane:
    """A process that works on these queues by turns; `pid` is None while there is none."""

    queue_names: Sequence[str]
    name: str = ""
    pid: int | None = None
    started: float = 0.0
    is_told_to_stop: bool = False
    is_forgotten: bool = False
    failures: int = 0
    due: float = 0.0

    def stop(self) -> None:
        """Let it end when its job has ended; told twice, RQ would end the job, too."""
        if self.pid and not self.is_told_to_stop:
            self.is_told_to_stop = True
            os.kill(self.pid, signal.SIGTERM)


class Lanes:
    """All lanes of one worker; `is_burst`: each ends when nothing is left to do."""

    def __init__(self, redis_url: str, *, is_burst: bool) -> None:
        self._redis_url = redis_url
        self._is_burst = is_burst
        self._lanes = [Lane(names) for names in LANES]
        self._is_stopping = False
        self._queue_server = Redis.from_url(redis_url, socket_connect_timeout=2, socket_timeout=5)

    def keep_running(self) -> None:
        """Start every lane, and start anew what ends, until SIGTERM or SIGINT; then wait for all to end."""
        for number in STOP_SIGNALS:
            signal.signal(number, self._stop)
        for lane in self._lanes:
            self._start(lane)
        while any(lane.pid for lane in self._lanes) or not (self._is_stopping or self._is_burst):
            self._bury()
            if not self._is_stopping:
                self._start_due()
                self._end_forgotten()
            time.sleep(LOOK_SECONDS)

    def _stop(self, *_: object) -> None:
        self._is_stopping = True
        for lane in self._lanes:
            lane.stop()

    def _start(self, lane: Lane) -> None:
        lane.name, lane.started = f"{socket.gethostname()}-{uuid4().hex}", time.monotonic()
        parent = os.getpid()
        # Told to stop at this very moment, the worker must know its child, and the child its own handler.
        signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
        lane.pid = os.fork()
        if not lane.pid:
            signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
        if not lane.pid:
            end_with(parent)
            # Out of the terminal's reach: a Ctrl-C there must come once, from the parent.
            os.setpgid(0, 0)
            os._exit(work(self._redis_url, lane.queue_names, lane.name, is_burst=self._is_burst))

    def _bury(self) -> None:
        for lane in self._lanes:
            if not lane.pid or not os.waitpid(lane.pid, os.WNOHANG)[0]:
                continue
            lane.pid, lane.is_told_to_stop = None, False
            has_been_steady = time.monotonic() - lane.started > STEADY_SECONDS
            lane.failures = 0 if has_been_steady else lane.failures + 1
            lane.due = time.monotonic() + min(lane.failures, LONGEST_PAUSE_SECONDS)

    def _start_due(self) -> None:
        for lane in self._lanes:
            if not (lane.pid or self._is_burst) and lane.due <= time.monotonic():
                log.warning("starting the lane of %s anew", ", ".join(lane.queue_names))
                self._start(lane)

    def _end_forgotten(self) -> None:
        """End lanes that the queue server does not know, as it lost everything: they are started anew.

        Not at the first look: one that makes itself known at that moment may have taken a job up already.
        """
        with suppress(RedisError):
            known = set(Worker.all_keys(connection=self._queue_server))
            for lane in self._lanes:
                is_new = time.monotonic() - lane.started < GREETING_SECONDS
                was_forgotten = lane.is_forgotten
                lane.is_forgotten = (
                    not is_new and Worker.redis_worker_namespace_prefix + lane.name not in known
                )
                if lane.is_forgotten and was_forgotten:
                    lane.stop()


class LaneWorker(RoundRobinWorker):
    """RQ's worker that takes from its queues by turns, and leaves its wait for work when it is told to.

    Also when the exception that RQ ends it with has got lost: that is raised wherever the signal finds the
    process, and in the midst of a failing connection the client of the queue server may swallow it: the
    worker then tried to connect until the queue server was back.
    """

    is_told_to_stop = False

    def request_stop(self, signum: int, frame: Any) -> None:
        """Remember the signal before it is acted on."""
        self.is_told_to_stop = True
        super().request_stop(signum, frame)

    def heartbeat(self, *args: Any, **kwargs: Any) -> None:
        """Speak up, as before each wait for work; then is the time to leave."""
        if self.is_told_to_stop and self.get_state() == WorkerStatus.IDLE:
            raise StopRequested
        super().heartbeat(*args, **kwargs)


def work(redis_url: str, queue_names: Sequence[str], name: str, *, is_burst: bool) -> int:
    """Work on the queues until told to stop or the queue server goes away; give the process's exit code.

    A job that has begun is finished in either case.
    """
    queue.served = queue_names
    try:
        # No socket time-out here: the worker waits for work in one long read.
        worker = LaneWorker(
            queue_names,
            name=name,
            connection=Redis.from_url(redis_url),
            serializer=JSONSerializer,
            job_class=OurJob,
            worker_ttl=WORKER_TTL,
        )
        worker.work(burst=is_burst, with_scheduler=False)
    except RedisError as error:
        log.warning("the queue server does not answer: %s", error)
        return 1
    finally:
        _wait_for_job()
    return 0


def _wait_for_job() -> None:
    # RQ leaves its loop, and the job's process alone, when it cannot speak up for it.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    with suppress(ChildProcessError):
        os.wait()


if __name__ == "__main__":
    main()
