"""A clock that jumps ahead: what waits still waits, what was begun ends or is done anew, nothing is twice."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from app.connections.checks import due_connections
from app.data.db import db
from app.data.types import now
from app.publishing.run.lives import publications
from app.work.runs.row import FAILED, INTERRUPTED, QUEUED, RUNNING
from tests.databases import on_sqlite
from tests.faults.test_a_clock_that_was_set_back import move_moments
from tests.owners import Owner
from tests.publishing.conftest import Publishing, publishing, tea
from tests.stock import Stock, product

__all__ = ["publishing", "tea"]

pytestmark = [
    pytest.mark.databases("sqlite", "postgresql"),
    pytest.mark.parametrize(
        "jump",
        [pytest.param(timedelta(hours=1), marks=on_sqlite), timedelta(days=365)],
        ids=["an hour", "a year"],
    ),
]


def test_owners_stay_signed_in_and_connections_are_checked(app: Flask, alice: Owner, jump: timedelta) -> None:
    alice.connect_evotor()
    move_moments(app, -jump)
    with app.app_context():
        assert len(list(due_connections())) == 1 and not list(due_connections())
    assert "На связи" in alice.check("evotor").page.text


def test_a_run_that_waits_is_carried_out_and_one_under_way_is_begun_anew(
    app: Flask,
    publishing: Publishing,
    tea: Stock,
    run_jobs: Callable[[], None],
    jump: timedelta,
) -> None:
    publishing.read()
    waiting = replace(publishing, run_jobs=lambda: None).publish()
    move_moments(app, -jump)
    with app.app_context():
        still = publications.latest(publishing.owner.id)
        assert still is not None and (still.id, still.status) == (waiting.id, QUEUED)
    run_jobs()
    assert publishing.run(waiting.id).status == "done" and len(publishing.items) == 3

    # Taken for dead while its worker lives: that one writes nothing more, and the next one does the rest.
    tea.put(products=[product("n1", "Новый чай", price=100)])
    with app.app_context():
        run = publications.latest(publishing.owner.id)
        assert run is not None
        run.status, run.heartbeat_at, run.finished_at = RUNNING, now(), None
        db.session.commit()
    move_moments(app, -jump)
    with app.app_context():
        broken = publications.latest(publishing.owner.id)
        assert broken is not None and (broken.status, broken.error) == (FAILED, INTERRUPTED)
    assert publishing.publish().status == "done"
    titles = [item.title for item in publishing.items.values() if not item.hidden]
    assert titles == ["Новый чай"]
    assert len(publishing.items) == 4
