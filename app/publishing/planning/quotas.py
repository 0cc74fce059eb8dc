"""VK's limits on new goods: what can be added now, and what waits."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from app.publishing.planning import reasons
from app.publishing.planning.albums import AlbumLimits
from app.publishing.planning.good import Key
from app.publishing.planning.plan import Item
from app.publishing.planning.reasons import Reason


@dataclass(frozen=True)
class Limits:
    """VK's quotas, and how many goods were added to the community in the last 24 hours.

    closed_until: VK has refused new goods before the quota was spent, and is not asked again earlier.
    """

    items: int = 15_000
    daily: int = 7_000
    added_today: int = 0
    in_albums: AlbumLimits = field(default_factory=AlbumLimits)
    closed_until: datetime | None = None

    @property
    def is_refused(self) -> bool:
        """Whether VK takes no more today though it should by our count."""
        return self.closed_until is not None and self.added_today < self.daily

    @property
    def today(self) -> int:
        """How many new goods VK still takes today."""
        return 0 if self.closed_until else max(0, self.daily - self.added_today)


def waiting(new: list[Item], in_vk: int, limits: Limits, first: str) -> Mapping[Key, Reason]:
    """The new goods that cannot go now, with the reason; `in_vk` listings are in the community already.

    Those that may be in VK already (they were being added when a run broke) come before all others.
    """
    room = max(0, limits.items - in_vk)
    today = limits.today
    if len(new) <= min(room, today):
        return {}
    ordered = in_order(new, first)
    later = dict.fromkeys((item.key for item in ordered[today:room]), reasons.WAITS_FOR_TOMORROW)
    later.update(dict.fromkeys((item.key for item in ordered[room:]), reasons.NO_ROOM))
    return later


def in_order(new: list[Item], first: str) -> list[Item]:
    """New goods as they go: in the owner's `order`, or by greatest `price` or `stock`, or `newest` first."""
    if first != "order":
        new = sorted(new, key=lambda item: _greatness(item, first), reverse=True)
    return sorted(new, key=lambda item: not item.look_up)


def _greatness(item: Item, first: str) -> Decimal:
    if item.want is None:
        return Decimal(0)
    good = item.want.good
    if first == "newest":
        return Decimal(good.number)
    return (item.want.price if first == "price" else good.quantity) or Decimal(0)
