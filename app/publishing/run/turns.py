"""How long a run of publication holds its lane while others wait for it."""

from typing import Any

from app.publishing.run.models import Publication
from app.work.runs.running import Running

# VK takes so many seconds for about two hundred goods with a picture.
TURN_SECONDS = 60.0


def give_way(running: Running[Publication]) -> None:
    """Raise GivesWay, after something was done and written down, once the run has had its turn."""
    running.give_way(TURN_SECONDS)


def give_way_idle(running: Running[Any]) -> None:
    """Raise GivesWay as soon as others wait: of a run that only waits itself, for what ends without it."""
    running.give_way(0)
