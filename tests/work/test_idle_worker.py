"""A worker that has nothing to do is still known to be alive."""

from redis import Redis
from rq import Worker
from rq.serializers import JSONSerializer

from app.work.queue import IDLE_SILENCE, QUEUE_NAME
from worker import WORKER_TTL


def test_an_idle_worker_speaks_up_before_the_doctor_takes_it_for_dead(valkey_url: str) -> None:
    with Redis.from_url(valkey_url) as connection:
        lane = Worker([QUEUE_NAME], connection=connection, serializer=JSONSerializer, worker_ttl=WORKER_TTL)
        assert lane.dequeue_timeout < IDLE_SILENCE.total_seconds()
