"""What workers do for connections."""

import logging
from uuid import uuid4

from flask import Flask, current_app

from app.connections import checks, letters
from app.connections.side_by_side import run_side_by_side
from app.work.jobs import job
from app.work.queue import CHECKS_QUEUE_NAME, QueueUnavailable, queue

log = logging.getLogger(__name__)

CHECK_TIMEOUT_SECONDS = 120
ROUND_TIMEOUT_SECONDS = 3600


@job
def check_connections() -> None:
    """Check every connection that is due, many at a time, and write to the owners of those that changed."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]

    def check(connection_id: int) -> None:
        with app.app_context():
            checks.check(connection_id)

    run_side_by_side(checks.due_connections(), check)
    letters.send_due_letters()


@job
def check_connection(connection_id: int) -> None:
    """Check one connection out of turn."""
    checks.check(connection_id)


def request_check(connection_id: int) -> None:
    """Ask a worker to check a connection soon; without a queue the next round does."""
    try:
        queue.enqueue(
            check_connection,
            connection_id,
            job_id=f"check-{connection_id}-{uuid4().hex}",
            timeout=CHECK_TIMEOUT_SECONDS,
            queue_name=CHECKS_QUEUE_NAME,
        )
    except QueueUnavailable:
        log.warning("connection %s waits for the next round: the queue is away", connection_id)
