"""How far a refresh has come, store by store."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Self

from flask_babel import gettext

from app.mirror.difference import Difference
from app.mirror.regrouping import Shares

WAITING = "waiting"
FETCHING = "fetching"
STORE_DONE = "done"
STORE_FAILED = "failed"
GUARDED = "guarded"
# A new store of an answer that lacks what was known: it waits for the same word.
PUT_OFF = "put_off"


@dataclass
class StoreOutcome:
    """How one store fares.

    `moved` counts the goods that stand in other groups now; `error` is a sentence for the owner;
    `would_remove` goods await a confirmation (`mark` tells them from others, see `staging.mark_of`), as do
    `would_move` that are to change their groups and `would_retype` their types, and `would_add` new ones wait
    with these, with those of another store or, if they `wait_for_stores`, for one that was not read; `moves`
    are the shares of goods in other groups, of a known store that had to wait; of `unsaid_stock` no stock
    came, so that it stays; `is_first` tells that the store was not known before; `kinds` counts the goods of
    each kind of change.
    """

    store_id: str
    name: str
    state: str = WAITING
    groups: int = 0
    products: int = 0
    added: int = 0
    changed: int = 0
    removed: int = 0
    moved: int = 0
    would_remove: int = 0
    mark: int = 0
    would_move: int = 0
    would_retype: int = 0
    would_add: int = 0
    wait_for_stores: bool = False
    moves: Shares = ()
    unsaid_stock: int = 0
    error: str | None = None
    is_first: bool = False
    kinds: dict[str, int] = field(default_factory=dict)

    @classmethod
    def read(cls, written: Mapping[str, Any]) -> Self:
        """Read what a run has written, which may know of less, or of more, than this release."""
        return cls(**{each.name: written[each.name] for each in fields(cls) if each.name in written})


def moves_in(store_id: str) -> str:
    """The key among a run's `confirmed_drops` for the goods of a store that may change their groups."""
    return f"moves in {store_id}"


def types_in(store_id: str) -> str:
    """The key there for the goods of a store that may change their types."""
    return f"types in {store_id}"


def new_in(store_id: str) -> str:
    """The key there for the new goods of a store that may be those of stores which do not answer."""
    return f"new in {store_id}"


def mark_in(store_id: str) -> str:
    """The key among a run's `confirmed_drops` for the mark of the goods of a store that may go."""
    return f"goods of {store_id}"


@dataclass
class Progress:
    """The live state of one run, which its threads change; `total` is how many goods there were last time."""

    total: int | None
    step: str = field(default_factory=lambda: gettext("Загружаем список магазинов"))
    outcomes: list[StoreOutcome] = field(default_factory=list)

    @property
    def done(self) -> int:
        """How many goods have been fetched."""
        return self._sum(lambda outcome: outcome.products)

    @property
    def settled(self) -> list[StoreOutcome]:
        """The stores that are not touched again in this run, however many turns it takes."""
        return [outcome for outcome in self.outcomes if outcome.state not in (WAITING, FETCHING)]

    def columns(self) -> dict[str, Any]:
        """The columns of the run's row that show how far it is."""
        return {
            "step": self.step[:300],
            "done": self.done,
            "total": self.total,
            "stores": [asdict(outcome) for outcome in self.outcomes],
            "added": self._sum(lambda outcome: outcome.added),
            "changed": self._sum(lambda outcome: outcome.changed),
            "removed": self._sum(lambda outcome: outcome.removed),
            "moved": self._sum(lambda outcome: outcome.moved),
        }

    def _sum(self, figure: Callable[[StoreOutcome], int]) -> int:
        return sum(map(figure, self.outcomes))


def note_difference(outcome: StoreOutcome, difference: Difference) -> None:
    """Put into the outcome of a store what was done to it."""
    outcome.state = (
        GUARDED if difference.withheld or difference.regrouped or difference.retyped else STORE_DONE
    )
    outcome.added = difference.added
    outcome.changed = difference.changed
    outcome.removed = difference.removed
    outcome.moved = difference.moved
    outcome.would_remove = difference.withheld
    outcome.mark = difference.withheld_mark
    outcome.would_move = difference.regrouped
    outcome.would_add = difference.put_off
    outcome.would_retype = difference.retyped
    outcome.unsaid_stock = difference.unsaid_stock
    outcome.wait_for_stores = difference.wait_for_stores
    outcome.is_first = difference.is_first
    outcome.kinds = dict(difference.kinds)
