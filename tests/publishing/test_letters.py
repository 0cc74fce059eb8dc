"""Who publishes hears of it when publication stands still: once a day, at an address that is theirs."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.data.types import now
from app.publishing.letters import write_of_standstills
from app.publishing.run.auto import look_for_changes
from app.publishing.run.models import Publication, PublicationItem
from app.publishing.settings.models import PublicationSettings
from app.rules.models import SyncConfig
from app.work import letter_turns
from app.work.queue import LETTERS_QUEUE_NAME, queue
from sandbox.vk.people import Community
from sandbox.vk.world import VkWorld
from tests.databases import on_both
from tests.jobs import work_off
from tests.postbox import Postbox
from tests.publishing.conftest import Publishing
from tests.stock import Stock

Round = Callable[[], None]
_MOMENTS = ("requested_at", "started_at", "heartbeat_at", "finished_at")


@pytest.fixture
def write(app: Flask, publishing: Publishing, tea: Stock, postbox: Postbox, db_session: Session) -> Round:
    """A round of letters where there is a mail server; Alice's address is confirmed."""
    db_session.execute(update(User).values(email_confirmed_at=now()))
    app.extensions["settings"] = replace(app.extensions["settings"], smtp_url=postbox.url)

    def run() -> None:
        with app.app_context():
            write_of_standstills()

    return run


@pytest.fixture
def age(db_session: Session) -> Callable[[timedelta], None]:
    """Let time pass: everything that is noted of runs and letters becomes older."""

    def age(by: timedelta) -> None:
        for run in db_session.query(Publication):
            moved: dict[str, Any] = {
                name: getattr(run, name) - by
                for name in (*_MOMENTS, "resume_at", "stuck_since")
                if getattr(run, name) is not None
            }
            db_session.execute(update(Publication).filter_by(id=run.id).values(**moved))
        for row in db_session.query(PublicationSettings):
            if row.written_to_at is not None:
                moment = row.written_to_at - by
                db_session.execute(update(PublicationSettings).values(written_to_at=moment))
        for item in db_session.query(PublicationItem):
            item.written_at -= by
        db_session.flush()
        db_session.expire_all()

    return age


def test_a_pause_that_only_the_owner_can_end_is_written_about_once_a_day(
    publishing: Publishing,
    teahouse: Community,
    write: Round,
    postbox: Postbox,
    age: Callable[[timedelta], None],
) -> None:
    teahouse.market_on = False
    run = publishing.publish()
    assert (run.status, run.resume_at) == ("paused", None)
    write()
    write()
    [letter] = postbox.letters
    assert (letter["To"], letter["Subject"]) == (publishing.owner.email, "Публикация стоит")
    body = letter.get_content()
    assert "выключен раздел «Товары»" in body and f"http://localhost/sync/publish/{run.id}" in body
    age(timedelta(hours=25))
    write()
    assert len(postbox.letters) == 2
    age(timedelta(days=7))
    write()
    assert len(postbox.letters) == 2, "a week is enough"


def test_a_round_of_letters_gives_way_to_those_that_somebody_waits_for(
    app: Flask,
    publishing: Publishing,
    teahouse: Community,
    write: Round,
    postbox: Postbox,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(letter_turns, "PATIENCE_SECONDS", -1)
    teahouse.market_on = False
    publishing.publish()
    postbox.refusal = "450 come again later"
    write()
    with app.app_context():
        assert queue.depth(LETTERS_QUEUE_NAME) == 1, "it goes on behind them"
    postbox.refusal = None
    work_off(app, [LETTERS_QUEUE_NAME], most=5)
    assert postbox.letters == [], "whoever was put off is asked for in the next round"
    write()
    assert len(postbox.letters) == 1


def test_a_plan_that_waits_for_a_word_is_written_about(
    app: Flask, publishing: Publishing, tea: Stock, write: Round, postbox: Postbox, run_jobs: Round
) -> None:
    publishing.publish()
    write()
    assert postbox.letters == []
    publishing.choose(auto=True)
    tea.rule("store", "s1", "exclude")
    with app.app_context():
        look_for_changes()
    run_jobs()
    write()
    [letter] = postbox.letters
    assert letter["Subject"] == "Публикация ждёт вашего слова"
    assert "будут сняты товары: 3 из 3" in letter.get_content()


@on_both
def test_what_passes_by_itself_is_written_about_after_a_day(
    publishing: Publishing,
    vk: VkWorld,
    write: Round,
    postbox: Postbox,
    age: Callable[[timedelta], None],
    tick: Round,
) -> None:
    vk.limits.new_items_a_day = 2
    run = publishing.publish()
    assert (run.status, run.done, run.left) == ("paused", 2, 1)
    vk.trouble = "flood"
    for _ in range(3):
        age(timedelta(hours=25 if run.stuck_since is None else 11))
        tick()
        write()
        run = publishing.run(run.id)
        assert (run.status, run.done, run.left) == ("paused", 2, 1), "what it had left it still has"
        assert postbox.letters == [], "its day was waited for, and then VK was tried again"
    age(timedelta(hours=3))
    write()
    [letter] = postbox.letters
    assert letter["Subject"] == "Больше суток ничего не отправлено"
    assert "Ждут отправки" in letter.get_content()
    vk.trouble, vk.limits.new_items_a_day = None, 7_000
    tick()
    assert publishing.run(run.id).status == "done"


@pytest.mark.parametrize("why", ["unconfirmed", "switched off", "no mail server"])
def test_nobody_else_is_written_to(
    app: Flask,
    publishing: Publishing,
    teahouse: Community,
    write: Round,
    postbox: Postbox,
    db_session: Session,
    why: str,
) -> None:
    teahouse.market_on = False
    publishing.publish()
    if why == "unconfirmed":
        db_session.execute(update(User).values(email_confirmed_at=None))
    elif why == "switched off":
        db_session.execute(update(SyncConfig).values(is_enabled=False))
    else:
        app.extensions["settings"] = replace(app.extensions["settings"], smtp_url=None)
    write()
    assert postbox.letters == []


def test_a_letter_that_the_server_did_not_take_is_sent_in_the_next_round(
    publishing: Publishing, teahouse: Community, write: Round, postbox: Postbox
) -> None:
    teahouse.market_on = False
    publishing.publish()
    postbox.refusal = "451 later"
    write()
    postbox.refusal = None
    write()
    assert len(postbox.letters) == 1


def test_a_letter_that_the_server_may_have_taken_is_not_sent_again(
    publishing: Publishing, teahouse: Community, write: Round, postbox: Postbox
) -> None:
    teahouse.market_on = False
    publishing.publish()
    postbox.hangs_up = True
    write()
    write()
    assert len(postbox.letters) == 1
