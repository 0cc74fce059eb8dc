"""A reading beside a run, or after one that was cut off: neither forgets, nor writes twice, what VK did."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.data.db import db
from app.data.types import now
from app.publishing.ledger.asked import (
    Asked,
    answered,
    as_asked,
    forget_last,
    note_asked,
    unheard,
    was_done,
)
from app.publishing.ledger.models import Listing, ShopDay
from app.publishing.ledger.patience import Patience
from app.publishing.planning.existing import ASKED, FIELDS, GONE, MOVING, OLD_PRICE, PRICE
from app.publishing.run import apply
from app.publishing.run.job import run_reading
from app.publishing.run.models import MarketReading, Publication, PublicationItem
from app.work.runs.running import RunStopped
from bench.time_travel import let_pass
from sandbox.vk.world import VkWorld
from tests.publishing.conftest import Publishing, let_vk_show_within
from tests.publishing.test_a_run_that_is_cut_off import prices, stop, stop_at, take_back_now
from tests.stock import Stock

pytestmark = pytest.mark.usefixtures("hasty")


def read_now(publishing: Publishing) -> None:
    with publishing.owner.app.app_context():
        reading = MarketReading(user_id=publishing.owner.id, community_id=publishing.community_id)
        db.session.add(reading)
        db.session.commit()
        run_reading(reading.id)


@pytest.fixture
def read_amid(publishing: Publishing, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another worker reads the shop between VK's work and the run's note of it."""
    together = apply.Shop.together

    def and_read(shop: apply.Shop, calls: Any) -> Any:
        answers = list(together(shop, calls))
        read_now(publishing)
        return answers

    monkeypatch.setattr(apply.Shop, "together", and_read)


def items_of(publishing: Publishing, run: Publication) -> list[PublicationItem]:
    with publishing.owner.app.app_context():
        found = db.session.scalars(select(PublicationItem).filter_by(publication_id=run.id)).all()
        db.session.expunge_all()
        return list(found)


@pytest.mark.usefixtures("read_amid")
def test_what_a_run_does_is_written_once_though_a_reading_sees_it_first(
    publishing: Publishing, tea: Stock
) -> None:
    added = publishing.publish()
    assert sorted(item.action for item in items_of(publishing, added)) == ["create"] * 3
    publishing.choose(markup_percent=30)
    changed = publishing.publish()
    items = items_of(publishing, changed)
    assert len(items) == 3 and all(item.before[PRICE] != item.after[PRICE] for item in items)
    with publishing.owner.app.app_context():
        assert db.session.scalar(select(ShopDay.prices)) == 3
    assert not publishing.plan().has_work


