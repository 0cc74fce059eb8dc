"""How long goods of a cloud are worth waiting for."""

import time

from app.mirror.refresh.progress import StoreOutcome
from app.mirror.refresh.turns import Turn
from app.words import gettext_noop

# A cloud that hands over fewer goods a second for so long must not hold a worker that others wait for.
FEWEST_A_SECOND = 20
STORE_PATIENCE_SECONDS, RUN_PATIENCE_SECONDS = 600, 1800
TOO_SLOW = gettext_noop("Эвотор отвечает слишком медленно; повторите позже")


class TooSlow(Exception):
    """The cloud takes longer than goods are worth waiting for."""


class Patience:
    """That of one turn of a run, from now on."""

    def __init__(self, turn: Turn) -> None:
        self._turn = turn
        self._began = time.monotonic()

    def check(self, outcome: StoreOutcome, began: float) -> None:
        """Make sure that the run goes on, and that what comes is worth its time; raises TooSlow.

        began: when the store was, by the clock that only goes on.
        """
        self._turn.check()
        for patience, since, goods in (
            (self._turn.patience(STORE_PATIENCE_SECONDS), began, outcome.products),
            (RUN_PATIENCE_SECONDS, self._began, self._turn.progress.done),
        ):
            if time.monotonic() - since > patience + goods / FEWEST_A_SECOND:
                raise TooSlow
