"""Attempts to connect an account: one of an owner's at a time, and how it ended, for the page that waits."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import NamedTuple

from redis.exceptions import RedisError

from app.web.cloud_waits import StillAsking, ask_beside
from app.work.locks import LockTaken, held_by_one
from app.work.queue import QueueUnavailable, queue

# Longer than a cloud that hangs is waited for, each call of an attempt to its end.
_LEASE_SECONDS = 120
# Longer than a code of VK's lives, and the attempt in the owner's session.
_KEPT_SECONDS = 3600


class Ended(NamedTuple):
    """How an attempt ended: `reason` tells the owner why it failed, `warning` what is left to do.

    `status` is of the page that shows the reason.
    """

    reason: str | None = None
    status: int = 200
    warning: str | None = None


class UnderWay(NamedTuple):
    """The attempt has not ended; `mark` names what it tries, where that was said."""

    mark: str = ""


class AnotherUnderWay(Exception):
    """Another attempt of this owner's has not ended; nothing of this one was begun or spent."""


class AlreadyTried(Exception):
    """This attempt has been made before, and has spent what can be used once."""


def attempt(
    provider: str, user_id: int, connect: Callable[[], Ended], *, once: str | None = None, mark: str = ""
) -> Ended:
    """Call `connect` beside this request, and keep how it ended; commits before.

    `once` names what the attempt spends, and the attempt itself: a second one with it is not begun. `mark`
    names what it tries without telling it: a second one with it joins the one that is under way. Raises
    AnotherUnderWay, NoPlace, and, where `state_of` tells the rest, AlreadyTried or, when it takes longer than
    a page may or is joined, StillAsking.
    """
    key = _key(provider, user_id, once)

    def run() -> Ended:
        with _alone(provider, user_id, key if once else None):
            ended: Ended | None = None
            _keep(key, UnderWay(mark))
            try:
                ended = connect()
            finally:
                _keep(key, ended)
            return ended

    try:
        return ask_beside(run)
    except AnotherUnderWay:
        if mark and state_of(provider, user_id, once) == UnderWay(mark):
            raise StillAsking from None
        raise


def state_of(provider: str, user_id: int, once: str | None = None) -> Ended | UnderWay | None:
    """Tell how the owner's attempt `once` ended, else the newest of those without a name.

    None when there was none lately or nobody knows.
    """
    try:
        kept = queue.connection.get(_key(provider, user_id, once))
    except RedisError:
        return None
    found = json.loads(kept) if kept else None
    return found if found is None else Ended(*found) if len(found) > 1 else UnderWay(*found)


def is_under_way(provider: str, user_id: int) -> bool:
    """Tell whether an attempt of this owner's has not ended, as far as anybody knows."""
    try:
        return bool(queue.connection.exists(f"vitrina:lock:{_lock(provider, user_id)}"))
    except RedisError:
        return False


@contextmanager
def _alone(provider: str, user_id: int, once_key: str | None) -> Iterator[None]:
    with ExitStack() as held:
        # Without the queue server, which keeps the locks, an account can still be connected.
        with suppress(QueueUnavailable, RedisError):
            # Before the lock: whoever comes with the same again is sent to how that ended.
            if once_key and not _keep(once_key, UnderWay(), nx=True):
                raise AlreadyTried
            try:
                held.enter_context(held_by_one(_lock(provider, user_id), lease=_LEASE_SECONDS, patience=0))
            except LockTaken as error:
                if once_key:
                    queue.connection.delete(once_key)
                raise AnotherUnderWay from error
        yield


def _keep(key: str, state: Ended | UnderWay | None, *, nx: bool = False) -> bool:
    """Keep a state, with `nx` unless there is one; tell whether it is kept, as far as anybody knows."""
    seconds = _LEASE_SECONDS if isinstance(state, UnderWay) else _KEPT_SECONDS
    try:
        return bool(queue.connection.set(key, json.dumps(state), ex=seconds, nx=nx))
    except RedisError:
        return True


def _lock(provider: str, user_id: int) -> str:
    return f"connect-{provider}:{user_id}"


def _key(provider: str, user_id: int, once: str | None) -> str:
    return f"vitrina:attempt:{provider}:{user_id}:{once or ''}"
