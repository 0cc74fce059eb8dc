"""Jobs that write to many owners: each sends for a while, gives way, and goes on behind where it was."""

import logging
import time
from collections.abc import Callable, Iterable
from uuid import uuid4

from app.work.mail import MailNotSent
from app.work.queue import LETTERS_QUEUE_NAME, QueueUnavailable, queue

log = logging.getLogger(__name__)

# So long one job sends, before those letters come that somebody else waits for.
PATIENCE_SECONDS = 30
# Longer than one letter more can take with a server that answers as late as it may.
_TIMEOUT_SECONDS = 180


def send_in_turns(send: Callable[..., None], letters: Iterable[tuple[int, Callable[[], None]]]) -> None:
    """Send letters, each with the key that it is about, until others have to be let through.

    The job `send` goes on then behind the last key. A server that takes none is asked again the next round.
    """
    began = time.monotonic()
    for key, letter in letters:
        try:
            letter()
        except MailNotSent as error:
            log.warning("letters wait for the next round: %s", error)
            if not error.only_this:
                return
        if time.monotonic() - began > PATIENCE_SECONDS:
            return ask_for_turn(send, key)


def ask_for_turn(send: Callable[..., None], after: int = 0) -> None:
    """Queue the job `send` for what comes after this key; without a queue the next round does it.

    Not for all anew: of a server that puts some off slowly the same would be asked for without end.
    """
    job_id = f"letters-{uuid4().hex}"
    try:
        queue.enqueue(send, after, job_id=job_id, timeout=_TIMEOUT_SECONDS, queue_name=LETTERS_QUEUE_NAME)
    except QueueUnavailable:
        log.warning("letters wait for the next round: the queue is away")
