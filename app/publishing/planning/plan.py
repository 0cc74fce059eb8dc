"""The plan: what a run would do, as a value; computed from the cache, the ledger and the last reading of VK.

Pure: nothing is asked of VK and nothing is written.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from itertools import chain
from typing import NamedTuple

from app.publishing.planning import prices
from app.publishing.planning.albums import AlbumChange
from app.publishing.planning.alike import Alike
from app.publishing.planning.changes import Change
from app.publishing.planning.desired import Desired
from app.publishing.planning.existing import ALBUMS, PRICE, STOCK, Entry, ForeignItem
from app.publishing.planning.good import Key
from app.publishing.planning.reasons import Reason
from app.publishing.planning.settings import Settings

CREATE = "create"
CHANGE = "change"
HIDE = "hide"
SHOW = "show"
BLOCKED = "blocked"
ASK = "ask"
FOREIGN = "foreign"
KINDS = (CREATE, CHANGE, HIDE, SHOW, BLOCKED, ASK, FOREIGN)
EXAMPLES = 5
# What a run does; the others are only told.
DONE_BY_RUN = (CREATE, CHANGE, HIDE, SHOW)


class Item(NamedTuple):
    """One listing in one part of the plan.

    `want` is None for a listing behind which no published good stands, `entry` for a good that never was in
    VK. `changes` are to be sent, or are the two values to choose from. `reason` says why it is hidden,
    blocked or asked about. `look_up`: an earlier run may have added it, so VK is asked for its sku first.
    `foreign` is the listing of somebody else's that the item is about; it is never written to.
    """

    kind: str
    sku: str
    want: Desired | None = None
    entry: Entry | None = None
    changes: tuple[Change, ...] = ()
    reason: Reason | None = None
    look_up: bool = False
    foreign: ForeignItem | None = None

    @property
    def key(self) -> Key:
        """The good the item is about; what has no good behind it is known by its listing."""
        if self.want is not None:
            return self.want.key
        if self.entry is not None:
            return self.entry.goods[0] if self.entry.goods else ("", f"listing-{self.entry.listing_id}")
        return ("", f"item-{self.foreign.item_id}" if self.foreign else self.sku)

    @property
    def name(self) -> str:
        """The name as it stands, or would stand, in VK."""
        if self.entry is not None and self.entry.is_in_vk:
            return self.entry.name
        if self.want is not None:
            return self.want.name
        return self.foreign.name if self.foreign else self.sku


class Hold(NamedTuple):
    """Why the plan waits for the owner's word: the items that make it wait, and the field of them that does.

    Without a field it is what is done about them, whatever the values.
    """

    code: str
    sentence: str
    items: tuple[Item, ...] = ()
    field: str | None = None

    @property
    def word(self) -> str:
        """The owner's word on it, as a run keeps it; what it was about is kept with all that was approved."""
        return f"{self.code} {len(self.items)}"

    @property
    def examples(self) -> list[str]:
        """Some of the items in words: names, and prices before and after where there is a new one."""
        return [_with_prices(item) for item in self.items[:EXAMPLES]]


def _with_prices(item: Item) -> str:
    moved = next((each for each in item.changes if each.field == PRICE and each.old is not None), None)
    if moved is None:
        return item.name
    before, after = (prices.for_people(Decimal(price)) for price in (moved.old, moved.new))
    return f"{item.name}: {before} → {after} ₽"


class AlbumsPlan(NamedTuple):
    """What has to be done about albums before goods go into them, and how many there are in VK already."""

    changes: tuple[AlbumChange, ...] = ()
    in_vk: int = 0

    @property
    def written(self) -> list[AlbumChange]:
        """Those of the changes that VK is told of."""
        return [change for change in self.changes if change.is_written]


