"""A page waits two seconds for the queue server, whatever else has been asked of it in the same process."""

from collections.abc import Iterator

import pytest
from redis import Redis
from rq import Worker
from rq.serializers import JSONSerializer

from app.work.queue import QUEUE_NAME, queue


@pytest.fixture
def living_worker(context, valkey_url: str) -> Iterator[None]:
    with Redis.from_url(valkey_url) as connection:
        Worker([QUEUE_NAME], connection=connection, serializer=JSONSerializer).register_birth()
        yield


def test_to_count_the_workers_makes_nobody_wait_longer_for_the_queue_server(living_worker) -> None:
    patience = queue.connection.connection_pool.connection_kwargs["socket_timeout"]
    assert queue.worker_count() == 1
    assert queue.connection.connection_pool.connection_kwargs["socket_timeout"] == patience == 2
