"""The job queue: RQ on Redis or Valkey, with JSON arguments."""

import time
from collections.abc import Callable, Sequence
from datetime import timedelta

from flask import Flask
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError, RedisError
from redis.retry import Retry
from rq import Queue, Worker, get_current_job
from rq.command import send_stop_job_command
from rq.exceptions import InvalidJobOperation, NoSuchJobError
from rq.job import Job, JobStatus
from rq.serializers import JSONSerializer
from rq.utils import as_text, now, utcparse

from app.work.jobs import path_of

# Checks are short, and must not wait behind catalogues that are being refreshed.
CHECKS_QUEUE_NAME = "vitrina-checks"
QUEUE_NAME = "vitrina"
# Refreshes of catalogues that are known to be big: they must not keep everybody else waiting.
BIG_QUEUE_NAME = "vitrina-big"
# Publication waits for VK most of its time, and must keep no refresh waiting meanwhile, nor another's that is
# short: an idle process is 12 MB of memory, and VK counts the calls of each owner apart.
PUBLISH_QUEUE_NAME = "vitrina-publish"
# Photos by the thousand take half an hour of a processor, which is no reason for anything else to wait.
PHOTOS_QUEUE_NAME = "vitrina-photos"
# Letters wait for a mail server, which may be silent: no check has a reason to wait for it, too.
LETTERS_QUEUE_NAME = "vitrina-letters"
QUEUE_NAMES = (
    *(CHECKS_QUEUE_NAME, QUEUE_NAME, BIG_QUEUE_NAME),
    *(PUBLISH_QUEUE_NAME, PHOTOS_QUEUE_NAME, LETTERS_QUEUE_NAME),
)
# What each process of a worker listens to. From several queues it takes by turns, so that none keeps another
# waiting, however full it is kept. One does checks alone, two publish, one looks at photos, one sends
# letters, and of the two that refresh one never takes up a big catalogue.
LANES = (
    (CHECKS_QUEUE_NAME,),
    (CHECKS_QUEUE_NAME, QUEUE_NAME),
    (QUEUE_NAME, BIG_QUEUE_NAME),
    (PUBLISH_QUEUE_NAME,),
    (PUBLISH_QUEUE_NAME,),
    (PHOTOS_QUEUE_NAME,),
    (LETTERS_QUEUE_NAME,),
)
# A worker speaks up for its job every 30 seconds, and once a minute without one.
WORKER_SILENCE = timedelta(seconds=45)
IDLE_SILENCE = timedelta(seconds=120)
# How soon a worker that has taken a job out of its queue says that it has it, seconds.
TAKEN_UP_WITHIN = 0.5
# Held by whatever clock is running.
CLOCK_KEY = "vitrina:clock"
CLOCK_SILENCE = timedelta(seconds=30)
# Written to see whether anything can be.
PROBE_KEY = "vitrina:probe"


class QueueUnavailable(Exception):
    """The queue server did not answer."""


