"""A change goes by itself although its look or its run was lost, or something stood in the way."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from app.data.db import db
from app.data.engine import AWAY
from app.data.types import now
from app.publishing.run.auto import look_for_changes, publish_what_changed
from app.publishing.run.models import AUTO, ONE, Publication
from app.rules.models import SyncConfig
from app.work.queue import queue
from app.work.runs.row import DONE, FAILED, INTERRUPTED, QUEUED, RUNNING
from bench.time_travel import let_pass
from sandbox.vk.world import VkWorld
from tests.databases import on_both
from tests.owners import Owner
from tests.publishing.conftest import Publishing, runs
from tests.stock import Stock


def exclude_by_itself(publishing: Publishing, tea: Stock, tick: Callable[[], None]) -> None:
    """Publish, and exclude a good; no look at that has been made."""
    publishing.publish()
    publishing.choose(auto=True)
    tick()
    tea.decide("product", "p2", "exclude")


def test_a_change_that_was_under_way_during_a_look_is_looked_at_the_next_time(
    app: Flask, publishing: Publishing, tea: Stock, tick: Callable[[], None]
) -> None:
    exclude_by_itself(publishing, tea, tick)
    with app.app_context():
        # Begun before the look, and committed after it; or by a machine whose clock is behind.
        db.session.execute(update(SyncConfig).values(updated_at=now() - timedelta(minutes=5)))
        db.session.commit()
    tick()
    assert publishing.items["A-2"].hidden


Lose = Callable[..., None]


@pytest.fixture
def lose_worker(app: Flask, publishing: Publishing, tea: Stock, tick: Callable[[], None]) -> Lose:
    """A change, and runs that began with it and are not heard of any more."""

    def lose_worker(times: int, mode: str, *, done: int = 0) -> None:
        tea.decide("product", "p2", mode)
        with app.app_context():
            look_for_changes()
            queue.connection.flushdb()
            whose = {"user_id": publishing.owner.id, "community_id": publishing.community_id, "done": done}
            for _ in range(times - 1):
                over = {"status": FAILED, "error": INTERRUPTED, "finished_at": now()}
                db.session.add(Publication(**whose, origin=AUTO, **over))
            silent = now() - timedelta(minutes=5)
            db.session.add(Publication(**whose, origin=AUTO, status=RUNNING, heartbeat_at=silent))
            db.session.commit()
        tick()

    publishing.publish()
    publishing.choose(auto=True)
    tick()
    return lose_worker


@on_both
def test_a_run_whose_worker_died_is_begun_anew_but_not_for_ever(
    app: Flask, publishing: Publishing, vk: VkWorld, tick: Callable[[], None], lose_worker: Lose
) -> None:
    lose_worker(3, "exclude")
    assert publishing.items["A-2"].hidden
    assert [run.status for run in runs(app)[-2:]] == [FAILED, DONE]
    lose_worker(4, "include")
    assert publishing.items["A-2"].hidden and runs(app)[-1].error == INTERRUPTED
    pages = [f"/sync/publish/{runs(app)[-1].id}", "/sync"]
    for page in pages:
        told = publishing.owner.client.get(page).page.text
        assert "подряд прервались" in told and "течение минуты" not in told
    with app.app_context():
        let_pass(timedelta(minutes=61), vk)
    assert not any("подряд" in publishing.owner.client.get(page).page.text for page in pages)
    tick()
    assert not publishing.items["A-2"].hidden


@on_both
def test_runs_that_were_lost_between_others_that_went_well_hold_nothing_up(
    publishing: Publishing, lose_worker: Lose
) -> None:
    for mode in ("exclude", "include", "exclude"):
        lose_worker(2, mode)
        assert publishing.items["A-2"].hidden == (mode == "exclude")


def test_runs_that_got_on_before_they_were_lost_hold_nothing_up(
    publishing: Publishing, lose_worker: Lose
) -> None:
    lose_worker(6, "exclude", done=1)
    assert publishing.items["A-2"].hidden


def test_a_run_by_hand_that_goes_well_ends_the_wait(
    publishing: Publishing, tea: Stock, tick: Callable[[], None], lose_worker: Lose
) -> None:
    lose_worker(4, "exclude")
    assert not publishing.items["A-2"].hidden
    assert publishing.publish().status == DONE
    tea.decide("product", "p2", "include")
    tick()
    assert not publishing.items["A-2"].hidden


def begin_and_lose(app: Flask, owner: Owner, **values: Any) -> None:
    """A run that a look has begun, and whose job is gone; its row has these values then."""
    with app.app_context():
        look_for_changes()
        publish_what_changed(owner.id)
        queue.connection.flushdb()
        db.session.execute(update(Publication).filter_by(status=QUEUED).values(values))
        db.session.commit()


def test_a_run_whose_job_went_with_a_dead_worker_is_begun_anew(
    app: Flask, publishing: Publishing, tea: Stock, tick: Callable[[], None]
) -> None:
    exclude_by_itself(publishing, tea, tick)
    begin_and_lose(app, publishing.owner, requested_at=now() - timedelta(minutes=1))
    tick()
    assert [run.status for run in runs(app)] == [DONE, FAILED, DONE]
    assert publishing.items["A-2"].hidden


def test_a_look_that_went_with_the_queue_server_is_made_again(
    app: Flask, publishing: Publishing, tea: Stock, tick: Callable[[], None]
) -> None:
    exclude_by_itself(publishing, tea, tick)
    with app.app_context():
        look_for_changes()
        queue.connection.flushdb()
    tick()
    assert publishing.items["A-2"].hidden


def test_a_run_that_the_database_ended_is_begun_anew(
    app: Flask, publishing: Publishing, tea: Stock, tick: Callable[[], None]
) -> None:
    exclude_by_itself(publishing, tea, tick)
    begin_and_lose(app, publishing.owner, status=FAILED, error=AWAY.run, finished_at=now())
    tick()
    assert publishing.items["A-2"].hidden


def test_what_changed_while_vk_was_away_goes_once_it_is_back(
    app: Flask, publishing: Publishing, tea: Stock, vk: VkWorld, tick: Callable[[], None]
) -> None:
    exclude_by_itself(publishing, tea, tick)
    vk.trouble = "status_500"
    publishing.owner.check("vk")
    tick()
    vk.trouble = None
    publishing.owner.check("vk")
    tick()
    assert publishing.items["A-2"].hidden


@pytest.mark.parametrize("origin", [ONE, AUTO])
def test_what_changed_while_a_run_was_at_work_goes_after_it(
    app: Flask, publishing: Publishing, tea: Stock, tick: Callable[[], None], origin: str
) -> None:
    exclude_by_itself(publishing, tea, tick)
    whose = {"user_id": publishing.owner.id, "community_id": publishing.community_id}
    with app.app_context():
        db.session.add(Publication(**whose, origin=origin, status=RUNNING, heartbeat_at=now()))
        db.session.commit()
    tick()
    assert not publishing.items["A-2"].hidden
    with app.app_context():
        db.session.execute(update(Publication).filter_by(status=RUNNING).values(status=DONE))
        db.session.commit()
    tick()
    assert publishing.items["A-2"].hidden
