"""The refresh of a catalogue, as a worker runs it."""

from dataclasses import replace
from typing import Any

from flask_babel import gettext
from sqlalchemy import func, select, update

from app.clients.errors import CloudError
from app.clients.evotor.client import EvotorClient
from app.connections.evotor.account import note_failure, note_success, open_client
from app.connections.models import EVOTOR, RECONNECT
from app.connections.reasons import explain
from app.connections.secret import ReconnectNeeded
from app.connections.state import connection_of, mark_broken
from app.data.db import db
from app.mirror.kept_fields import is_nameless
from app.mirror.models import CachedStore, CatalogRefresh, GroupSize
from app.mirror.refresh.answer import KnownStore
from app.mirror.refresh.credentials import Tried
from app.mirror.refresh.progress import GUARDED, PUT_OFF, STORE_DONE, STORE_FAILED, Progress, StoreOutcome
from app.mirror.refresh.store_list import StoreList
from app.mirror.refresh.stores import StoreRun
from app.mirror.refresh.turns import Turn
from app.mirror.staging import discard_leftovers, discard_staged
from app.web.language import translated
from app.words import gettext_noop
from app.work.jobs import job
from app.work.metrics import RUNS
from app.work.runs.carrying_out import carry_out
from app.work.runs.life import Runs
from app.work.runs.row import CANCELLED, DONE, FAILED, PARTIAL, SUCCESSFUL
from app.work.runs.running import GivesWay, Running, RunStopped

JOB_TIMEOUT_SECONDS = 6 * 3600
NO_QUEUE = gettext_noop(
    "Очередь заданий недоступна, поэтому обновление не началось; повторите через несколько минут"
)
OUR_FAULT = gettext_noop("Обновление прервалось из-за ошибки у нас")
NOT_CONNECTED = gettext_noop("Эвотор не подключён")
# The problem of a run that the cloud did not let in.
CONNECTION = "connection"

refreshes = Runs(CatalogRefresh, "refresh", no_queue=NO_QUEUE, counted_as=RUNS)


@job
def run_refresh(refresh_id: int) -> None:
    """Fetch the owner's catalogue and apply it store by store; the row holds the outcome."""
    carry_out(refreshes, refresh_id, _refresh, our_fault=OUR_FAULT)


def _refresh(running: Running[CatalogRefresh]) -> None:
    connection = connection_of(running.user_id, EVOTOR)
    if connection is None:
        running.finish(FAILED, gettext(NOT_CONNECTED), problem=CONNECTION)
        return
    tried = Tried.of(connection)
    progress = Progress(_expected(running.row))
    if running.goes_on and not running.row.only_store:
        # What it had brought in when it gave way it need not bring in again.
        progress.outcomes = [StoreOutcome.read(outcome) for outcome in running.row.stores]
    turn = Turn(running, progress)
    try:
        with (
            running.beating(progress.columns),
            open_client(connection, sleep=turn.sleep, look=turn.check) as client,
        ):
            _bring_in(running, client, turn, tried)
    except GivesWay:
        progress.outcomes = progress.settled
        raise
    except ReconnectNeeded as error:
        sentence = str(error)
        tried.note(lambda found: mark_broken(found, RECONNECT, sentence))
        running.finish(FAILED, translated(sentence), problem=CONNECTION)
    except RunStopped:
        with running.engine.connect() as transaction:
            is_current = tried.is_current(transaction)
        if not is_current:
            # What it fetched is of a connection that the owner has given up.
            running.finish(CANCELLED)
        raise
    finally:
        with running.engine.begin() as transaction:
            if running.is_known(transaction):
                discard_staged(transaction, running.id)


