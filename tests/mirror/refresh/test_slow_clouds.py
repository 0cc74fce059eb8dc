"""A cloud that hands goods over drop by drop holds no worker for longer than goods are worth."""

import time
from collections.abc import Callable
from datetime import timedelta

import pytest

from app.clients import http, turn
from app.clients.request import no_turns
from app.mirror.models import CatalogRefresh
from app.mirror.refresh import stores, too_slow, turns
from app.mirror.refresh.progress import StoreOutcome
from app.mirror.refresh.requests import request_refresh
from app.mirror.refresh.run import refreshes, run_refresh
from app.work.queue import BIG_QUEUE_NAME, QUEUE_NAME
from app.work.runs.running import Running
from tests.jobs import work_off
from tests.mirror.refresh.conftest import MAIN, SIDE, TOKEN, said, state


@pytest.fixture
def let_side_last(monkeypatch) -> Callable[[float], None]:
    """Let the goods of the side store take so many seconds, and others none, however busy the machine is."""
    check = too_slow.Patience.check

    def last(seconds: float) -> None:
        def checked(own: too_slow.Patience, outcome: StoreOutcome, started: float) -> None:
            is_side = outcome.store_id == SIDE and outcome.products
            check(own, outcome, started - seconds if is_side else time.monotonic())

        monkeypatch.setattr(too_slow.Patience, "check", checked)
        monkeypatch.setattr(too_slow, "FEWEST_A_SECOND", 1e9)

    return last


def test_a_store_that_drips_is_given_up_and_the_others_come_in(
    refresh, goods, owner, let_side_last: Callable[[float], None]
) -> None:
    let_side_last(too_slow.STORE_PATIENCE_SECONDS + 1)
    run = refresh()
    assert run.status == "partial"
    assert len(goods(MAIN)) == 5 and goods(SIDE) == {}
    assert "Не удалось обновить «Склад»: Эвотор отвечает слишком медленно" in said(owner)


def test_a_run_has_its_time_too_however_many_stores_there_are(refresh, shop, goods, monkeypatch) -> None:
    monkeypatch.setattr(too_slow, "RUN_PATIENCE_SECONDS", -1)
    monkeypatch.setattr(too_slow, "FEWEST_A_SECOND", 1e9)
    run = refresh()
    assert (run.status, run.error) == ("failed", too_slow.TOO_SLOW)
    assert goods(MAIN) == goods(SIDE) == {}


def test_a_catalogue_that_took_long_leaves_a_lane_to_the_others_until_three_were_quick(
    app, refresh, owner, runs, db_session
) -> None:
    def asked(queue_name: str) -> str:
        owner.client.post("/catalog/refresh")
        work_off(app, [queue_name])
        return str(runs()[-1].status)

    long = refresh()
    long.finished_at = long.started_at + timedelta(minutes=2)
    db_session.commit()
    with app.app_context():
        request_refresh(owner.id, only_store=MAIN)
    work_off(app, [BIG_QUEUE_NAME])
    assert runs()[-1].status == "done", "one of a single store is soon over"
    assert asked(QUEUE_NAME) == "queued"
    work_off(app, [BIG_QUEUE_NAME])
    assert [asked(BIG_QUEUE_NAME) for _ in range(2)] == ["done", "done"]
    assert asked(QUEUE_NAME) == "done"


@pytest.fixture
def busy(monkeypatch) -> None:
    """There always are others who wait, and every turn is over as soon as it may be."""
    monkeypatch.setattr(Running, "keeps_others_waiting", lambda running, onto=None: True)
    monkeypatch.setattr(turns, "LONG_RUN", timedelta(seconds=-1))
    monkeypatch.setattr(turns, "BIG_SHARE", timedelta())
    monkeypatch.setattr(turns.Turn, "patience", lambda turn, usual: usual)
    monkeypatch.setattr(stores, "STORES_AT_ONCE", 1)


