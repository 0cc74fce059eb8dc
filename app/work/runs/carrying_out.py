"""The job of a run: it is taken up once, does its work in as many turns as that takes, and has an outcome."""

import logging
from collections.abc import Callable
from contextlib import suppress

from flask_babel import force_locale, gettext
from sqlalchemy import func, select, update
from sqlalchemy.exc import SQLAlchemyError

from app.data.db import db
from app.data.engine import shared_moment, trouble_of
from app.data.types import now
from app.logs import belonging_to
from app.work.queue import QueueUnavailable
from app.work.runs.life import AnyRun, Runs
from app.work.runs.row import FAILED, QUEUED, RUNNING
from app.work.runs.running import GivesWay, Running, RunStopped

log = logging.getLogger(__name__)


def carry_out(
    runs: Runs[AnyRun], run_id: int, work: Callable[[Running[AnyRun]], None], *, our_fault: str
) -> None:
    """Take a queued run up and do its work; the row holds the outcome, whatever happens.

    Does nothing for a run that is not queued any more, so a job delivered twice runs once. Work that raises
    GivesWay is done anew when the run's next turn comes.
    our_fault: the sentence for the owner when something of ours fails; the error is logged and raised.
    """
    running = _take_up(runs, run_id)
    if running is None:
        return
    with belonging_to(run=run_id, owner=running.user_id), force_locale(_language_of(running.user_id)):
        try:
            _take_turns(running, work)
        except RunStopped:
            log.info("%s %s was stopped", runs.name, run_id)
        except Exception as error:
            log.exception("%s %s failed", runs.name, run_id)
            # Its connection may be gone as well, which is no reason to keep the outcome from the owner.
            with suppress(SQLAlchemyError):
                db.session.rollback()
            trouble = trouble_of(error)
            running.finish(FAILED, gettext(trouble.run if trouble else our_fault))
            raise


def _take_turns(running: Running[AnyRun], work: Callable[[Running[AnyRun]], None]) -> None:
    """Do the work, or as much of it as there is a turn for."""
    while True:
        try:
            return work(running)
        except GivesWay as way:
            # It may have left something open, and another process is to see what it wrote.
            db.session.rollback()
            try:
                return running.hand_on(way.onto)
            except QueueUnavailable:
                log.warning("%s %s could not give way", running.runs.name, running.id)
                running = Running(running.runs, running.row, goes_on=True)


def _language_of(user_id: int) -> str:
    # What a run says is kept as it was said. The owners' own module stands above this one.
    users = db.metadata.tables["users"]
    language: str | None = db.session.scalar(select(users.c.language).where(users.c.id == user_id))
    db.session.commit()
    return language or "ru"


def _take_up(runs: Runs[AnyRun], run_id: int) -> Running[AnyRun] | None:
    # One that is just being handed on waits for its job already, as far as others cannot see yet.
    known = select(runs.table.started_at).where(runs.table.id == run_id).with_for_update()
    goes_on = db.session.scalar(known) is not None
    db.session.commit()
    statement = (
        update(runs.table)
        .where(runs.table.id == run_id, runs.table.status == QUEUED)
        .values(
            status=RUNNING,
            started_at=func.coalesce(runs.table.started_at, now()),
            heartbeat_at=shared_moment(db.engine.dialect.name),
        )
        .returning(runs.table)
    )
    row = db.session.scalar(statement)
    if row is not None:
        # What it was asked for stays readable, whatever becomes of the row.
        db.session.expunge(row)
    db.session.commit()
    return Running(runs, row, goes_on=goes_on) if row is not None else None