def _bring_in(running: Running[CatalogRefresh], client: EvotorClient, turn: Turn, tried: Tried) -> None:
    progress = turn.progress
    user_id, only_store = running.user_id, running.row.only_store
    with running.engine.begin() as transaction:
        discard_leftovers(transaction, user_id, running.id)
        running.verify(transaction)
    known = _known_stores(running)
    told_before = _told_before(running.row) if only_store else []
    # No connection to the database is held while the cloud thinks.
    db.session.commit()
    try:
        stores = client.stores(turn.look)
    except CloudError as error:
        failure = error
        tried.note(lambda found: note_failure(found, failure))
        running.finish(FAILED, translated(explain(error)), problem=CONNECTION)
        return
    names = {store.id: store.name for store in known}
    stores = [
        each._replace(name=names.get(each.id, each.id)) if is_nameless(each) else each for each in stores
    ]
    tried.note(lambda found: note_success(found, client, stores))
    if known and not _known_stores(running):
        # It was another merchant's catalogue, which has just been let go and this run with it.
        refreshes.ask(CatalogRefresh(user_id=user_id), run_refresh, timeout=JOB_TIMEOUT_SECONDS)
        raise RunStopped

    listed = {store.id for store in stores}
    settled = [outcome for outcome in progress.outcomes if outcome.store_id in listed]
    progress.outcomes = _unsettled(told_before, only_store) if only_store else settled
    before = _of_store(only_store, told_before) if only_store else None
    run = StoreRun(running, client, turn, tried, known, stores, before)
    store_list = StoreList(run, stores)
    if only_store is None:
        settled_ids = {outcome.store_id for outcome in settled}
        store_list.bring_in([store for store in stores if store.id not in settled_ids])
        store_list.remove_missing()
    else:
        store_list.bring_in([store for store in stores if store.id == only_store])
        # Whether it is gone for good is for a run of the whole catalogue to find out.
        store_list.settle_unlisted(only_store)
        if run.needs_all:
            _widen(running, progress)
            return _bring_in(running, client, turn, tried)
    progress.step = ""
    if refused := run.refused:
        tried.note(lambda found: note_failure(found, refused))
    status, sentence = _outcome(progress.outcomes, is_whole=only_store is None)
    problem = CONNECTION if status == FAILED and run.refused else None
    running.finish(status, sentence, problem=problem, **progress.columns())


def _known_stores(running: Running[CatalogRefresh]) -> list[KnownStore]:
    """Give the stores in the cache."""
    of_store = GroupSize.user_id == CachedStore.user_id, GroupSize.store_evotor_id == CachedStore.evotor_id
    counted = select(func.coalesce(func.sum(GroupSize.products), 0)).where(*of_store)
    grouped = counted.where(GroupSize.group_evotor_id != "")
    numbers = counted.scalar_subquery(), grouped.scalar_subquery()
    own = select(CachedStore.evotor_id, CachedStore.name, *numbers).filter_by(user_id=running.user_id)
    # Not by the session, which would keep its transaction open until the run has ended.
    with running.engine.connect() as connection:
        return [KnownStore(*row) for row in connection.execute(own)]


def _expected(refresh: CatalogRefresh) -> int | None:
    in_scope = {"store_evotor_id": refresh.only_store} if refresh.only_store else {}
    counted = select(func.sum(GroupSize.products)).filter_by(user_id=refresh.user_id, **in_scope)
    return db.session.scalar(counted)


def _widen(running: Running[CatalogRefresh], progress: Progress) -> None:
    """Make a run of one store, of which nothing was applied, one of the whole catalogue."""
    with running.engine.begin() as transaction:
        discard_staged(transaction, running.id)
        mine = update(CatalogRefresh).filter_by(id=running.id)
        transaction.execute(mine.values(only_store=None))
        running.verify(transaction)
    running.row.only_store = None
    progress.outcomes, progress.total = [], _expected(running.row)


def _told_before(refresh: CatalogRefresh) -> list[StoreOutcome]:
    """Give the stores of the run before, as it left them."""
    stores = db.session.scalar(
        select(CatalogRefresh.stores)
        .where(CatalogRefresh.user_id == refresh.user_id, CatalogRefresh.id < refresh.id)
        .where(CatalogRefresh.status.in_((*SUCCESSFUL, FAILED)))
        .order_by(CatalogRefresh.id.desc())
        .limit(1)
    )
    return [StoreOutcome.read(outcome) for outcome in stores or []]


def _of_store(store_id: str, told: list[StoreOutcome]) -> StoreOutcome:
    """What was told of a store; nothing of one that was not among them."""
    return next((each for each in told if each.store_id == store_id), StoreOutcome(store_id, store_id))


def _unsettled(told_before: list[StoreOutcome], only_store: str) -> list[StoreOutcome]:
    """Give what went wrong with other stores in the run before: it stays in sight until a run mends it."""
    figures = ("added", "changed", "removed", "moved", "unsaid_stock")
    nothing: dict[str, Any] = dict.fromkeys(figures, 0) | {"kinds": {}}
    return [
        replace(outcome, **nothing, moves=outcome.moves if outcome.would_move else ())
        for outcome in told_before
        if (outcome.state in (STORE_FAILED, GUARDED, PUT_OFF) or outcome.would_add)
        and outcome.store_id != only_store
    ]


def _outcome(outcomes: list[StoreOutcome], *, is_whole: bool) -> tuple[str, str | None]:
    """Judge a run by its stores: its status and what to tell the owner."""
    failed = [outcome for outcome in outcomes if outcome.state == STORE_FAILED]
    if is_whole and failed and len(failed) == len(outcomes):
        reasons = {outcome.error for outcome in failed}
        return FAILED, reasons.pop() if len(reasons) == 1 else gettext("Ни один магазин не удалось обновить")
    is_done = all(outcome.state == STORE_DONE for outcome in outcomes)
    return (DONE if is_done else PARTIAL), None
