"""A worker runs the product's jobs and nothing else that somebody could write into the queue."""

from importlib import import_module
from pathlib import Path

import pytest
from flask import Flask
from redis import Redis
from rq import Queue
from rq.executions import Execution, ExecutionRegistry
from rq.job import Job, JobStatus
from rq.serializers import JSONSerializer

from app.config import ROOT
from app.work.jobs import is_job
from app.work.queue import QUEUE_NAME, QUEUE_NAMES, queue
from clock import ROUNDS, Round
from tests.processes import WorkerStarter, wait_until


@pytest.mark.parametrize("each", ROUNDS, ids=lambda each: each.name)
def test_every_round_of_the_clock_is_a_job_in_a_queue_that_is_worked_on(each: Round) -> None:
    import_module(each.job.rpartition(".")[0])
    assert is_job(each.job)
    assert each.queue_name in QUEUE_NAMES


def test_a_function_that_is_no_job_is_not_called(
    start_worker: WorkerStarter, valkey_url: str, tmp_path: Path
) -> None:
    proof = tmp_path / "called"
    with Redis.from_url(valkey_url) as connection:
        queue = Queue(QUEUE_NAME, connection=connection, serializer=JSONSerializer)
        attack = queue.enqueue("os.mkdir", str(proof))
        start_worker("--burst").wait(60)
        wait_until(attack.get_status)
        assert attack.is_failed
    assert not proof.exists()


def test_a_job_that_ends_while_it_is_stopped_is_no_error(app: Flask) -> None:
    with app.app_context():
        queue.enqueue("app.work.nothing", job_id="ends", timeout=60)
        Job.fetch("ends", queue.connection, JSONSerializer).set_status(JobStatus.STARTED)
        # A worker drops its note of the job between two looks of whoever stops it.
        note = Execution(id="dropped", job_id="ends", connection=queue.connection)
        with queue.connection.pipeline() as pipeline:
            ExecutionRegistry("ends", queue.connection).add(note, ttl=60, pipeline=pipeline)
            pipeline.execute()
        queue.stop("ends")


def test_the_procfile_shows_no_password_and_opens_no_port_to_the_network() -> None:
    # Everybody on the machine reads the command lines of its processes, and an address holds a password.
    procfile = (ROOT / "Procfile").read_text()
    assert "_URL" not in procfile
    assert "--bind ${BIND:-127.0.0.1}:" in procfile
