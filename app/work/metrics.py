"""Numbers for Prometheus: requests of this machine, and what all machines share.

Requests are counted by each gunicorn process in a file that all of them read (see gunicorn.conf.py). Runs and
errors of clouds happen in a process per job, so they are counted in the queue server, where the depth of the
queues is asked too: every machine shows the same numbers of these.
"""

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Histogram, generate_latest, multiprocess
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import REGISTRY
from redis.exceptions import RedisError

from app.logs import route
from app.work.queue import QUEUE_NAMES, QueueUnavailable, queue

RUNS = "refreshes"
CLOUD_ERRORS = "cloud_errors"
_KEY = "vitrina:metrics:"
_LABELS = {RUNS: ["outcome"], CLOUD_ERRORS: ["cloud", "kind"]}
_WORDS = {
    RUNS: "Refreshes of catalogues by outcome",
    CLOUD_ERRORS: "Failed calls of a cloud, after all tries",
}

REQUEST_SECONDS = Histogram(
    "vitrina_request_seconds",
    "Requests answered and the seconds they took",
    ["method", "route", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.3, 1, 3, 10),
)


def count(what: str, *labels: str) -> None:
    """Count one more of RUNS or CLOUD_ERRORS; a queue server that is away loses only the count."""
    with suppress(RedisError):
        queue.connection.hincrby(_KEY + what, " ".join(labels), 1)


def init_metrics(app: Flask) -> None:
    """Time every request."""

    @app.after_request
    def note(response: Response) -> Response:
        if "began" in g and app.extensions["settings"].metrics_token:
            # Any method may be asked for; only those that a route knows make a series of their own.
            method = request.method if request.url_rule else "any"
            labels = REQUEST_SECONDS.labels(method, route(), response.status_code)
            labels.observe(time.perf_counter() - g.began)
        return response


def exposition() -> bytes:
    """Give all numbers in Prometheus' text format."""
    shared = CollectorRegistry()
    shared.register(_Shared())
    own = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        own = CollectorRegistry()
        multiprocess.MultiProcessCollector(own)
    return generate_latest(own) + generate_latest(shared)


class _Shared:
    """What the queue server knows."""

    def collect(self) -> Iterator[Metric]:
        up = GaugeMetricFamily("vitrina_queue_up", "Whether the queue server answers")
        try:
            metrics = [self._depth(), self._workers(), *map(self._counter, _LABELS)]
        except (RedisError, QueueUnavailable):
            metrics = []
        up.add_metric([], 1 if metrics else 0)
        yield up
        yield from metrics

    @staticmethod
    def _depth() -> Metric:
        depth = GaugeMetricFamily("vitrina_queue_depth", "Jobs that wait for a worker", labels=["queue"])
        for name in QUEUE_NAMES:
            depth.add_metric([name], queue.depth(name))
        return depth

    @staticmethod
    def _workers() -> Metric:
        return GaugeMetricFamily("vitrina_workers", "Worker processes that are alive", queue.worker_count())

    @staticmethod
    def _counter(what: str) -> Metric:
        counter = CounterMetricFamily(f"vitrina_{what}", _WORDS[what], labels=_LABELS[what])
        counts: dict[Any, Any] = queue.connection.hgetall(_KEY + what)
        for labels, number in sorted(counts.items()):
            counter.add_metric(labels.decode().split(" "), int(number))
        return counter
