"""Jobs that write to many owners: each sends for a while, gives way, and goes on behind where it was."""

import logging
from collections.abc import Callable
from uuid import uuid4

from app.work.queue import LETTERS_QUEUE_NAME, QueueUnavailable, queue

log = logging.getLogger(__name__)

# So long one job sends, before those letters come that somebody else waits for.
PATIENCE_SECONDS = 30
# Longer than one letter more can take with a server that answers as late as it may.
_TIMEOUT_SECONDS = 180


def ask_for_turn(send: Callable[..., None], after: int = 0) -> None:
    """Queue the job `send` for what comes after this key; without a queue the next round does it.

    Not for all anew: of a server that puts some off slowly the same would be asked for without end.
    """
    job_id = f"letters-{uuid4().hex}"
    try:
        queue.enqueue(send, after, job_id=job_id, timeout=_TIMEOUT_SECONDS, queue_name=LETTERS_QUEUE_NAME)
    except QueueUnavailable:
        log.warning("letters wait for the next round: the queue is away")
