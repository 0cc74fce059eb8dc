"""The owner publishes by hand while a run that began by itself waits or works: it has their word."""

import pytest
from flask import Flask
from sqlalchemy import update

from app.data.db import db
from app.data.types import now
from app.publishing.run import requests
from app.publishing.run.models import HELD, Publication
from app.publishing.run.requests import publish, publish_by_itself
from app.work.runs.row import RUNNING
from tests.databases import on_both, on_sqlite
from tests.publishing.conftest import GOODS, Publishing, runs
from tests.stock import Stock, product


@on_both
@pytest.mark.parametrize(
    "status",
    [
        "running",
        *(pytest.param(each, marks=on_sqlite) for each in ("queued", "taken up meanwhile", "held meanwhile")),
    ],
)
def test_the_owners_word_on_the_plan_reaches_a_run_that_began_by_itself(
    app: Flask, publishing: Publishing, tea: Stock, monkeypatch: pytest.MonkeyPatch, status: str
) -> None:
    publishing.publish()
    tea.put(products=[product("p1", "Улун молочный", price=9900, article_number="A-1"), *GOODS[1:]])

    def let_it_be(word: str) -> None:
        moved = update(Publication).filter_by(id=run_id).values(status=word, heartbeat_at=now())
        db.session.execute(moved.execution_options(synchronize_session=False))
        db.session.commit()

    def hold(run: Publication) -> bool:
        monkeypatch.undo()
        db.session.rollback()
        let_it_be(RUNNING if status == "taken up meanwhile" else HELD)
        return False

    with app.app_context():
        run_id = publish_by_itself(publishing.owner.id, publishing.community_id).id
        if status == "running":
            let_it_be(RUNNING)
    if "meanwhile" in status:
        monkeypatch.setattr(requests.publications, "hold", hold)
    plan = publishing.plan()
    assert plan.is_held
    publishing.owner.client.post("/sync/publish", data={"plan": plan.digest, "confirm": "1"})
    assert publishing.run(run_id).approved_at is not None
    publishing.run_jobs()
    assert [(run.origin, run.status) for run in runs(app)] == [("hand", "done"), ("auto", "done")]
    assert publishing.items["A-1"].price == 990_000


def test_a_word_that_reached_a_queued_run_is_none_about_more(
    app: Flask, publishing: Publishing, tea: Stock
) -> None:
    publishing.publish()
    publishing.choose(auto=True)
    tea.put(products=[product("p1", "Улун молочный", price=9900, article_number="A-1"), *GOODS[1:]])
    with app.app_context():
        run_id = publish_by_itself(publishing.owner.id, publishing.community_id).id
        publish(publishing.owner.id, publishing.community_id, publishing.plan())
    dearer = product("p2", "Пуэр шу, лист", price=9900, article_number="A-2")
    tea.put(products=[product("p1", "Улун молочный", price=9900, article_number="A-1"), dearer, GOODS[2]])
    publishing.run_jobs()
    assert publishing.run(run_id).status == HELD
    assert publishing.items["A-1"].price == 35_000