def test_what_a_run_is_asking_for_stays_open_whatever_a_reading_has_seen_of_it(
    app: Flask, publishing: Publishing, tea: Stock, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_vk_show_within(app, 0)
    publishing.publish()
    right = prices(publishing)
    publishing.choose(markup_percent=30)
    together = apply.Shop.together

    def read_and_stop(shop: apply.Shop, calls: Any) -> None:
        read_now(publishing)
        list(together(shop, calls))
        raise RunStopped

    with monkeypatch.context() as patched:
        patched.setattr(apply.Shop, "together", read_and_stop)
        publishing.publish()
    assert prices(publishing) != right
    publishing.choose(markup_percent=0)
    assert publishing.plan().counts["change"] == 3


def test_prices_that_a_reading_finds_changed_count_for_the_day(
    publishing: Publishing, tea: Stock, monkeypatch: pytest.MonkeyPatch
) -> None:
    publishing.publish()
    publishing.choose(markup_percent=30)
    with monkeypatch.context() as patched:
        patched.setattr(apply, "record", stop)
        publishing.publish()
    publishing.read()
    with publishing.owner.app.app_context():
        assert db.session.scalar(select(ShopDay.prices)) == 3


def test_a_look_proves_nothing_of_what_was_asked_for_while_it_went_on() -> None:
    began = now() - timedelta(minutes=1)
    assert Patience(began, timedelta(0)).covers(began + timedelta(seconds=30))
    assert not Patience(began, timedelta(0)).covers(now() + timedelta(days=1)), "the clock was set back"


def test_a_former_price_that_vk_does_not_show_was_not_set() -> None:
    asked = as_asked(1, "change", ("s", "p"), "Чай", {OLD_PRICE: "500.00"})
    listing = Listing(sent={ASKED: asked})
    assert not was_done(listing, {PRICE: "400.00"})
    assert was_done(listing, {PRICE: "400.00", OLD_PRICE: "500.00"})


def test_a_call_that_vk_has_not_heard_leaves_open_what_it_did_not_answer_before(
    publishing: Publishing, tea: Stock
) -> None:
    publishing.publish()
    with publishing.owner.app.app_context(), Session(db.engine) as session:
        listing = session.scalars(select(Listing)).first()
        assert listing is not None
        for price in ("130.00", "150.00"):
            note_asked(session, 1, [Asked(listing.id, "change", ("s", "p"), listing.sku, {PRICE: price})])
        answered(listing, ["name"])
        assert listing.sent[ASKED][FIELDS] == {PRICE: "150.00"}, "its price was not answered"
        forget_last(listing)
        assert listing.sent[ASKED][FIELDS] == {PRICE: "130.00"}
        forget_last(listing)
        assert ASKED not in listing.sent


def test_what_is_gone_from_vk_is_waited_for_no_more(publishing: Publishing, tea: Stock) -> None:
    publishing.publish()
    with publishing.owner.app.app_context():
        listing = db.session.scalars(select(Listing)).first()
        assert listing is not None
        for _ in range(2):
            note_asked(db.session(), 1, [Asked(listing.id, "delete", ("s", "p"), listing.sku, {})])
        answered(listing, ())
        assert unheard(publishing.owner.id, publishing.community_id)
        listing.state = GONE
        db.session.commit()
        assert not unheard(publishing.owner.id, publishing.community_id)


def test_what_vk_does_late_is_taken_back_as_well(
    app: Flask,
    publishing: Publishing,
    tea: Stock,
    vk: VkWorld,
    tick: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    let_vk_show_within(app, 120)
    publishing.publish()
    right = prices(publishing)
    publishing.choose(markup_percent=30)
    with monkeypatch.context() as patched:
        patched.setattr(apply.Shop, "together", lambda shop, calls: stop_at(publishing))
        cut_off = publishing.publish()
    undo = take_back_now(publishing, cut_off)
    assert (undo.status, undo.problem) == ("paused", "unknown_outcome")
    for item in publishing.items.values():
        item.price = item.price * 13 // 10
    with app.app_context():
        let_pass(timedelta(seconds=121), vk)
    tick()
    assert publishing.run(undo.id).status == "done" and prices(publishing) == right


def test_a_place_that_a_cut_off_run_has_left_open_is_the_owners_again_after_a_reading(
    albums: Publishing,
) -> None:
    albums.publish()
    with albums.owner.app.app_context():
        for listing in db.session.scalars(select(Listing)):
            listing.sent = {**listing.sent, MOVING: True}
        db.session.commit()
    albums.read()
    assert not any(MOVING in listing.sent for listing in albums.listings().values())
    assert not albums.plan().has_work
    (tea,) = (album for album in albums.market.albums.values() if album.title == "Чай")
    tea.items.pop()
    albums.read()
    assert albums.plan().counts["ask"] == 1, "what somebody has moved in VK is asked about"


def test_what_vk_does_late_in_a_long_run_is_put_right_before_it_ends(
    app: Flask, publishing: Publishing, tea: Stock, vk: VkWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_vk_show_within(app, 0)
    publishing.publish()
    publishing.read()
    publishing.choose(markup_percent=30)
    right = [price * 13 // 10 for price in prices(publishing)]
    vk.faults.lose("execute", how="status_500", done=False)
    record = apply.record
    written: list[Any] = []

    def record_and_do_late(running: Any, outcomes: Any) -> None:
        record(running, outcomes)
        if outcomes and not written:
            written.extend(outcomes)
            for item in publishing.items.values():
                item.price -= 5_00

    monkeypatch.setattr(apply, "record", record_and_do_late)
    assert publishing.publish().status == "done" and written
    assert [price // 100 for price in prices(publishing)] == [price // 100 for price in right]
    assert not publishing.plan().has_work


def test_what_a_run_finds_added_when_it_looks_counts_as_sent(
    publishing: Publishing, tea: Stock, vk: VkWorld
) -> None:
    publishing.read()
    # Whose goods are there is asked first.
    vk.faults.lose("execute", nth=2)
    run = publishing.publish()
    assert (run.status, run.done, run.total, run.left) == ("done", 3, 3, 0)
    assert len(items_of(publishing, run)) == 3


def test_a_run_that_hears_all_answers_looks_through_the_ledger_for_open_calls_once(
    publishing: Publishing, tea: Stock, count_statements: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    publishing.publish()
    publishing.choose(markup_percent=30)
    with count_statements() as statements:
        assert publishing.publish().done == 3
    assert sum("listings.sent" in each and "LIKE" in each for each in statements) == 1
