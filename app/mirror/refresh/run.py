"""The refresh of a catalogue, as a worker runs it."""

import logging
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import copy_context
from dataclasses import replace
from datetime import datetime

from flask import current_app
from sqlalchemy import Connection as Transaction
from sqlalchemy import Engine, func, select, update

from app.clients.errors import CloudError, Unauthorized
from app.clients.evotor.client import EvotorClient, Group, Store
from app.connections.evotor.account import (
    ReconnectNeeded,
    mark_broken,
    note_failure,
    note_success,
    open_client,
)
from app.connections.models import EVOTOR, RECONNECT, CloudAccount
from app.connections.reasons import explain
from app.connections.state import connection_of
from app.data.db import db
from app.data.engine import measure_table, trouble_of
from app.data.types import now
from app.logs import belonging_to
from app.mirror.difference import Difference, DropGuard, apply_store, remove_store
from app.mirror.models import (
    DONE,
    FAILED,
    PARTIAL,
    QUEUED,
    RUNNING,
    SUCCESSFUL,
    CachedGroup,
    CachedProduct,
    CachedStore,
    CatalogRefresh,
    GroupSize,
)
from app.mirror.read_ahead import ahead
from app.mirror.refresh.progress import (
    FETCHING,
    GUARDED,
    STORE_DONE,
    STORE_FAILED,
    Progress,
    RefreshStopped,
    StoreOutcome,
)
from app.mirror.staging import Row, Staging, discard_leftovers, discard_staged, settle_push
from app.work.jobs import job
from app.work.metrics import CLOUD_ERRORS, RUNS, count

log = logging.getLogger(__name__)

Fetched = tuple[list[Group], Staging]

STORES_AT_ONCE = 4
MANY_NEW_GOODS = 1000
# From so many on, rules have to be handed down by the index of parents.
MANY_GROUPS = 1000
OUR_FAULT = "Обновление прервалось из-за ошибки у нас"
NOT_CONNECTED = "Эвотор не подключён"


@job
def run_refresh(refresh_id: int) -> None:
    """Fetch the owner's catalogue and apply it store by store; the row holds the outcome.

    Does nothing for a run that is not queued any more, so a job delivered twice runs once.
    """
    refresh = _start(refresh_id)
    if refresh is None:
        return
    try:
        connection = connection_of(refresh.user_id, EVOTOR)
        if connection is None:
            return _finish(refresh_id, FAILED, NOT_CONNECTED)
        try:
            with belonging_to(run=refresh_id, owner=refresh.user_id):
                _run(refresh, connection)
        except ReconnectNeeded as error:
            mark_broken(connection, RECONNECT, str(error))
            db.session.commit()
            _finish(refresh_id, FAILED, str(error))
    except RefreshStopped:
        log.info("refresh %s was stopped", refresh_id)
    except Exception as error:
        log.exception("refresh %s failed", refresh_id)
        db.session.rollback()
        trouble = trouble_of(error)
        _finish(refresh_id, FAILED, trouble.run if trouble else OUR_FAULT)
        raise
    finally:
        with db.engine.begin() as transaction:
            discard_staged(transaction, refresh_id)


def _run(refresh: CatalogRefresh, connection: CloudAccount) -> None:
    user_id, refresh_id, only_store = refresh.user_id, refresh.id, refresh.only_store
    engine = db.engine
    with engine.begin() as transaction:
        discard_leftovers(transaction, user_id, refresh_id)
    known = db.session.execute(
        select(CachedStore.evotor_id, CachedStore.name).filter_by(user_id=user_id)
    ).all()
    in_scope = {"store_evotor_id": only_store} if only_store else {}
    expected = db.session.scalar(select(func.sum(GroupSize.products)).filter_by(user_id=user_id, **in_scope))
    confirmed = set(refresh.confirmed_drops)
    unsettled = _unsettled_before(refresh) if only_store else []
    began = refresh.started_at if refresh.started_at else now()
    db.session.commit()

    with (
        Progress(engine, refresh_id, expected) as progress,
        open_client(connection, sleep=progress.sleep) as client,
    ):
        try:
            stores = client.stores()
        except CloudError as error:
            note_failure(connection, error)
            db.session.commit()
            return _finish(refresh_id, FAILED, explain(error))
        note_success(connection, client, stores)
        db.session.commit()

        run = _StoreRun(
            engine,
            client,
            progress,
            user_id,
            refresh_id,
            confirmed,
            began,
            is_alone=only_store is not None,
        )
        if only_store is None:
            run.fetch_and_apply(stores)
            run.remove_missing(known, stores)
        else:
            progress.outcomes = unsettled
            run.fetch_and_apply([store for store in stores if store.id == only_store])
            # Whether it is gone for good is for a run of the whole catalogue to find out.
            run.settle_unlisted(only_store, stores)
        progress.step = ""
    if run.refused:
        note_failure(connection, run.refused)
        db.session.commit()
    _finish_by_outcomes(refresh_id, progress, is_whole=only_store is None)


