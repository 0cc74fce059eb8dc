"""A run that ends before it hears VK's answer: what VK may have done is neither forgotten nor relied upon."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.data.db import db
from app.data.types import now
from app.publishing.planning.existing import ASKED
from app.publishing.run import apply, removing
from app.publishing.run.models import Publication
from app.publishing.run.requests import delete_listings, take_back
from app.work.runs.row import CANCELLED
from app.work.runs.running import Running, RunStopped
from bench.time_travel import let_pass
from sandbox.vk.world import VkWorld
from tests.databases import on_both
from tests.publishing.conftest import Publishing, let_vk_show_within
from tests.stock import Stock

pytestmark = pytest.mark.usefixtures("hasty")

CutOff = Callable[[], Publication]


def stop(running: Running[Publication], *_: object) -> None:
    with Session(running.engine) as session, session.begin():
        stopped = update(Publication).where(Publication.id == running.id)
        session.execute(stopped.values(status=CANCELLED, finished_at=now()))
    raise RunStopped


@pytest.fixture
def cut_off(publishing: Publishing, monkeypatch: pytest.MonkeyPatch) -> CutOff:
    """Publish, and stop that run when VK has done what the first call asks for."""

    def published() -> Publication:
        with monkeypatch.context() as patched:
            patched.setattr(apply, "record", stop)
            return publishing.publish()

    return published


def take_back_now(publishing: Publishing, run: Publication) -> Publication:
    with publishing.owner.app.app_context():
        undo = take_back(db.session.get_one(Publication, run.id)).id
    publishing.run_jobs()
    return publishing.run(undo)


def prices(publishing: Publishing) -> list[int]:
    return sorted(item.price for item in publishing.items.values())


def visible(publishing: Publishing) -> int:
    return sum(not item.hidden for item in publishing.items.values())


def test_prices_that_it_has_sent_are_put_right_though_the_till_is_back_at_the_former_ones(
    publishing: Publishing, tea: Stock, cut_off: CutOff
) -> None:
    publishing.publish()
    right = prices(publishing)
    publishing.choose(markup_percent=30)
    assert cut_off().status == "cancelled" and prices(publishing) != right
    publishing.choose(markup_percent=0)
    plan = publishing.plan()
    assert plan.counts["change"] == 3
    changes = [change for item in plan.items["change"] for change in item.changes]
    assert {(change.field, change.old != change.new) for change in changes} == {("price", True)}
    assert publishing.publish().status == "done" and prices(publishing) == right
    assert not publishing.plan().has_work
    assert not any(ASKED in each.sent for each in publishing.listings().values())


def test_what_it_has_hidden_is_shown_and_what_it_has_shown_is_hidden(
    publishing: Publishing, tea: Stock, cut_off: CutOff
) -> None:
    publishing.publish()
    tea.rule("product", "p1", "exclude")
    cut_off()
    tea.rule("product", "p1", None)
    assert visible(publishing) == 2 and publishing.plan().counts["show"] == 1
    publishing.publish()
    assert visible(publishing) == 3
    tea.rule("product", "p1", "exclude")
    publishing.publish()
    tea.rule("product", "p1", None)
    cut_off()
    tea.rule("product", "p1", "exclude")
    assert visible(publishing) == 3 and publishing.plan().counts["hide"] == 1
    publishing.publish()
    assert visible(publishing) == 2 and not publishing.plan().has_work


@on_both
def test_all_that_it_has_done_is_taken_back(publishing: Publishing, tea: Stock, cut_off: CutOff) -> None:
    added = cut_off()
    assert visible(publishing) == 3
    assert take_back_now(publishing, added).status == "done" and visible(publishing) == 0
    publishing.publish()
    right = prices(publishing)
    publishing.choose(markup_percent=30)
    assert take_back_now(publishing, cut_off()).status == "done" and prices(publishing) == right


def test_what_it_has_deleted_is_asked_about_and_comes_back(
    publishing: Publishing, tea: Stock, monkeypatch: pytest.MonkeyPatch
) -> None:
    publishing.publish()
    with publishing.owner.app.app_context():
        ids = [each.id for each in publishing.listings().values()]
        deletion = delete_listings(publishing.owner.id, publishing.community_id, ids)
        assert deletion is not None
        deletion_id = deletion.id
    with monkeypatch.context() as patched:
        patched.setattr(removing, "record_deleted", stop)
        publishing.run_jobs()
    assert not publishing.items and publishing.plan().has_work, "nobody relies on what was to go"
    run = take_back_now(publishing, publishing.run(deletion_id))
    assert (run.status, run.done, visible(publishing)) == ("done", 3, 3)
    assert not publishing.plan().has_work


def test_what_vk_has_not_done_by_then_it_does_no_more(
    app: Flask, publishing: Publishing, tea: Stock, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_vk_show_within(app, 120)
    publishing.publish()
    right = prices(publishing)
    publishing.choose(markup_percent=30)
    with monkeypatch.context() as patched:
        patched.setattr(apply.Shop, "together", lambda shop, calls: stop_at(publishing))
        publishing.publish()
    publishing.choose(markup_percent=0)
    publishing.read()
    assert publishing.plan().counts["change"] == 3, "it may come yet"
    let_vk_show_within(app, 0)
    publishing.read()
    assert prices(publishing) == right and not publishing.plan().has_work


def stop_at(publishing: Publishing) -> None:
    with publishing.owner.app.app_context():
        db.session.execute(update(Publication).values(status=CANCELLED, finished_at=now()))
        db.session.commit()
    raise RunStopped


def test_a_reading_that_shows_what_it_has_sent_takes_it_for_no_edit(
    publishing: Publishing, tea: Stock, cut_off: CutOff
) -> None:
    publishing.publish()
    publishing.choose(description_template="Совсем другое описание: {name}")
    tea.rule("product", "p1", "exclude")
    run = cut_off()
    publishing.read()
    plan = publishing.plan()
    assert not plan.counts["ask"] and not any(ASKED in each.sent for each in publishing.listings().values())
    assert "Снят" in publishing.owner.client.get(f"/sync/publish/{run.id}").page.text


def test_what_was_deleted_by_hand_and_brought_back_by_hand_is_not_added_beside_it(
    publishing: Publishing, tea: Stock
) -> None:
    publishing.publish()
    item = publishing.items["A-1"]
    publishing.market.delete(item.id)
    publishing.read()
    (listing,) = (each for each in publishing.listings().values() if each.state == "gone")
    answer = {"listing_id": str(listing.id), "answer": "again"}
    assert publishing.owner.client.post("/sync/questions/deleted", data=answer).status_code == 303
    publishing.market.restore(item.id)
    publishing.publish()
    assert len([each for each in publishing.market.living() if each.sku == "A-1"]) == 1
    assert publishing.plan().counts["ask"] == 1


def test_a_change_that_vk_does_late_is_found_when_it_can_come_no_more(
    app: Flask, publishing: Publishing, tea: Stock, vk: VkWorld, tick: Callable[[], None]
) -> None:
    let_vk_show_within(app, 120)
    publishing.publish()
    # From then on the ledger knows the shop, and the next call of many changes goods.
    publishing.read()
    right = prices(publishing)
    publishing.choose(markup_percent=30)
    vk.faults.lose("execute", how="status_500", done=False)
    run = publishing.publish()
    wrong = prices(publishing)
    assert (run.status, run.problem, run.done) == ("paused", "unknown_outcome", 3) and wrong != right
    page = publishing.owner.client.get(f"/sync/publish/{run.id}").page.text
    assert "не ответил на часть изменений" in page
    publishing.choose(markup_percent=0)
    assert publishing.publish().id == run.id and prices(publishing) == right
    for item in publishing.items.values():
        item.price = item.price * 13 // 10
    assert not publishing.plan().has_work, "nobody has told of it yet"
    let_vk_show_within(app, 0)
    with app.app_context():
        let_pass(timedelta(seconds=121), vk)
    tick()
    assert publishing.run(run.id).status == "done" and prices(publishing) == right
    assert not any(ASKED in each.sent for each in publishing.listings().values())
