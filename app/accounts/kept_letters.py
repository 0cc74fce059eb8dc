"""Letters that the mail server did not take for now, as one it does not know yet or while it restarts."""

import json
import logging
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from redis.exceptions import RedisError

from app.work.jobs import job, path_of
from app.work.queue import LETTERS_QUEUE_NAME, queue

log = logging.getLogger(__name__)

# Longer than a letter can take with a server that answers as late as it may.
LETTER_TIMEOUT_SECONDS = 180
# A clock brings them back each minute: servers that put strangers off do so for some minutes.
TRIES = 10
_KEPT = "vitrina:letters:kept"
_KEPT_SECONDS = 3600
_AT_ONCE = 500


def enqueue_letter(send: Callable[..., None] | str, about: int | str, tried: int = 0) -> None:
    """Queue the job `send`, or the one of that path, with these arguments; raises QueueUnavailable."""
    queue.enqueue(
        send,
        about,
        tried,
        job_id=f"letter-{uuid4().hex}",
        timeout=LETTER_TIMEOUT_SECONDS,
        queue_name=LETTERS_QUEUE_NAME,
    )


def keep_letter(send: Callable[..., None], about: int | str, tried: int) -> None:
    """Let a job that failed to send be tried again, unless that was the last time."""
    if tried + 1 >= TRIES:
        log.warning("a letter was given up")
        return
    try:
        queue.connection.rpush(_KEPT, json.dumps([path_of(send), about, tried + 1]))
        queue.connection.expire(_KEPT, _KEPT_SECONDS)
    except RedisError:
        log.warning("a letter was lost with the queue")


@job
def send_kept_letters() -> None:
    """Queue anew what was kept."""
    kept: Any = queue.connection.lpop(_KEPT, _AT_ONCE)
    for text in kept or ():
        enqueue_letter(*json.loads(text))