def _unsettled_before(refresh: CatalogRefresh) -> list[StoreOutcome]:
    """Give what went wrong with other stores in the run before: it stays in sight until a run mends it."""
    stores = db.session.scalar(
        select(CatalogRefresh.stores)
        .where(CatalogRefresh.user_id == refresh.user_id, CatalogRefresh.id < refresh.id)
        .where(CatalogRefresh.status.in_((*SUCCESSFUL, FAILED)))
        .order_by(CatalogRefresh.id.desc())
        .limit(1)
    )
    outcomes = [StoreOutcome(**outcome) for outcome in stores or []]
    return [
        replace(outcome, added=0, changed=0, removed=0)
        for outcome in outcomes
        if outcome.state in (STORE_FAILED, GUARDED) and outcome.store_id != refresh.only_store
    ]


class _StoreRun:
    """Fetches stores side by side and applies them one after another."""

    def __init__(
        self,
        engine: Engine,
        client: EvotorClient,
        progress: Progress,
        user_id: int,
        refresh_id: int,
        confirmed: set[str],
        began: datetime,
        *,
        is_alone: bool,
    ) -> None:
        self.engine = engine
        self.client = client
        self.progress = progress
        self.user_id = user_id
        self.refresh_id = refresh_id
        self.confirmed = confirmed
        self.began = began
        self.is_alone = is_alone
        # The whole account is closed to us, not just one store.
        self.refused: Unauthorized | None = None
        self.drop_percent = current_app.extensions["settings"].catalog_drop_guard_percent
        # SQLite lets one write at a time and would give up on a store that waits too long for another one.
        is_sqlite = engine.dialect.name == "sqlite"
        self._turn: AbstractContextManager[object] = threading.Lock() if is_sqlite else nullcontext()

    def fetch_and_apply(self, stores: list[Store]) -> None:
        outcomes = {store.id: StoreOutcome(store.id, store.name) for store in stores}
        self.progress.outcomes = [*self.progress.outcomes, *outcomes.values()]
        with ThreadPoolExecutor(STORES_AT_ONCE, "store") as pool:
            fetches = {
                # A copy of the context for each thread: its log lines belong to this run.
                pool.submit(copy_context().run, self._fetch, store, outcomes[store.id]): store
                for store in stores
            }
            try:
                for fetch in as_completed(fetches):
                    self._apply(fetches[fetch], fetch, outcomes[fetches[fetch].id])
            except BaseException:
                # Leaving the pool waits for its threads, so they have to hear of it.
                self.progress.stop()
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def remove_missing(self, known: Sequence[tuple[str, str]], stores: list[Store]) -> None:
        """Forget stores that the cloud no longer lists."""
        listed = {store.id for store in stores}
        for store_id, name in known:
            if store_id in listed:
                continue
            outcome = StoreOutcome(store_id, name)
            self.progress.outcomes.append(outcome)
            guard = DropGuard(self.drop_percent, store_id in self.confirmed)
            if not stores:
                # A list without a single store is more likely a mistake than a closed business.
                guard = guard._replace(percent=0, at_least=0)
            with self._writing() as transaction:
                _note(outcome, remove_store(transaction, self.user_id, self.refresh_id, store_id, guard))
                self.progress.claim(transaction)

    def settle_unlisted(self, store_id: str, stores: list[Store]) -> None:
        """Forget that a store was to be refreshed when the cloud does not list it."""
        if all(store.id != store_id for store in stores):
            with self._writing() as transaction:
                settle_push(transaction, self.user_id, store_id, self.began)

    def _fetch(self, store: Store, outcome: StoreOutcome) -> Fetched:
        outcome.state = FETCHING
        self.progress.step = f"{store.name}: группы"
        groups = [group for page in self.client.product_groups(store.id) for group in page]
        outcome.groups = len(groups)
        self.progress.step = f"{store.name}: товары"
        with self.engine.connect() as connection:
            staging = Staging(connection, self.user_id, self.refresh_id, store.id, is_alone=self.is_alone)
        with ahead(self._compared(store, staging)) as pages:
            for products, rows in pages:
                self.progress.check()
                if rows:
                    with self._writing() as transaction:
                        staging.keep(transaction, rows)
                outcome.products += products
        return groups, staging

    def _compared(self, store: Store, staging: Staging) -> Iterator[tuple[int, list[Row]]]:
        """Yield for each page how many products it holds and what of them differs from the cache."""
        for page in self.client.products(store.id):
            with self.engine.connect() as connection:
                rows = staging.differing(connection, page)
            yield len(page), rows

    def _apply(self, store: Store, fetch: "Future[Fetched]", outcome: StoreOutcome) -> None:
        try:
            groups, staging = fetch.result()
        except CloudError as error:
            log.warning("refresh %s, store %s: %r", self.refresh_id, store.id, error)
            count(CLOUD_ERRORS, EVOTOR, type(error).__name__)
            outcome.state, outcome.error = STORE_FAILED, explain(error)
            if isinstance(error, Unauthorized):
                self.refused = error
            return
        guard = DropGuard(self.drop_percent, store.id in self.confirmed)
        self.progress.step = f"{store.name}: записываем"
        with self._writing() as transaction:
            _note(outcome, apply_store(transaction, staging, store, groups, guard))
            settle_push(transaction, self.user_id, store.id, self.began)
            self.progress.claim(transaction)
        if outcome.added >= MANY_NEW_GOODS:
            # Until then the next refresh would look for each good among all goods of its store.
            with self._writing() as transaction:
                measure_table(transaction, CachedProduct.__table__)
        if len(groups) >= MANY_GROUPS:
            with self._writing() as transaction:
                measure_table(transaction, CachedGroup.__table__)

    @contextmanager
    def _writing(self) -> Iterator[Transaction]:
        with self._turn, self.engine.begin() as transaction:
            yield transaction


