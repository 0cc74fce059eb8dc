"""A publication that lasts lets others go first, and goes on where it was: each good goes once."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.clients.pacing import Holds
from app.connections.models import ONLINE, VK, CloudAccount
from app.data.db import db
from app.data.types import now
from app.publishing.run import albums as album_maker
from app.publishing.run import carry_out, fill_albums, removing, turns
from app.publishing.run.auto import look_for_changes
from app.publishing.run.models import Publication
from app.publishing.run.requests import take_back
from app.work.queue import PUBLISH_QUEUE_NAME, queue
from app.work.runs.running import Running
from sandbox.vk.world import VkWorld
from tests.jobs import work_off
from tests.publishing.album_stock import FILLED, shown
from tests.publishing.conftest import Publishing
from tests.publishing.test_removing import delete
from tests.stock import Stock, product

pytestmark = pytest.mark.usefixtures("hasty")

# Two calls add so many.
GOODS = 30


@pytest.fixture
def short_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run has had its turn after each call."""
    monkeypatch.setattr(turns, "TURN_SECONDS", -1)
    monkeypatch.setattr(carry_out, "LOOK_AGAIN_SECONDS", 0.05)


@pytest.fixture
def busy(short_turns: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """There always are others who wait."""
    monkeypatch.setattr(Running, "keeps_others_waiting", lambda running, onto=None: True)


@pytest.fixture
def his(bobs: Publishing) -> Publishing:
    """What Bob publishes, with one good."""
    Stock(bobs.owner).put(products=[product("b1", "Кофе", price=100, article_number="B-1")])
    return bobs


@pytest.fixture
def hers(publishing: Publishing, stock: Stock) -> int:
    """Alice's run of many goods, which waits for a worker."""
    stock.put(products=[product(f"p{n}", f"Улун {n}", price=300 + n) for n in range(GOODS)])
    return publishing.ask()


def turn(publishing: Publishing) -> None:
    """Let a worker take up the first job of the queue."""
    work_off(publishing.owner.app, [PUBLISH_QUEUE_NAME], most=1)


def test_another_owners_good_goes_amid_many_and_each_of_these_goes_once(
    publishing: Publishing, his: Publishing, hers: int, short_turns: None
) -> None:
    small = his.ask()
    turn(publishing)
    waits = publishing.run(hers)
    assert (waits.status, waits.total) == ("queued", GOODS) and 0 < waits.done < GOODS
    page = publishing.owner.client.get(f"/sync/publish/{hers}").page.text
    assert "Ждёт своей очереди и продолжится сама" in page and f"{waits.done} из {GOODS}" in page
    publishing.run_jobs()
    assert (publishing.run(small).status, publishing.run(hers).status) == ("done", "done")
    assert publishing.run(hers).done == GOODS and "B-1" in his.items
    skus = [item.sku for item in publishing.market.living() if item.sku]
    assert len(skus) == len(set(skus)) == GOODS
    assert not publishing.plan().has_work


def test_without_others_it_keeps_its_place(publishing: Publishing, hers: int, short_turns: None) -> None:
    turn(publishing)
    assert publishing.run(hers).status == "done" and len(publishing.items) == GOODS


def test_it_is_stopped_while_it_waits_and_sends_nothing_more(
    publishing: Publishing, his: Publishing, hers: int, short_turns: None
) -> None:
    his.ask()
    turn(publishing)
    sent = len(publishing.items)
    assert publishing.owner.client.post(f"/sync/publish/{hers}/cancel").status_code == 303
    publishing.run_jobs()
    run = publishing.run(hers)
    assert (run.status, run.done) == ("cancelled", sent) and len(publishing.items) == sent < GOODS
    assert "B-1" in his.items


def test_a_second_click_joins_it_and_the_clock_leaves_it_alone(
    app: Flask, publishing: Publishing, his: Publishing, hers: int, short_turns: None
) -> None:
    his.ask()
    turn(publishing)
    with app.app_context():
        db.session.execute(update(Publication).values(requested_at=now() - timedelta(hours=1)))
        db.session.commit()
        look_for_changes()
    assert publishing.ask() == hers and publishing.run(hers).status == "queued"
    publishing.run_jobs()
    assert publishing.run(hers).status == "done" and len(publishing.items) == GOODS


def test_a_run_whose_job_went_with_the_queue_server_is_found(
    app: Flask, publishing: Publishing, his: Publishing, hers: int, short_turns: None
) -> None:
    publishing.choose(auto=True)
    his.ask()
    turn(publishing)
    with app.app_context():
        queue.connection.flushdb()
        db.session.execute(update(Publication).values(requested_at=now() - timedelta(minutes=1)))
        db.session.commit()
        look_for_changes()
    publishing.run_jobs()
    assert publishing.run(hers).was_interrupted and len(publishing.items) == GOODS


def test_albums_and_what_takes_them_back_end_however_often_they_give_way(
    app: Flask, albums: Publishing, busy: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (album_maker, fill_albums):
        monkeypatch.setattr(module, "BATCH", 1)
    run = albums.publish()
    assert run.status == "done" and shown(albums.market) == FILLED
    with app.app_context():
        undo = take_back(db.session.get_one(Publication, run.id)).id
    albums.run_jobs()
    assert albums.run(undo).status == "done"
    assert all(item.hidden for item in albums.items.values())


def test_a_long_wait_that_vk_asks_for_is_not_kept_in_a_lane_that_others_wait_for(
    app: Flask, publishing: Publishing, hers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def not_long(_running: Running[Publication], seconds: float) -> None:
        assert seconds < 1, "a lane is held by a run that waits"

    with monkeypatch.context() as patched:
        patched.setattr(Running, "keeps_others_waiting", lambda running, onto=None: True)
        patched.setattr(Running, "sleep", not_long)
        patched.setattr(Holds, "seconds_left", lambda holds, budgets: 60.0)
        turn(publishing)
    run = publishing.run(hers)
    assert (run.status, run.done) == ("paused", 0) and run.resume_at is not None
    with app.app_context():
        assert db.session.scalars(select(CloudAccount.status).filter_by(provider=VK)).all() == [ONLINE]
        db.session.execute(update(Publication).values(resume_at=now()))
        db.session.commit()
        look_for_changes()
    publishing.run_jobs()
    assert publishing.run(hers).status == "done" and len(publishing.items) == GOODS


def test_an_album_that_vk_refused_in_an_earlier_turn_is_told_at_the_end(
    albums: Publishing, busy: None, vk: VkWorld
) -> None:
    vk.faults.add("error", method="market.addAlbum", code=100, times=1)
    run = albums.publish()
    assert (run.status, run.failed, len(shown(albums.market))) == ("partial", 0, 2)


def test_what_is_deleted_and_brought_back_is_counted_over_all_turns(
    publishing: Publishing, tea: Stock, busy: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    publishing.publish()
    monkeypatch.setattr(removing, "BATCH", 1)
    run = publishing.run(delete(publishing, *publishing.items))
    assert (run.status, run.done, run.total) == ("done", 3, 3) and not publishing.items
    assert publishing.owner.client.post(f"/sync/publish/{run.id}/undo").status_code == 303
    publishing.run_jobs()
    back = publishing.run(run.id + 1)
    assert (back.status, back.done, back.total) == ("done", 3, 3) and len(publishing.items) == 3


def test_what_vk_refuses_to_delete_is_tried_once_however_many_turns_there_are(
    publishing: Publishing, tea: Stock, busy: None, vk: VkWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    publishing.publish()
    monkeypatch.setattr(removing, "BATCH", 1)
    vk.faults.add("error", method="market.delete", code=100, times=3)
    run = publishing.run(delete(publishing, *publishing.items))
    assert (run.status, run.failed, run.total, len(publishing.items)) == ("partial", 3, 3, 3)
