"""Whoever waits has his turn: no queue keeps another one waiting for as long as it is filled itself."""

from collections.abc import Sequence

import pytest
from redis import Redis
from rq.serializers import JSONSerializer

from app.catalog.export.requests import forget_expired
from app.mirror.models import CatalogRefresh
from app.mirror.refresh import turns
from app.mirror.refresh.progress import Progress
from app.mirror.refresh.run import refreshes
from app.work.queue import BIG_QUEUE_NAME, LANES, QUEUE_NAME, queue
from app.work.runs.row import RUNNING
from app.work.runs.running import GivesWay, Running
from tests.owners import Owner
from worker import LaneWorker

pytestmark = pytest.mark.usefixtures("context")

BUSY = [names for names in LANES if len(names) > 1]


def wait_in(name: str, job_id: str) -> None:
    queue.enqueue(forget_expired, job_id=job_id, timeout=60, queue_name=name)


@pytest.mark.parametrize("names", BUSY, ids=" ".join)
def test_a_process_with_several_queues_takes_from_each_in_its_turn(
    valkey_url: str, names: Sequence[str]
) -> None:
    for number in range(3):
        for name in names:
            wait_in(name, f"{name}-{number}")
    # Of its own: a worker makes its connection as patient as it is.
    with Redis.from_url(valkey_url) as connection:
        lane = LaneWorker(names, connection=connection, serializer=JSONSerializer)
        found = [lane.dequeue_job_and_maintain_ttl(None) for _ in range(3 * len(names))]
    taken = [job_and_queue and job_and_queue[1].name for job_and_queue in found]
    assert taken == [*names] * 3


@pytest.mark.parametrize(("is_shared", "gives_way"), [(True, True), (False, False)])
def test_a_quick_refresh_that_lasts_lets_the_big_ones_go_first_where_they_share_a_process(
    alice: Owner, row, queued: int, set_row, monkeypatch: pytest.MonkeyPatch, is_shared: bool, gives_way: bool
) -> None:
    set_row(queued, status=RUNNING)
    monkeypatch.setattr(queue, "lane", lambda: QUEUE_NAME)
    monkeypatch.setattr(queue, "served", (QUEUE_NAME, BIG_QUEUE_NAME) if is_shared else (QUEUE_NAME,))
    monkeypatch.setattr(turns, "LONG_RUN", -turns.LONG_RUN)
    running: Running[CatalogRefresh] = Running(refreshes, row(queued))
    turn = turns.Turn(running, Progress(None))
    turn.give_way()
    wait_in(BIG_QUEUE_NAME, "big")
    if not gives_way:
        return turn.give_way()
    with pytest.raises(GivesWay) as way:
        turn.give_way()
    assert way.value.onto == BIG_QUEUE_NAME