@dataclass(frozen=True)
class Plan:
    """What would be done, by kind, each kind in the owner's order.

    `waiting` are those of `create` that VK's quotas leave for later, with the reason; `holds` say why the
    whole plan needs a confirmation. `in_vk` listings are in the community already, ours and others'. `alike`
    are goods of several stores that are one, or may be. `albums` is None where the owner uses none. `settled`
    are marks of listings that were found as they should be and were not known to be, by listing id; `behind`
    are the goods of those behind which others stand than the ledger knows.
    `community_id` is where all this would be done. Of what was approved `unseen` items are left out, in whole
    or in part.
    """

    settings: Settings
    items: Mapping[str, list[Item]]
    waiting: Mapping[Key, Reason]
    holds: tuple[Hold, ...]
    in_vk: int = 0
    alike: tuple[Alike, ...] = ()
    albums: AlbumsPlan | None = None
    settled: Mapping[int, str] = field(default_factory=dict)
    community_id: int = 0
    behind: Mapping[int, tuple[Key, ...]] = field(default_factory=dict)
    unseen: int = 0

    @property
    def is_held(self) -> bool:
        return bool(self.holds)

    @property
    def has_work(self) -> bool:
        """Tell whether a run would write anything now."""
        counts = self.counts
        if self.albums and self.albums.written:
            return True
        return sum(counts[kind] for kind in DONE_BY_RUN) > len(self.waiting)

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many items there are of each kind."""
        return {kind: len(self.items[kind]) for kind in KINDS}

    @cached_property
    def blocked_by_reason(self) -> list[tuple[Reason, int]]:
        """The reasons why goods are not ready, the commonest first."""
        return Counter(item.reason for item in self.items[BLOCKED] if item.reason).most_common()

    @cached_property
    def digest(self) -> str:
        """A short mark of all that would be done; another process computes the same from the same facts.

        Stock, quotas and foreign listings do not count: the owner agreed to what is written, not to when.
        """
        hashed = hashlib.blake2b(digest_size=16)
        hashed.update(f"{self.community_id} {self.settings!r}".encode())
        for kind in DONE_BY_RUN:
            if kind == CREATE:
                facts = [_new_facts(item, item.want) for item in self.items[kind] if item.want]
            else:
                facts = [_changed_facts(item) for item in self.items[kind]]
            hashed.update("\x1e".join((kind, *facts)).encode("utf-8", "surrogatepass"))
        for change in self.albums.written if self.albums else ():
            hashed.update(f"{change.kind} {change.title!r} {change.entry and change.entry.title!r}".encode())
        return hashed.hexdigest()

    def only(self, key: Key) -> "Plan":
        """The part of the plan that is about one good."""
        items = {
            kind: [item for item in found if item.key == key or (item.want and key in item.want.keys)]
            for kind, found in self.items.items()
        }
        waiting = {item.key: self.waiting[item.key] for item in items[CREATE] if item.key in self.waiting}
        return replace(self.with_items(items), waiting=waiting, holds=(), alike=(), settled={}, behind={})

    def with_items(self, items: Mapping[str, list[Item]]) -> "Plan":
        """The plan with some of its items alone, and the albums that these go into."""
        return replace(self, items=items, albums=self._albums_of(items))

    def _albums_of(self, items: Mapping[str, list[Item]]) -> AlbumsPlan | None:
        """What has to be done about the albums that these items go into."""
        if self.albums is None:
            return None
        changes = (change for found in items.values() for item in found for change in item.changes)
        titles = {change.new for change in changes if change.field == ALBUMS}
        return self.albums._replace(
            changes=tuple(change for change in self.albums.changes if change.title in titles)
        )

    def now(self) -> Iterator[Item]:
        """The items that a run started now would do."""
        for kind in DONE_BY_RUN:
            for item in self.items[kind]:
                if kind != CREATE or item.key not in self.waiting:
                    yield item


def _new_facts(item: Item, want: Desired) -> str:
    # The facts of which the texts are composed stand for the texts: composing them all would take seconds.
    keys = chain.from_iterable(want.keys)
    return "\x1f".join((item.sku, *keys, want.facts, *(str(change.new) for change in item.changes)))


def _changed_facts(item: Item) -> str:
    changes = [change for change in item.changes if change.field != STOCK]
    return f"{item.sku}\x1f{changes}"


def make_items(found: Iterable[Item]) -> dict[str, list[Item]]:
    """Sort items by kind; every kind is there, if only empty."""
    items: dict[str, list[Item]] = {kind: [] for kind in KINDS}
    for item in found:
        items[item.kind].append(item)
    return items
