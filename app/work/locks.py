"""Locks that hold across processes and machines."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from redis.exceptions import RedisError

from app.work.queue import QueueUnavailable, queue


class LockTaken(Exception):
    """Somebody else holds the lock for longer than we wait."""


@contextmanager
def held_by_one(name: str, *, lease: float, patience: float) -> Iterator[None]:
    """Hold the lock `name`, `lease` seconds at most; wait for it `patience` seconds.

    Raises QueueUnavailable when the queue server, which keeps the locks, is away; LockTaken.
    """
    lock = queue.connection.lock(f"vitrina:lock:{name}", timeout=lease, blocking_timeout=patience)
    try:
        is_held = lock.acquire()
    except RedisError as error:
        raise QueueUnavailable from error
    if not is_held:
        raise LockTaken(name)
    try:
        yield
    finally:
        # A lease that ran out, or a server that went away, has ended the lock already.
        with suppress(RedisError):
            lock.release()
