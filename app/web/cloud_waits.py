"""Pages that wait for a cloud: few at once, so that a cloud that hangs never holds up a whole process."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

# Of the eight requests that a process answers at once.
AT_ONCE = 3

_places = threading.BoundedSemaphore(AT_ONCE)


class NoPlace(Exception):
    """As many pages as may wait for a cloud are waiting already."""


@contextmanager
def waiting_for_a_cloud() -> Iterator[None]:
    """Take one of the places for as long as a page waits; raises NoPlace at once when there is none."""
    if not _places.acquire(blocking=False):
        raise NoPlace
    try:
        yield
    finally:
        _places.release()
