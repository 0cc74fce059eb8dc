"""How long a refresh may hold its lane while others wait: a minute among all, longer among the slow."""

import time
from datetime import timedelta

from app.clients.errors import Unavailable
from app.mirror.models import CatalogRefresh
from app.mirror.refresh.progress import Progress
from app.work.queue import BIG_QUEUE_NAME
from app.work.runs.running import Running

# A run that takes so long goes on among the slow ones.
LONG_RUN = timedelta(minutes=1)
# What each of these may take before the next one has its turn.
BIG_SHARE = timedelta(minutes=5)
LIST_PATIENCE_SECONDS = 300
# In a long wait it is looked so often whether others have come.
_LOOK_SECONDS = 1.0


class Turn:
    """One turn of a run.

    Among the slow it ends with a store: the stores that are done stay so, and those that were being read are
    read from their beginning in the next turn. A run that would never get that far would never end.
    """

    def __init__(self, running: Running[CatalogRefresh], progress: Progress) -> None:
        self.progress = progress
        # Whether a store has been fetched, or given up, in this turn.
        self.is_of_use = False
        self._running = running
        self._began = time.monotonic()
        self.is_among_slow = running.lane == BIG_QUEUE_NAME

    def give_way(self) -> None:
        """Raise GivesWay when it is another's turn."""
        if not self.is_among_slow:
            self._running.give_way(LONG_RUN.total_seconds(), BIG_QUEUE_NAME)
        elif self.is_of_use:
            self._running.give_way(BIG_SHARE.total_seconds())

    def check(self) -> None:
        """Raise RunStopped when the run must end, and GivesWay when it is another's turn."""
        self._running.check()
        self.give_way()

    def look(self) -> None:
        """Look up as stores are listed; raises GivesWay, RunStopped, and Unavailable after too long."""
        self.check()
        if time.monotonic() - self._began > LIST_PATIENCE_SECONDS:
            raise Unavailable("the list of stores takes too long")

    def sleep(self, seconds: float) -> None:
        """Wait, but no longer than the turn lasts; raises GivesWay and RunStopped."""
        while seconds > 0:
            self.give_way()
            self._running.sleep(min(seconds, _LOOK_SECONDS))
            seconds -= _LOOK_SECONDS

    def patience(self, usual: float) -> float:
        """How many seconds a store may take: `usual`, or less while others wait for the slow lane."""
        share = BIG_SHARE.total_seconds()
        return (
            share if share < usual and self.is_among_slow and self._running.keeps_others_waiting() else usual
        )
