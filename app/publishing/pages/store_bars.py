"""What becomes of each store's goods, as numbers and as a bar of SVG, which needs no script and no style."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from app.publishing.planning.plan import BLOCKED, HIDE, Plan
from app.rules.summary import StoreCounts

# Units of the drawing; it is stretched to the width of its column.
WIDTH = 100
# The least that there is can still be seen.
_LEAST = 1.5


class Part(NamedTuple):
    """A part of a bar: `kind` is `ready`, `blocked` or `hidden`."""

    kind: str
    x: float
    width: float


class StoreBar(NamedTuple):
    """A store and its goods: to be published, how many of those are not ready, and the others.

    `not_ready` is None where nothing is known of it: before there is a plan.
    """

    store_id: str
    name: str
    published: int
    not_ready: int | None
    hidden: int

    @property
    def parts(self) -> list[Part]:
        """The bar, from the left to the right; empty of a store without goods."""
        blocked = self.not_ready or 0
        goods = {"ready": self.published - blocked, "blocked": blocked, "hidden": self.hidden}
        some = {kind: count for kind, count in goods.items() if count > 0}
        shares = {kind: max(count / sum(some.values()), _LEAST / WIDTH) for kind, count in some.items()}
        parts, x = [], 0.0
        for kind, share in shares.items():
            width = share / sum(shares.values()) * WIDTH
            parts.append(Part(kind, round(x, 1), round(width, 1)))
            x += width
        return parts


def bars_of(stores: Iterable[StoreCounts], not_ready: Mapping[str, int] | None) -> list[StoreBar]:
    """The bars of some stores; `not_ready` by store, None before there is a plan."""
    return [
        StoreBar(
            store.store_id,
            store.name,
            store.published,
            # The plan is younger than the counts, by a moment.
            None if not_ready is None else min(not_ready.get(store.store_id, 0), store.published),
            store.hidden,
        )
        for store in stores
    ]


def not_ready_by_store(plan: Plan) -> dict[str, int]:
    """How many goods of each store are to be published and cannot be seen, for whatever reason."""
    wants = (item.want for kind in (BLOCKED, HIDE) for item in plan.items[kind])
    return Counter(store_id for store_id, _ in {key for want in wants if want for key in want.keys})
