"""What workers do for connections."""

import logging
from collections.abc import Callable
from datetime import datetime
from uuid import uuid4

from flask import Flask, current_app
from sqlalchemy import or_, update

from app.connections import checks
from app.connections.letters import send_due_letters
from app.connections.models import LONGEST_CHECK, CloudAccount
from app.connections.side_by_side import run_side_by_side
from app.data.db import db
from app.data.types import now
from app.work.jobs import job
from app.work.letter_turns import ask_for_turn
from app.work.queue import CHECKS_QUEUE_NAME, QueueUnavailable, queue

log = logging.getLogger(__name__)

CHECK_TIMEOUT_SECONDS = 120
ROUND_TIMEOUT_SECONDS = 3600


@job
def check_connections() -> None:
    """Check every connection that is due, many at a time, and have the owners of those that changed told."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]

    def check(connection_id: int) -> None:
        with app.app_context():
            checks.check(connection_id)

    run_side_by_side(checks.due_connections(), check)
    ask_for_turn(send_due_letters)


@job
def check_connection(connection_id: int) -> None:
    """Check one connection out of turn."""
    checks.check(connection_id)


@job
def check_for_owner(connection_id: int) -> None:
    """Check a connection whose owner looks at its card and waits."""
    try:
        checks.check(connection_id, by_owner=True)
    finally:
        _note_checking(connection_id, None)


def ask_for_check(connection_id: int) -> None:
    """Let a worker check a connection while its owner waits; one check of it at a time. Commits.

    Raises QueueUnavailable.
    """
    if not _note_checking(connection_id, now()):
        return
    try:
        _enqueue(check_for_owner, connection_id)
    except QueueUnavailable:
        _note_checking(connection_id, None)
        raise


def request_check(connection_id: int) -> None:
    """Ask a worker to check a connection soon; without a queue the next round does."""
    try:
        _enqueue(check_connection, connection_id)
    except QueueUnavailable:
        log.warning("connection %s waits for the next round: the queue is away", connection_id)


def _enqueue(check: Callable[[int], None], connection_id: int) -> None:
    queue.enqueue(
        check,
        connection_id,
        job_id=f"check-{connection_id}-{uuid4().hex}",
        timeout=CHECK_TIMEOUT_SECONDS,
        queue_name=CHECKS_QUEUE_NAME,
    )


def _note_checking(connection_id: int, since: datetime | None) -> bool:
    """Note that a check has begun or ended; False when another one is under way. Commits."""
    statement = update(CloudAccount).where(CloudAccount.id == connection_id)
    if since is not None:
        begun = CloudAccount.checking_since
        # In the future: begun before the clock was set back.
        is_free = or_(begun.is_(None), begun < since - LONGEST_CHECK, begun > since + LONGEST_CHECK)
        statement = statement.where(is_free)
    noted = db.session.scalar(statement.values(checking_since=since).returning(CloudAccount.id))
    db.session.commit()
    return noted is not None