def _note(outcome: StoreOutcome, difference: Difference) -> None:
    outcome.state = GUARDED if difference.withheld else STORE_DONE
    outcome.added = difference.added
    outcome.changed = difference.changed
    outcome.removed = difference.removed
    outcome.would_remove = difference.withheld
    outcome.is_first = difference.is_first


def _start(refresh_id: int) -> CatalogRefresh | None:
    statement = (
        update(CatalogRefresh)
        .where(CatalogRefresh.id == refresh_id, CatalogRefresh.status == QUEUED)
        .values(status=RUNNING, step="Магазины", started_at=now(), heartbeat_at=now())
        .returning(CatalogRefresh)
    )
    refresh = db.session.scalar(statement)
    db.session.commit()
    return refresh


def _finish_by_outcomes(refresh_id: int, progress: Progress, *, is_whole: bool) -> None:
    outcomes = progress.outcomes
    failed = [outcome for outcome in outcomes if outcome.state == STORE_FAILED]
    if is_whole and failed and len(failed) == len(outcomes):
        reasons = {outcome.error for outcome in failed}
        sentence = reasons.pop() if len(reasons) == 1 else "Ни один магазин не удалось обновить"
        status, error = FAILED, sentence
    else:
        whole = all(outcome.state == STORE_DONE for outcome in outcomes)
        status, error = (DONE if whole else PARTIAL), None
    _finish(refresh_id, status, error, **progress.snapshot())


def _finish(refresh_id: int, status: str, error: str | None, **columns: object) -> None:
    """Record the outcome, unless the run was cancelled or closed meanwhile."""
    with db.engine.begin() as transaction:
        finished = transaction.execute(
            update(CatalogRefresh)
            .where(CatalogRefresh.id == refresh_id, CatalogRefresh.status == RUNNING)
            .values(status=status, error=error, finished_at=now(), **columns)
        )
    if finished.rowcount:
        count(RUNS, status)
    log.info("refresh %s: %s", refresh_id, status)
