"""A refresh leaves the token nowhere: not in the log, the queue or the database, not on a page."""

import logging

import pytest
import redis
from sqlalchemy.orm import Session

from tests.belongings import belongings
from tests.mirror.refresh.conftest import TOKEN
from tests.owners import Owner
from tests.processes import wait_until


def everything_in(valkey_url: str) -> str:
    with redis.Redis.from_url(valkey_url) as connection:
        readers = {b"hash": connection.hgetall, b"string": connection.get}
        kinds = {key: connection.type(key) for key in connection.keys("*")}
        return repr(
            {
                key: readers.get(kind, connection.object)(key) if kind in readers else kind
                for key, kind in kinds.items()
            }
        )


@pytest.mark.parametrize("fault", [None, "status_401", "status_402", "html_body", "connection_reset"])
def test_the_token_is_nowhere_after_a_run(
    owner: Owner, refresh, shop, valkey_url: str, db_session: Session, caplog, fault: str | None
) -> None:
    if fault:
        shop.world.faults.add(fault, resource="products")
    with caplog.at_level(logging.DEBUG):
        owner.client.post("/catalog/refresh")
        queued = everything_in(valkey_url)
        refresh()
        page = owner.client.get("/catalog").text
    assert "refresh-" in queued and "run_refresh" in queued
    for place in (
        queued,
        everything_in(valkey_url),
        repr(belongings(db_session, owner.id)),
        page,
        caplog.text,
    ):
        assert TOKEN not in place


def test_the_worker_writes_no_token_into_its_log(owner: Owner, shop, worker, runs, tmp_path) -> None:
    shop.world.faults.add("status_503", resource="products", times=1)
    owner.client.post("/catalog/refresh")
    wait_until(lambda: runs()[-1].status == "done")
    log = (tmp_path / "worker-0.log").read_text()
    assert "run_refresh" in log and "status 503" in log
    assert TOKEN not in log
