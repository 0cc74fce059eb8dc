"""One answer of the cloud, over all of its stores: how far it is believed, and who waits for the rest of it.

Goods may have moved from one store to another, and many small stores may come empty, or without groups: that
is seen only once all stores have come. Until then those wait that bring new goods, lack some or move them.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Connection

from app.clients.evotor.client import Store
from app.mirror.drop_guard import GUARDED_LOSS, DropGuard
from app.mirror.held_groups import GROUPS_BYTES, HeldGroups
from app.mirror.refresh.lately import Lately
from app.mirror.refresh.progress import (
    STORE_FAILED,
    WAITING,
    Progress,
    StoreOutcome,
    mark_in,
    moves_in,
    new_in,
    types_in,
)
from app.mirror.regrouping import Regrouped, Shares, unmoved
from app.mirror.staging import Staging, count_doubtful_new, find_missing, mark_of

# What waits takes no more than one more store may that is being fetched; each some objects besides.
_MOST_BYTES, _BYTES_A_STORE = GROUPS_BYTES, 8 * 1024


class KnownStore(NamedTuple):
    """A store of the cache, with the number of its goods, and of those that are in groups."""

    id: str
    name: str
    goods: int
    grouped: int


class Fetched(NamedTuple):
    """A store that has come whole."""

    store: Store
    outcome: StoreOutcome
    groups: HeldGroups
    staging: Staging
    would_move: Regrouped


class Answer:
    """What has come of an answer.

    known: the stores of the cache; listed: the ids of those that the cloud lists, `unlisted` are the others;
    confirmed: `CatalogRefresh.confirmed_drops`; before: where it is of one store alone, what was last told of
    this. Of `others` it says nothing then, so it is in doubt.
    """

    def __init__(
        self,
        progress: Progress,
        known: Sequence[KnownStore],
        listed: Collection[str],
        percent: int,
        confirmed: Mapping[str, int],
        lately: Lately,
        before: StoreOutcome | None = None,
    ) -> None:
        self.known = {store.id: store for store in known}
        self.unlisted = {store.id: store for store in known if store.id not in listed}
        # A list without a single store, or with few of them, is more likely a mistake than closed shops.
        self._is_list_doubtful = not listed or len(self.unlisted) * 100 > len(known) * percent
        self._before = before
        self.others = [each for each in self.known if each != before.store_id] if before else []
        self._progress = progress
        self._percent = percent
        self._confirmed = dict(confirmed)
        self._lately = lately
        self._waiting: list[Fetched] = []
        self._bytes = 0
        self._is_cut = False
        self.judge()

    def hear(self, connection: Connection, staging: Staging) -> None:
        """Forget the owner's word on goods of a store that are not the ones which are missing now."""
        mark = self._confirmed.get(mark_in(staging.store_id))
        if mark and mark != mark_of(find_missing(connection, staging)):
            self._confirmed[staging.store_id] = 0

    def needs_all(self, connection: Connection, fetched: Fetched) -> bool:
        """Tell whether a store that came alone is to be judged with all others, and was not judged so yet."""
        if self._before is None or not self.others:
            return False
        staging, moves, before = fetched.staging, fetched.would_move, self._before
        kept = self.guard(staging.store_id).judge(staging.missing, staging.existing, moves)
        if kept.goods and staging.missing != before.would_remove:
            return True
        if kept.groups and moves.goods != before.would_move:
            return True
        if self._withholds_goods:
            # New ones wait for the word on these.
            return False
        many = 1 if self._keeps_unlisted else GUARDED_LOSS
        return count_doubtful_new(connection, staging, self.others, many) > before.would_add

    def has_to_wait(self, fetched: Fetched) -> bool:
        """Tell whether a store waits for the rest of the answer, and keep it if it does."""
        staging = fetched.staging
        may_be_doubtful = staging.missing or staging.brings_new or fetched.would_move.goods
        if fetched.store.id not in self.known or not may_be_doubtful:
            return False
        fetched.outcome.state, fetched.outcome.moves = WAITING, fetched.would_move.shares
        self._waiting.append(fetched)
        self._bytes += _BYTES_A_STORE + staging.bytes + fetched.groups.bytes
        self._bytes += fetched.would_move.groups.bytes
        return True

    @property
    def is_full(self) -> bool:
        """Whether no more can wait: what has come is to be judged by itself, in doubt as a part of all."""
        return self._bytes > _MOST_BYTES

    def judge(self) -> list[Fetched]:
        """Judge what has come, and hand over what waited, in the order in which it is to be applied."""
        self._is_cut |= self.is_full
        waiting, unlisted = self._waiting, self.unlisted.values()
        self._waiting, self._bytes = [], 0
        lost = sum(outcome.removed + outcome.would_remove for outcome in self._progress.outcomes)
        lost += sum(fetched.staging.missing for fetched in waiting)
        lost += sum(store.goods for store in unlisted)
        moved = sum(outcome.moved + outcome.would_move for outcome in self._progress.outcomes)
        moved += sum(fetched.would_move.goods for fetched in waiting)
        goods = sum(store.goods for store in self.known.values())
        lost_lately, moved_lately = (sum(counted.values()) for counted in self._lately)
        guard = DropGuard(self._percent, 0, lost_lately=lost_lately, moved_lately=moved_lately)
        is_doubtful = guard.withholds(lost + moved + moved_lately, goods) or guard.keeps_groups(self._moves())
        self._is_doubtful = bool(self.others) or self._is_cut or is_doubtful
        self._keeps_unlisted = any(
            self.guard(store.id).withholds(store.goods, store.goods) for store in unlisted
        )
        return sorted(waiting, key=self._place)

    def guard(self, store_id: str) -> DropGuard:
        """What keeps the goods of a store that are to go, or to move: of an answer in doubt however few."""
        keys = store_id, moves_in(store_id), types_in(store_id), new_in(store_id)
        drops, moves, types, new = (self._confirmed.get(key, 0) for key in keys)
        lost_lately, moved_lately = (counted[store_id] for counted in self._lately)
        guard = DropGuard(self._percent, drops, GUARDED_LOSS, moves, lost_lately, moved_lately, types, new)
        if self._is_list_doubtful and store_id in self.unlisted:
            return guard._replace(percent=0, at_least=0)
        return guard._replace(at_least=0) if self._is_doubtful else guard

    @property
    def keeps_goods(self) -> bool:
        """Whether goods of any store wait for the owner's word: new ones elsewhere may be the same."""
        return self._keeps_unlisted or self._withholds_goods

    @property
    def _withholds_goods(self) -> bool:
        return any(outcome.would_remove for outcome in self._progress.outcomes)

    @property
    def unread(self) -> list[str]:
        """The ids of known stores that were not read: what is new elsewhere may still be theirs."""
        if self.others:
            return self.others
        failed = (outcome.store_id for outcome in self._progress.outcomes if outcome.state == STORE_FAILED)
        return [store_id for store_id in failed if store_id in self.known]

    def _moves(self) -> Shares:
        """The shares of all listed stores together: where nothing has come that differs, nothing moves."""
        came = {outcome.store_id: outcome.moves for outcome in self._progress.outcomes if outcome.moves}
        listed = (store for store in self.known.values() if store.id not in self.unlisted)
        shares = [came.get(store.id) or unmoved(store.goods, store.grouped) for store in listed]
        return [[sum(part) for part in zip(*share, strict=True)] for share in zip(*shares, strict=True)]

    def _place(self, fetched: Fetched) -> tuple[bool, bool]:
        """First those that keep their goods, as new ones wait for these; what moves goes before it comes."""
        staging = fetched.staging
        guard = self.guard(staging.store_id)
        kept = guard.judge(staging.missing, staging.existing, fetched.would_move)
        return not kept.goods, not staging.missing