class WorkQueue:
    """Enqueue, look up and stop jobs; every failure of the server is a QueueUnavailable."""

    connection: Redis
    # What the worker process that this is works on.
    served: Sequence[str] = ()

    def init_app(self, app: Flask, redis_url: str) -> None:
        # A page that only wants to enqueue must not hang when the server is away or frozen; only a connection
        # that was lost since, as by a restart of the server, is worth another try.
        again = Retry(NoBackoff(), 1, supported_errors=(ConnectionError,))
        self.connection = Redis.from_url(redis_url, socket_connect_timeout=2, socket_timeout=2, retry=again)
        app.extensions["work_queue"] = self

    def enqueue(
        self,
        function: Callable[..., None] | str,
        *args: object,
        job_id: str,
        timeout: int,
        queue_name: str = QUEUE_NAME,
    ) -> None:
        """Queue `function(*args)`, which its path may name; `args` must be JSON, `timeout` is in seconds."""
        queue = Queue(queue_name, connection=self.connection, serializer=JSONSerializer)
        named = function if isinstance(function, str) else path_of(function)
        try:
            queue.enqueue(named, *args, job_id=job_id, job_timeout=timeout, result_ttl=60, failure_ttl=86400)
        except RedisError as error:
            raise QueueUnavailable from error

    def enqueue_again(self, *, job_id: str, queue_name: str) -> None:
        """Queue once more what the job of this moment does, under another name. Raises as `enqueue`."""
        current = get_current_job()
        if current is None:
            raise QueueUnavailable("no job is at work here")
        self.enqueue(
            str(current.func_name),
            *current.args,
            job_id=job_id,
            timeout=int(current.timeout or Queue.DEFAULT_TIMEOUT),
            queue_name=queue_name,
        )

    def lane(self) -> str | None:
        """The queue that the job of this moment came from; None outside of a job."""
        current = get_current_job()
        return current.origin if current is not None else None

    def holds(self, job_id: str) -> bool:
        """Tell whether the job still waits for a worker, or is with one that is alive."""
        job = self._job(job_id)
        if job is not None and job.get_status(refresh=False) == JobStatus.QUEUED:
            if self._waits(job):
                return True
            # In the hands of a worker that has not said so yet, or of one that died before it could.
            time.sleep(TAKEN_UP_WITHIN)
            job = self._job(job_id)
        if job is None or job.get_status(refresh=False) != JobStatus.STARTED:
            return False
        is_heard = job.last_heartbeat is not None and job.last_heartbeat > now() - WORKER_SILENCE
        # One whose clock was ahead seems to speak up for as long; the server forgets it by its own clock.
        return is_heard and self._knows(job.worker_name)

    def _job(self, job_id: str) -> Job | None:
        try:
            return Job.fetch(job_id, connection=self.connection, serializer=JSONSerializer)
        except NoSuchJobError:
            return None
        except RedisError as error:
            raise QueueUnavailable from error

    def _waits(self, job: Job) -> bool:
        """Tell whether the job is in its queue; what a worker takes out is called queued a while longer."""
        try:
            return self.connection.lpos(Queue.redis_queue_namespace_prefix + job.origin, job.id) is not None
        except RedisError as error:
            raise QueueUnavailable from error

    def _knows(self, worker_name: str | None) -> bool:
        """Tell whether the worker of this name has spoken up within its time, as the server counts it."""
        try:
            return bool(self.connection.exists(f"{Worker.redis_worker_namespace_prefix}{worker_name}"))
        except RedisError as error:
            raise QueueUnavailable from error

    def stop(self, job_id: str) -> None:
        """Take the job off the queue, or stop the worker process that runs it.

        A job that ends its own run goes on: it still has to commit why, and finds the end at its next step.
        """
        if (current := get_current_job()) is not None and current.id == job_id:
            return
        try:
            job = Job.fetch(job_id, connection=self.connection, serializer=JSONSerializer)
            job.cancel()
            send_stop_job_command(self.connection, job_id, serializer=JSONSerializer)
        except (NoSuchJobError, InvalidJobOperation, ValueError):
            # It ended meanwhile, or never started: nothing to stop. RQ raises ValueError when its note of who
            # runs the job goes between two of its looks.
            return
        except RedisError as error:
            raise QueueUnavailable from error

    def depth(self, name: str) -> int:
        """Count the jobs that wait in a queue."""
        try:
            return Queue(name, connection=self.connection, serializer=JSONSerializer).count
        except RedisError as error:
            raise QueueUnavailable from error

    def worker_count(self) -> int:
        """Count the workers that have spoken up lately.

        Without objects of RQ's: each makes all our connections as patient as a worker is that waits for jobs.
        """
        try:
            keys = Worker.all_keys(connection=self.connection)
            heard = [self.connection.hget(key, "last_heartbeat") for key in keys]
        except RedisError as error:
            raise QueueUnavailable from error
        return sum(now() - utcparse(as_text(at)) < IDLE_SILENCE for at in heard if at is not None)

    def clock_is_running(self) -> bool:
        """Tell whether a clock has spoken up lately."""
        try:
            return bool(self.connection.exists(CLOCK_KEY))
        except RedisError as error:
            raise QueueUnavailable from error

    def takes_jobs(self) -> bool:
        """Tell whether the server writes: one whose memory is full still answers what it is asked."""
        try:
            return bool(self.connection.set(PROBE_KEY, 1, ex=1))
        except RedisError:
            return False

    def ping(self) -> None:
        """Raise QueueUnavailable unless the server answers."""
        try:
            self.connection.ping()
        except RedisError as error:
            raise QueueUnavailable from error


queue = WorkQueue()
