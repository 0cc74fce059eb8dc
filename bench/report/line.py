"""A figure of the bench: what was measured, beside what, and how far it is from what is promised."""

import math
from typing import NamedTuple


class Promise(NamedTuple):
    """What one line of the contract says about a figure.

    share: how many times the figure is what is allowed.
    """

    key: str
    figure: str
    share: float

    @property
    def is_kept(self) -> bool:
        return self.share <= 1

    @property
    def verdict(self) -> str:
        """The figure, and whether it is reached or by how much not."""
        if self.is_kept:
            return f"{self.figure}, reached"
        return (
            f"**{self.figure}**, off by × {self.share:.2f}"
            if math.isfinite(self.share)
            else f"**{self.figure}**"
        )


class Line(NamedTuple):
    """One row of a table; `cost` is what may grow with a catalogue, in any unit."""

    what: str
    database: str
    measured: str
    baseline: str = ""
    ratio: str = ""
    target: str = ""
    promises: tuple[Promise, ...] = ()
    cost: float | None = None

    @property
    def reached(self) -> str:
        """Whether all that is promised of it is kept; nothing where nothing is."""
        if not self.promises:
            return ""
        return "yes" if all(promise.is_kept for promise in self.promises) else "no"


def at_most(key: str, value: float, limit: float, figure: str) -> Promise:
    """Promise that a value is no more than this; 0 allows none."""
    return Promise(key, figure, value / limit if limit else math.inf if value else 0)


def at_least(key: str, value: float, limit: float, figure: str) -> Promise:
    """Promise that a value is no less than this."""
    return Promise(key, figure, limit / value if value else math.inf)


def ms(seconds: float) -> str:
    """Seconds, in milliseconds."""
    return f"{seconds * 1000:,.{1 if seconds < 0.1 else 0}f} ms"


def times(ratio: float) -> str:
    """How many times as much, with three digits."""
    return f"× {ratio:#.3g}" if ratio < 100 else f"× {ratio:.0f}"


def share(ratio: float) -> str:
    """What part of a baseline, with three digits: with two 0.164 and 0.176 look a tenth apart."""
    return f"{ratio:#.3g}"
