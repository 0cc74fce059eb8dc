"""A worker runs the product's jobs and nothing else that somebody could write into the queue."""

from importlib import import_module
from pathlib import Path

import pytest
from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer

from app.config import ROOT
from app.work.jobs import is_job
from app.work.queue import QUEUE_NAME, QUEUE_NAMES
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


def test_no_command_of_the_procfile_shows_the_address_of_the_queue_server() -> None:
    # Everybody on the machine reads the command lines of its processes, and the address holds a password.
    assert "REDIS_URL" not in (ROOT / "Procfile").read_text()
