"""Attempts to connect an account: one of an owner's at a time, and how it ended, for the page that waits."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import NamedTuple

from redis.exceptions import RedisError

from app.web.cloud_waits import ask_beside
from app.work.locks import LockTaken, held_by_one
from app.work.queue import QueueUnavailable, queue

# Longer than a cloud that hangs is waited for, each call of an attempt to its end.
_LEASE_SECONDS = 120
_KEPT_SECONDS = 600
# Longer than a code of VK's lives, and the attempt in the owner's session.
_ONCE_SECONDS = 3600


class Ended(NamedTuple):
    """How an attempt ended: `reason` tells the owner why it failed, `warning` what is left to do.

    `status` is of the page that shows the reason.
    """

    reason: str | None = None
    status: int = 200
    warning: str | None = None


class UnderWay(NamedTuple):
    """The attempt has not ended."""


class AlreadyTried(Exception):
    """An attempt of this owner's is under way, or has spent what can be used once."""


def attempt(provider: str, user_id: int, connect: Callable[[], Ended], *, once: str | None = None) -> Ended:
    """Call `connect` beside this request, and keep how it ended; commits before.

    `once` names what the attempt spends: a second one with it is not begun. Raises AlreadyTried, NoPlace, or
    StillAsking when it takes longer than a page may: `state_of` tells the rest.
    """

    def run() -> Ended:
        with _alone(provider, user_id, once):
            ended: Ended | None = None
            _keep(provider, user_id, UnderWay())
            try:
                ended = connect()
            finally:
                _keep(provider, user_id, ended)
            return ended

    return ask_beside(run)


def state_of(provider: str, user_id: int) -> Ended | UnderWay | None:
    """Tell how the owner's newest attempt ended; None when there was none lately or nobody knows."""
    try:
        kept = queue.connection.get(_key(provider, user_id))
    except RedisError:
        return None
    found = json.loads(kept) if kept else None
    return found if found is None else Ended(*found) if found else UnderWay()


@contextmanager
def _alone(provider: str, user_id: int, once: str | None) -> Iterator[None]:
    with ExitStack() as held:
        # Without the queue server, which keeps the locks, an account can still be connected.
        with suppress(QueueUnavailable, RedisError):
            try:
                held.enter_context(
                    held_by_one(f"connect-{provider}:{user_id}", lease=_LEASE_SECONDS, patience=0)
                )
            except LockTaken as error:
                raise AlreadyTried from error
            if once and not queue.connection.set(f"vitrina:once:{once}", 1, nx=True, ex=_ONCE_SECONDS):
                raise AlreadyTried
        yield


def _keep(provider: str, user_id: int, state: Ended | UnderWay | None) -> None:
    seconds = _LEASE_SECONDS if state == UnderWay() else _KEPT_SECONDS
    with suppress(RedisError):
        queue.connection.set(_key(provider, user_id), json.dumps(state), ex=seconds)


def _key(provider: str, user_id: int) -> str:
    return f"vitrina:attempt:{provider}:{user_id}"
