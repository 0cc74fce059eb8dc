"""The stores of one run: fetched side by side, applied one after another."""

import logging
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import copy_context
from datetime import datetime
from itertools import islice

from flask import current_app
from flask_babel import gettext
from sqlalchemy import Connection

from app.clients.errors import CloudError, Unauthorized
from app.clients.evotor.client import EvotorClient, Store
from app.connections.models import EVOTOR
from app.connections.reasons import explain
from app.data.engine import measure_table, much_written
from app.data.types import now
from app.mirror.difference import apply_store
from app.mirror.held_groups import HeldGroups
from app.mirror.models import CachedGroup, CatalogRefresh, GroupSize
from app.mirror.product_row import digest_page
from app.mirror.read_ahead import ahead
from app.mirror.refresh.answer import Answer, Fetched, KnownStore
from app.mirror.refresh.credentials import Tried
from app.mirror.refresh.first_catalogue import stores_of_news
from app.mirror.refresh.lately import count_lately
from app.mirror.refresh.progress import FETCHING, STORE_FAILED, StoreOutcome, note_difference
from app.mirror.refresh.too_slow import TOO_SLOW, Patience, TooSlow
from app.mirror.refresh.turns import Turn
from app.mirror.regrouping import count_regrouped, lie_in_unknown
from app.mirror.staging import Row, Staging, settle_push
from app.mirror.told_types import ToldTypes
from app.web.language import translated
from app.work.metrics import CLOUD_ERRORS, count
from app.work.runs.running import GivesWay, Running, RunStopped

log = logging.getLogger(__name__)

STORES_AT_ONCE = 4
# The outcomes of more take longer to write than the stores themselves, were they written with each.
MANY_STORES = 100
# From so many on, rules have to be handed down by the index of parents.
MANY_GROUPS = 1000


