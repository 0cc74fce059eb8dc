"""How long a run of publication holds its lane while others wait for it."""

from typing import Any

from app.clients.errors import CloudError
from app.publishing.run.models import Publication
from app.work.runs.running import Running

# VK takes so many seconds for about two hundred goods with a picture.
TURN_SECONDS = 60.0
# A wait that VK asks for; those between its calls, and between tries of one, are shorter.
LONG_WAIT_SECONDS = 5.0
_LOOK_SECONDS = 1.0


class OthersWait(CloudError):
    """VK asks for a long wait before a call, while others wait for the lane; it has not heard of the call."""


def give_way(running: Running[Publication]) -> None:
    """Raise GivesWay, after something was done and written down, once the run has had its turn."""
    running.give_way(TURN_SECONDS)


def give_way_idle(running: Running[Any]) -> None:
    """Raise GivesWay as soon as others wait: of a run that only waits itself, for what ends without it."""
    running.give_way(0)


def wait_for_vk(running: Running[Any], seconds: float) -> None:
    """Wait before a call of VK; raises RunStopped, and OthersWait instead of a long wait in others' time.

    Such a run is put aside for a while, and not queued again: VK would be asked too soon.
    """
    if seconds <= LONG_WAIT_SECONDS:
        running.sleep(seconds)
        return
    while seconds > 0:
        if running.keeps_others_waiting():
            raise OthersWait("VK asks for a long wait, and others wait for the lane")
        running.sleep(min(seconds, _LOOK_SECONDS))
        seconds -= _LOOK_SECONDS
