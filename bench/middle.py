"""One figure out of many that were measured in turn."""

from collections.abc import Iterable
from statistics import fmean


def middle(values: Iterable[float]) -> float:
    """The mean of the middle half: as deaf as the median to what is far off, and steadier."""
    ordered = sorted(values)
    quarter = len(ordered) // 4
    return fmean(ordered[quarter : len(ordered) - quarter])
