"""What the owner says of a run holds for the run as it is then, not as a click or a look had read it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from sqlalchemy import update

from app.data.db import db
from app.data.types import now
from app.publishing.run import auto
from app.publishing.run.auto import publish_what_changed
from app.publishing.run.lives import publications
from app.publishing.run.models import Publication
from app.publishing.run.requests import end_by_itself, publish_by_itself
from app.work.queue import PUBLISH_QUEUE_NAME
from app.work.runs.row import CANCELLED
from tests.databases import before_it_writes
from tests.jobs import work_off
from tests.publishing.conftest import Publishing, runs
from tests.publishing.test_giving_way import GOODS, busy, hers, his, short_turns, turn
from tests.stock import Stock

__all__ = ["busy", "hers", "his", "short_turns"]

pytestmark = pytest.mark.usefixtures("hasty")

Word = Callable[[Publishing, int], object]


@contextmanager
def amid_the_word(app: Flask, happen: Callable[[], object]) -> Iterator[None]:
    """Let something happen after a run was read and before it is ended."""
    with app.app_context():
        engine = db.engine
    with before_it_writes(engine, CANCELLED, happen):
        yield


def click(path: str, **form: str) -> Word:
    return lambda publishing, run_id: publishing.owner.client.post(path.format(run_id), data=form)


def within(app_word: Callable[[int], object]) -> Word:
    def say(publishing: Publishing, _run_id: int) -> None:
        with publishing.owner.app.app_context():
            app_word(publishing.owner.id)

    return say


WORDS = {
    "stop": click("/sync/publish/{}/cancel"),
    "pause": click("/sync/auto"),
    "by hand from now on": within(end_by_itself),
    "no account any more": within(publications.end),
}


@pytest.mark.parametrize("word", WORDS.values(), ids=WORDS.keys())
def test_a_run_that_is_handed_on_at_this_moment_ends(
    app: Flask, publishing: Publishing, his: Publishing, hers: int, short_turns: None, word: Word
) -> None:
    with app.app_context():
        db.session.execute(update(Publication).values(origin="auto", approved_at=None))
        db.session.commit()
    his.ask()
    before = publishing.run(hers).token
    with amid_the_word(app, lambda: turn(publishing)):
        word(publishing, hers)
    sent = len(publishing.items)
    assert publishing.run(hers).token != before and 0 < sent < GOODS
    publishing.run_jobs()
    assert publishing.run(hers).status == CANCELLED and len(publishing.items) == sent
    assert "B-1" in his.items


def test_what_its_owner_approves_at_this_moment_is_not_ended_for_having_begun_by_itself(
    app: Flask, publishing: Publishing, tea: Stock
) -> None:
    def approve() -> None:
        with app.app_context():
            db.session.execute(update(Publication).values(approved_at=now()))
            db.session.commit()

    with app.app_context():
        run_id = publish_by_itself(publishing.owner.id, publishing.community_id).id
    with amid_the_word(app, approve):
        within(end_by_itself)(publishing, run_id)
    assert publishing.run(run_id).status == "queued"


@pytest.mark.parametrize("word", [WORDS["pause"], click("/sync", is_enabled="0")], ids=["pause", "off"])
def test_a_look_that_is_under_way_begins_nothing_for_an_owner_who_has_just_stopped_it(
    app: Flask, publishing: Publishing, tea: Stock, monkeypatch: pytest.MonkeyPatch, word: Word
) -> None:
    publishing.publish()
    publishing.choose(auto=True)
    tea.decide("product", "p2", "exclude")
    plan = auto.current_plan

    def meanwhile(*whose: int) -> object:
        word(publishing, 0)
        return plan(*whose)

    monkeypatch.setattr(auto, "current_plan", meanwhile)
    with app.app_context():
        publish_what_changed(publishing.owner.id)
    work_off(app, [PUBLISH_QUEUE_NAME])
    assert not publishing.items["A-2"].hidden
    assert [run.status for run in runs(app)] == ["done", CANCELLED]
