"""A run whose owner has no till any more waits for it, as the strip says; what is taken back does not."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import update

from app.connections.models import EVOTOR, ONLINE, RECONNECT, CloudAccount
from app.data.db import db
from app.publishing.planning.existing import SENDING
from app.publishing.run.apply import Applier
from app.publishing.run.models import PAUSED, Publication
from app.publishing.run.ready import Ready
from app.publishing.run.requests import take_back
from sandbox.vk.world import VkWorld
from tests.publishing.conftest import Publishing, connect_till, runs
from tests.publishing.test_by_itself import resume_by_itself
from tests.stock import Stock, product


def disconnect(publishing: Publishing) -> None:
    assert publishing.owner.disconnect().status_code == 303


def connect(publishing: Publishing) -> None:
    connect_till(publishing.owner.app, publishing.owner.id)


def lose_token(publishing: Publishing) -> None:
    note(publishing, RECONNECT)


def renew_token(publishing: Publishing) -> None:
    note(publishing, ONLINE)


def note(publishing: Publishing, status: str) -> None:
    with publishing.owner.app.app_context():
        till = update(CloudAccount).filter_by(user_id=publishing.owner.id, provider=EVOTOR)
        db.session.execute(till.values(status=status))
        db.session.commit()


@pytest.mark.parametrize(
    ("lose", "mend", "problem", "told", "strip"),
    [
        (disconnect, connect, "no_evotor", "Эвотор не подключён", "Эвотор не подключён"),
        (lose_token, renew_token, "evotor_dead_token", "Нет доступа к Эвотору", "нет доступа к Эвотору"),
    ],
)
def test_what_was_paused_sends_nothing_without_a_till_and_goes_on_with_it(
    app: Flask,
    publishing: Publishing,
    tea: Stock,
    vk: VkWorld,
    tick: Callable[[], None],
    lose: Callable[[Publishing], None],
    mend: Callable[[Publishing], None],
    problem: str,
    told: str,
    strip: str,
) -> None:
    vk.trouble = "flood"
    assert publishing.publish().status == PAUSED
    lose(publishing)
    vk.trouble = None
    resume_by_itself(app, tick)
    (run,) = runs(app)
    assert (run.status, run.problem, run.resume_at) == (PAUSED, problem, None) and not publishing.items
    assert f"Публикация стоит: {strip}" in publishing.owner.client.get("/sync").page.text
    assert told in publishing.owner.client.get(f"/sync/publish/{run.id}").page.text
    mend(publishing)
    note_vk_is_back(publishing)
    tick()
    assert runs(app)[-1].status == "done" and len(publishing.items) == 3


def note_vk_is_back(publishing: Publishing) -> None:
    """Do what the next check of the connection does."""
    with publishing.owner.app.app_context():
        db.session.execute(update(CloudAccount).values(status=ONLINE))
        db.session.commit()


def test_a_run_at_work_stops_within_a_call_when_its_till_is_disconnected_and_goes_on_with_another(
    publishing: Publishing, stock: Stock, tick: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    stock.put(products=[product(f"p{n}", f"Улун {n}", price=300 + n) for n in range(30)])
    send = Applier.add
    lose = iter([disconnect])

    def sent(applier: Applier, ready: list[Ready], **more: bool) -> None:
        send(applier, ready, **more)
        for each in lose:
            each(publishing)

    monkeypatch.setattr(Applier, "add", sent)
    run = publishing.publish()
    assert (run.status, run.problem, run.done, run.total) == (PAUSED, "no_evotor", 25, 30)
    assert len(publishing.items) == 25
    assert SENDING not in {listing.state for listing in publishing.listings().values()}
    connect(publishing)
    tick()
    assert publishing.run(run.id).status == "done" and len(publishing.items) == 30


def test_what_is_taken_back_needs_no_till(app: Flask, publishing: Publishing, tea: Stock) -> None:
    run = publishing.publish()
    disconnect(publishing)
    with app.app_context():
        undo = take_back(db.session.get_one(Publication, run.id)).id
    publishing.run_jobs()
    assert publishing.run(undo).status == "done"
    assert all(item.hidden for item in publishing.items.values())
