"""The drawing of the last days on the overview: paths of SVG, so that the page needs no script for them."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from app.publishing.ledger.shop_days import Day

# Units of the drawing; it is stretched to the width of the page.
STEP, HEIGHT = 10, 100
_GAP = 1.5


class Chart(NamedTuple):
    """The days, the earliest first, and what is drawn of them; `most_prices` in a day, `prices` in all."""

    days: list[Day]
    line: str
    area: str
    bars: str
    most_live: int
    most_prices: int
    prices: int

    @property
    def width(self) -> int:
        """Of the drawing."""
        return len(self.days) * STEP

    @property
    def height(self) -> int:
        return HEIGHT

    @property
    def begins(self) -> date:
        return self.days[0].date


def chart_of(days: list[Day]) -> Chart | None:
    """Draw them; None while there are too few to compare, or nothing ever was in VK."""
    if len(days) < 2 or not any(day.live or day.prices for day in days):
        return None
    live, prices = [day.live for day in days], [day.prices for day in days]
    line = _stairs(live)
    return Chart(
        days=days,
        line=f"M0 {_y(live[0], max(live))}{line}",
        area=f"M0 {HEIGHT}{line}V{HEIGHT}Z",
        bars=_bars(prices),
        most_live=max(live),
        most_prices=max(prices),
        prices=sum(prices),
    )


def _stairs(values: Sequence[int]) -> str:
    """A line that stays at each value for one step, from the left to the right; 0 is at the bottom."""
    most = max(values)
    return "".join(f"V{_y(value, most)}H{(place + 1) * STEP}" for place, value in enumerate(values))


def _bars(values: Sequence[int]) -> str:
    """A bar for each value, none for 0."""
    most = max(values)
    return "".join(
        f"M{place * STEP + _GAP} {HEIGHT}V{_y(value, most)}h{STEP - 2 * _GAP}V{HEIGHT}Z"
        for place, value in enumerate(values)
        if value > 0
    )


def _y(value: int, most: int) -> str:
    # The least that there is can still be seen.
    share = max(value / most, 0.03) if value else 0
    return f"{HEIGHT * (1 - share):.1f}".removesuffix(".0")
