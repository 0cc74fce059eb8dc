"""Jobs that write to many owners: each sends for a while, gives way, and goes on behind where it was."""

import logging
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import NamedTuple
from uuid import uuid4

from redis.exceptions import RedisError

from app.work.jobs import path_of
from app.work.mail import Mailer, MailNotSent
from app.work.queue import LETTERS_QUEUE_NAME, QueueUnavailable, queue

log = logging.getLogger(__name__)

# So long one job sends, before those letters come that somebody else waits for.
PATIENCE_SECONDS = 30
# Longer than one letter more can take with a server that answers as late as it may.
_TIMEOUT_SECONDS = 180
# A turn that has not come for so long is lost.
_UNDER_WAY_SECONDS = 900


def send_in_turns(
    send: Callable[..., None], letters: Iterable[tuple[int, Callable[[], None]]], *, after: int
) -> None:
    """Send letters past the key `after`, each with its key, until others have to be let through.

    The job `send` goes on then behind the last key. A server that takes none is asked again the next round.
    A round that begins while the one before still has turns to come leaves all to it: with each that added
    its own, whoever waits for a letter of theirs would wait for one turn more.
    """
    under_way = f"vitrina:letters:under-way:{path_of(send)}"
    with suppress(RedisError):
        if not queue.connection.set(under_way, 1, nx=not after, ex=_UNDER_WAY_SECONDS):
            return
    last = None
    try:
        last = _send_for_a_while(letters)
    finally:
        # Also when a letter of ours broke: the next round would wait for turns that do not come.
        if last is None:
            with suppress(RedisError):
                queue.connection.delete(under_way)
    if last is not None:
        ask_for_turn(send, last)


class Letter(NamedTuple):
    """A letter of plain text, and whom it is for: the address, and the owner's key."""

    owner_id: int
    address: str
    subject: str
    body: str


def send_noted(
    mailer: Mailer, letter: Letter, *, note: Callable[[], bool], take_back: Callable[[], object]
) -> None:
    """Send a letter that `note` writes down as sent first, unless that tells that somebody else has.

    So no crash and no second worker sends it twice. `take_back` unsays it where the server has surely not
    taken it. Raises MailNotSent, but for an address that takes no letters.
    """
    if not note():
        return
    try:
        mailer.send(letter.address, letter.subject, letter.body)
    except MailNotSent as error:
        if error.permanent:
            log.warning("owner %s takes no letters: %s", letter.owner_id, error)
            return
        # What the server may have taken is not sent once more.
        if not error.is_unanswered:
            take_back()
        raise


def _send_for_a_while(letters: Iterable[tuple[int, Callable[[], None]]]) -> int | None:
    """Send letters; give the key of the last one where there may be more, None at the end of them."""
    began = time.monotonic()
    for key, letter in letters:
        try:
            letter()
        except MailNotSent as error:
            log.warning("letters wait for the next round: %s", error)
            if not error.only_this:
                return None
        if time.monotonic() - began > PATIENCE_SECONDS:
            return key
    return None


def ask_for_turn(send: Callable[..., None], after: int = 0) -> None:
    """Queue the job `send` for what comes after this key; without a queue the next round does it.

    Not for all anew: of a server that puts some off slowly the same would be asked for without end.
    """
    job_id = f"letters-{uuid4().hex}"
    try:
        queue.enqueue(send, after, job_id=job_id, timeout=_TIMEOUT_SECONDS, queue_name=LETTERS_QUEUE_NAME)
    except QueueUnavailable:
        log.warning("letters wait for the next round: the queue is away")