def test_a_run_that_lasts_goes_on_among_the_slow_and_others_have_their_turn(
    app, owner, bob, shop, goods, runs, no_waiting, monkeypatch
) -> None:
    monkeypatch.setattr(turns, "LONG_RUN", timedelta(seconds=-1))
    bob.connect_evotor(TOKEN)
    owner.client.post("/catalog/refresh")
    bob.client.post("/catalog/refresh")
    work_off(app, [QUEUE_NAME], most=1)
    assert state(owner) == "queued" and "Ждёт своей очереди и продолжится само" in said(owner)
    work_off(app, [QUEUE_NAME])
    assert (state(owner), state(bob)) == ("queued", "done")
    work_off(app, [BIG_QUEUE_NAME])
    assert runs()[-1].status == "done" and len(goods(MAIN)) == 5 and len(goods(SIDE)) == 4


def test_without_others_it_keeps_its_place(app, owner, shop, runs, no_waiting, monkeypatch) -> None:
    monkeypatch.setattr(turns, "LONG_RUN", timedelta(seconds=-1))
    owner.client.post("/catalog/refresh")
    work_off(app, [QUEUE_NAME])
    assert runs()[-1].status == "done"


def test_among_the_slow_each_turn_brings_stores_in_which_are_not_read_again(
    app, owner, shop, goods, runs, no_waiting, busy
) -> None:
    owner.client.post("/catalog/refresh")
    work_off(app, [QUEUE_NAME])
    shop.world.journal.clear()
    work_off(app, [BIG_QUEUE_NAME], most=1)
    assert runs()[-1].status == "queued" and (len(goods(MAIN)), len(goods(SIDE))) == (5, 0)
    words = said(owner)
    assert "5 из" in words or "загружено: 5" in words
    work_off(app, [BIG_QUEUE_NAME])
    run = runs()[-1]
    assert (run.status, run.done, run.added) == ("done", 9, 9)
    read = [entry.path for entry in shop.world.journal.entries() if entry.path.endswith("/products")]
    assert sum(MAIN in path for path in read) == 2


def test_a_run_of_one_store_ends_however_many_wait(app, owner, refresh, shop, runs, busy) -> None:
    refresh()
    shop.put(shop.main, "new")
    with app.app_context():
        request_refresh(owner.id, only_store=MAIN)
    work_off(app, [QUEUE_NAME, BIG_QUEUE_NAME])
    assert (runs()[-1].status, runs()[-1].added) == ("done", 1)


def test_a_wait_for_the_cloud_is_cut_short_when_it_is_anothers_turn(app, owner, shop, runs, busy) -> None:
    shop.manners(rate_limit=1)
    owner.client.post("/catalog/refresh")
    work_off(app, [QUEUE_NAME], most=1)
    assert runs()[-1].status == "queued"


def test_a_slow_store_is_given_up_earlier_while_others_wait(
    app, owner, goods, monkeypatch, let_side_last: Callable[[float], None]
) -> None:
    monkeypatch.setattr(Running, "keeps_others_waiting", lambda running, onto=None: True)
    let_side_last(turns.BIG_SHARE.total_seconds() + 1)
    with app.app_context():
        refreshes.ask(CatalogRefresh(user_id=owner.id), run_refresh, timeout=60, queue_name=BIG_QUEUE_NAME)
    work_off(app, [BIG_QUEUE_NAME])
    assert len(goods(MAIN)) == 5 and goods(SIDE) == {}
    assert "Не удалось обновить «Склад»: Эвотор отвечает слишком медленно" in said(owner)


def test_a_list_of_stores_without_an_end_is_given_up(app, owner, shop, runs, no_waiting, monkeypatch) -> None:
    monkeypatch.setattr(turns, "LIST_PATIENCE_SECONDS", -1)
    owner.client.post("/catalog/refresh")
    work_off(app, [QUEUE_NAME])
    assert (runs()[-1].status, runs()[-1].problem) == ("failed", "connection")


def test_a_run_that_gives_way_does_not_wait_for_room_for_its_long_answers(
    app, owner, shop, runs, busy, monkeypatch
) -> None:
    monkeypatch.setattr(Running, "keeps_others_waiting", lambda *_: bool(shop.world.journal.entries()))
    monkeypatch.setattr(http, "LONG_ANSWER", 1)
    owner.client.post("/catalog/refresh")
    with turn.Turn(no_turns) as others:
        others.take()
        work_off(app, [QUEUE_NAME], most=1)
    assert runs()[-1].status == "queued"
