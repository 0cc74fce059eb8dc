"""Waits that somebody else can end: what a fault keeps waiting goes on when faults are cleared."""

from threading import Event, Lock


class Pause:
    """Keep threads waiting until they are released or their time is up."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._released = Event()

    def wait(self, seconds: float) -> None:
        """Wait so long, or until the next release."""
        self._released.wait(seconds)

    def release(self) -> None:
        """Let everybody who waits now go on."""
        with self._lock:
            self._released.set()
            self._released = Event()
