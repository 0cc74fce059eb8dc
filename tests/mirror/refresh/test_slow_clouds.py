"""A cloud that hands goods over drop by drop holds no worker for longer than goods are worth."""

from datetime import timedelta

from app.mirror.refresh import stores
from app.work.queue import BIG_QUEUE_NAME, QUEUE_NAME
from tests.jobs import work_off
from tests.mirror.refresh.conftest import MAIN, SIDE, said


def test_a_store_that_drips_is_given_up_and_the_others_come_in(
    refresh, shop, goods, owner, monkeypatch
) -> None:
    monkeypatch.setattr(stores, "STORE_PATIENCE_SECONDS", 0.4)
    for number in range(30):
        shop.put(shop.side, f"more-{number}")
    monkeypatch.setattr(stores, "FEWEST_A_SECOND", 1e9)
    shop.world.faults.add("slow", store=SIDE, resource="products", seconds=0.3)
    run = refresh()
    assert run.status == "partial"
    assert len(goods(MAIN)) == 5 and goods(SIDE) == {}
    assert "Не удалось обновить «Склад»: Эвотор отвечает слишком медленно" in said(owner)


def test_a_run_has_its_time_too_however_many_stores_there_are(refresh, shop, goods, monkeypatch) -> None:
    monkeypatch.setattr(stores, "RUN_PATIENCE_SECONDS", -1)
    monkeypatch.setattr(stores, "FEWEST_A_SECOND", 1e9)
    run = refresh()
    assert (run.status, run.error) == ("failed", stores.TOO_SLOW)
    assert goods(MAIN) == goods(SIDE) == {}


def test_a_catalogue_that_took_long_leaves_a_lane_to_the_others_from_then_on(
    app, refresh, owner, runs, db_session
) -> None:
    long = refresh()
    long.finished_at = long.started_at + timedelta(minutes=2)
    db_session.commit()
    owner.client.post("/catalog/refresh")
    work_off(app, [QUEUE_NAME])
    assert runs()[-1].status == "queued"
    work_off(app, [BIG_QUEUE_NAME])
    assert runs()[-1].status == "done"
    owner.client.post("/catalog/refresh")
    work_off(app, [QUEUE_NAME])
    assert runs()[-1].status == "done" and len(runs()) == 3