class StoreRun:
    """What one run does with its stores.

    turn: how long it may go on; tried: the token that it goes by; known: the stores of the cache; listed:
    those that the cloud lists; before: see `Answer`. `needs_all` tells that nothing was applied of a store
    that came alone, as it is to be judged with all others. `refused`: its answer when the account is closed.
    """

    def __init__(
        self,
        running: Running[CatalogRefresh],
        client: EvotorClient,
        turn: Turn,
        tried: Tried,
        known: Sequence[KnownStore],
        listed: Sequence[Store],
        before: StoreOutcome | None,
    ) -> None:
        row = running.row
        self.running = running
        self.engine = running.engine
        self.client = client
        self.progress = turn.progress
        self.tried = tried
        self.turn = turn
        self.user_id = running.user_id
        self.is_alone = row.only_store is not None
        self.needs_all = False
        self.began: datetime = row.started_at or now()
        self.refused: Unauthorized | None = None
        self._fetches: dict[Future[tuple[HeldGroups, Staging]], Store] = {}
        self._patience = Patience(turn)
        percent = current_app.extensions["settings"].catalog_drop_guard_percent
        ids = {store.id for store in listed}
        self._types = ToldTypes(self.user_id)
        with self.engine.connect() as connection:
            lately = count_lately(connection, self.user_id, running.id)
            self._news = stores_of_news(connection, self.user_id, [each.id for each in known], ids)
        self.answer = Answer(self.progress, known, ids, percent, row.confirmed_drops, lately, before)
        # SQLite lets one write at a time and would give up on a store that waits too long for another one.
        is_sqlite = self.engine.dialect.name == "sqlite"
        self._turn: AbstractContextManager[object] = threading.Lock() if is_sqlite else nullcontext()

    def fetch_and_apply(self, stores: list[Store]) -> None:
        outcomes = {store.id: StoreOutcome(store.id, store.name) for store in stores}
        self.progress.outcomes = [*self.progress.outcomes, *outcomes.values()]
        with ThreadPoolExecutor(STORES_AT_ONCE, "store") as pool:
            waiting = iter(stores)
            fetches = self._fetches

            def begin(most: int) -> None:
                for store in islice(waiting, most):
                    # A copy of the context for each thread: its log lines belong to this run.
                    fetch = pool.submit(copy_context().run, self._fetch, store, outcomes[store.id])
                    fetches[fetch] = store

            try:
                begin(STORES_AT_ONCE)
                while fetches:
                    # No more than are fetched at once wait to be taken, each with all its groups in memory.
                    fetch = next(iter(wait(fetches, return_when=FIRST_COMPLETED).done))
                    store = fetches.pop(fetch)
                    self._take(store, fetch, outcomes[store.id])
                    del fetch
                    begin(1)
                    if fetches:
                        self.turn.give_way()
                self._apply_waiting()
            except BaseException as error:
                if isinstance(error, GivesWay) and self.turn.is_among_slow:
                    # Or there might never be a turn that is long enough for all of them.
                    self._apply_waiting()
                # Leaving the pool waits for its threads, so they have to hear of it.
                self.running.stop()
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def _fetch(self, store: Store, outcome: StoreOutcome) -> tuple[HeldGroups, Staging]:
        try:
            return self._fetch_all(store, outcome)
        except CloudError as error:
            # Where it arose the whole answer lies, and the error waits until other stores are applied.
            error.__cause__ = error.__context__ = error.__traceback__ = None
            failure = error
        raise failure

    def _fetch_all(self, store: Store, outcome: StoreOutcome) -> tuple[HeldGroups, Staging]:
        started = time.monotonic()
        outcome.state = FETCHING
        self.progress.step = gettext("%(store)s: загружаем группы", store=store.name)
        groups = self._groups(store, outcome)
        self.progress.step = gettext("%(store)s: загружаем товары", store=store.name)
        with self.engine.connect() as connection:
            staging = Staging(connection, self.user_id, self.running.id, store.id, is_alone=self.is_alone)
            staging.is_news = store.id in self._news
        with ahead(self._compared(store, staging)) as pages:
            for products, rows in pages:
                outcome.products += products
                self._patience.check(outcome, started)
                if rows:
                    with self._writing() as transaction:
                        staging.keep(transaction, rows)
                        self.running.verify(transaction)
        return groups, staging

    def _groups(self, store: Store, outcome: StoreOutcome) -> HeldGroups:
        groups, started = HeldGroups(), time.monotonic()
        for page in self.client.product_groups(store.id):
            groups.add(page)
            del page
            self._patience.check(outcome, started)
        outcome.groups = len(groups)
        return groups

    def _compared(self, store: Store, staging: Staging) -> Iterator[tuple[int, list[Row]]]:
        """Yield for each page how many products it holds and what differs from the cache, in portions."""
        for page in self.client.products(store.id):
            products = len(page)
            if not staging.is_known(digest := digest_page(page)):
                with self.engine.connect() as connection:
                    portions = staging.differing(connection, page, digest)
                for rows in portions:
                    yield products, rows
                    products = 0
            if products or not page:
                yield products, []
            # Or two pages would be held while the next one comes.
            del page

    def _take(self, store: Store, fetch: "Future[tuple[HeldGroups, Staging]]", outcome: StoreOutcome) -> None:
        self.turn.is_of_use = True
        try:
            groups, staging = fetch.result()
            if self._lacks_groups(staging, groups):
                # Made while the goods were being read: rules on groups above them would not hold.
                groups = self._groups(store, outcome)
        except (CloudError, TooSlow) as error:
            return self._note_failure(store, error, outcome)
        # Here, where stores come one by one: all groups of several would take too much memory.
        with self.engine.connect() as connection:
            fetched = Fetched(store, outcome, groups, staging, count_regrouped(connection, staging, groups))
            self.answer.hear(connection, staging)
            self.needs_all = self.answer.needs_all(connection, fetched)
        if not (self.needs_all or self.answer.has_to_wait(fetched)):
            self._apply(fetched)
        elif self.answer.is_full:
            self._apply_waiting()

    def _lacks_groups(self, staging: Staging, groups: HeldGroups) -> bool:
        with self.engine.connect() as connection:
            return staging.is_written and lie_in_unknown(connection, staging, groups)

    def _apply_waiting(self) -> None:
        for fetched in self.answer.judge():
            self._apply(fetched)

    def _apply(self, fetched: Fetched) -> None:
        store, outcome, groups, staging, moves = fetched
        self.progress.step = gettext("%(store)s: записываем", store=store.name)
        guard = self.answer.guard(store.id)
        takes_new, unread = not self.answer.keeps_goods, self.answer.unread
        with self.claimed() as transaction:
            self._types.mark_untold(transaction, staging)
            difference = apply_store(
                transaction, staging, store, groups, moves, guard, takes_new=takes_new, unread=unread
            )
            settle_push(transaction, self.user_id, store.id, self.began)
            note_difference(outcome, difference)
            if len(groups) >= MANY_GROUPS:
                for table in (CachedGroup.__table__, GroupSize.__table__):
                    measure_table(transaction, table)

    def _note_failure(self, store: Store, error: CloudError | TooSlow, outcome: StoreOutcome) -> None:
        log.warning("refresh %s, store %s: %r", self.running.id, store.id, error)
        count(CLOUD_ERRORS, EVOTOR, type(error).__name__)
        outcome.state = STORE_FAILED
        outcome.error = translated(TOO_SLOW if isinstance(error, TooSlow) else explain(error))
        if isinstance(error, Unauthorized):
            self.refused = error

    @contextmanager
    def claimed(self) -> Iterator[Connection]:
        """A transaction that is committed only while the run goes on, with the token it began with."""
        with self._turn, much_written(self.engine, is_alone=not self._fetches) as transaction:
            yield transaction
            self.running.claim(transaction, briefly=len(self.progress.outcomes) > MANY_STORES)
            if not self.tried.is_current(transaction):
                self.running.stop()
                raise RunStopped

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with self._turn, self.engine.begin() as transaction:
            yield transaction
