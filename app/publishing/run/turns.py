"""How long a run of publication holds its lane while others wait for it."""

from app.publishing.run.models import Publication
from app.work.runs.running import Running

# VK takes so many seconds for about two hundred goods with a picture.
TURN_SECONDS = 60.0


def give_way(running: Running[Publication]) -> None:
    """Raise GivesWay, after something was done and written down, once the run has had its turn."""
    running.give_way(TURN_SECONDS)
