"""How long VK may keep out of sight what it has made."""

from datetime import datetime, timedelta
from typing import NamedTuple

from flask import current_app

from app.data.types import now

# A clock that is set right or not an hour too far, and those of two machines, differ by no more than this.
CLOCKS_DIFFER = timedelta(hours=2)


class Patience(NamedTuple):
    """Of a look at VK, begun `at`: it proves nothing of what was asked for `within` so long before."""

    at: datetime
    within: timedelta

    def covers(self, asked_at: datetime | None) -> bool:
        """Whether what VK was asked to make then may be there without being shown.

        So may what was asked for while the look went on, or a little in the future: by a clock that is ahead
        or has been set back since. Further away it was long ago.
        """
        return asked_at is not None and self.at - self.within < asked_at <= now() + CLOCKS_DIFFER

    def until(self, asked_at: datetime) -> datetime:
        """When it is certain what became of what VK was asked to make then."""
        return asked_at + self.within


def patience() -> Patience:
    """The patience with VK from this moment on, by the settings."""
    return Patience(now(), timedelta(seconds=current_app.extensions["settings"].vk_shows_within_seconds))
