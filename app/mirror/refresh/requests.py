"""Refreshes as the web and the clock ask for them: begun, joined, confirmed, replaced."""

from typing import NamedTuple

from sqlalchemy import func, select

from app.data.db import db
from app.mirror.models import CatalogRefresh, GroupSize
from app.mirror.refresh.progress import GUARDED, StoreOutcome, mark_in, moves_in, new_in, types_in
from app.mirror.refresh.run import JOB_TIMEOUT_SECONDS, refreshes, run_refresh
from app.mirror.refresh.turns import LONG_RUN
from app.work.queue import BIG_QUEUE_NAME, QUEUE_NAME
from app.work.runs.row import SUCCESSFUL

# So many goods take a few seconds.
BIG_CATALOGUE = 20_000
# A cloud that let one of so many runs before take long will hardly be faster now.
_LOOKED_AT = 3


def last_success(user_id: int) -> CatalogRefresh | None:
    """Find the owner's last run of the whole catalogue that brought something in, whole or in part."""
    return db.session.scalar(
        select(CatalogRefresh)
        .where(CatalogRefresh.user_id == user_id, CatalogRefresh.status.in_(SUCCESSFUL))
        .where(CatalogRefresh.only_store.is_(None))
        .order_by(CatalogRefresh.id.desc())
        .limit(1)
    )


def request_refresh(
    user_id: int, confirmed_drops: dict[str, int] | None = None, *, only_store: str | None = None
) -> CatalogRefresh:
    """Queue a run, or give the one that is already queued or running. Commits.

    confirmed_drops: see `CatalogRefresh`; only_store: refresh this one; such a run gives way
    to one of the whole catalogue.
    """
    last = refreshes.latest(user_id)
    if only_store is None and last is not None and last.is_active and last.only_store is not None:
        refreshes.cancel(last)
    asked = CatalogRefresh(user_id=user_id, confirmed_drops=confirmed_drops or {}, only_store=only_store)
    queue_name = BIG_QUEUE_NAME if _takes_long(user_id, last) or _is_big(user_id, only_store) else QUEUE_NAME
    return refreshes.ask(asked, run_refresh, timeout=JOB_TIMEOUT_SECONDS, queue_name=queue_name)


class Withheld(NamedTuple):
    """How many goods of a store wait for the owner's word.

    They are to be deleted, to move to other groups, to get other types, or are new and may be those of stores
    that do not answer.
    """

    products: int = 0
    moves: int = 0
    types: int = 0
    new: int = 0


def confirm_drop(refresh: CatalogRefresh, store_id: str, shown: Withheld) -> CatalogRefresh | None:
    """Start a run that may do what `refresh` did not in a store; None when there was no such thing.

    shown: what the owner was shown. Other numbers, or a run that is not the newest, start nothing: the newest
    run is given, which shows what holds now.
    """
    told = {each.store_id: each for each in map(StoreOutcome.read, refresh.stores)}
    asked = told.get(store_id)
    if asked is None or not (asked.state == GUARDED or asked.wait_for_stores):
        return None
    newest = refreshes.latest(refresh.user_id) or refresh
    new = asked.would_add if asked.wait_for_stores else 0
    if newest.id != refresh.id or shown != (asked.would_remove, asked.would_move, asked.would_retype, new):
        return newest
    return request_refresh(refresh.user_id, {**_words(store_id, shown), mark_in(store_id): asked.mark})


def is_confirmed(refresh: CatalogRefresh, store_id: str, shown: Withheld) -> bool:
    """Tell whether a run may do this to a store."""
    return _words(store_id, shown).items() <= refresh.confirmed_drops.items()


def _words(store_id: str, shown: Withheld) -> dict[str, int]:
    keys = store_id, moves_in(store_id), types_in(store_id), new_in(store_id)
    return dict(zip(keys, shown, strict=True))


def begin_anew(_sender: object, *, user_id: int) -> None:
    """Refresh by the connection that the owner has from now on; what ran by another one ends. Commits."""
    refreshes.end(user_id)
    request_refresh(user_id)


def end_refresh(_sender: object, *, user_id: int) -> None:
    """End the owner's run, because the connection that it goes by is gone. Commits."""
    refreshes.end(user_id)


def _takes_long(user_id: int, last: CatalogRefresh | None) -> bool:
    """Tell whether the owner's last run took long, or one of the last that were of the whole catalogue.

    One of a single store, which is soon over, tells nothing of what all of them take.
    """
    whole = (
        select(CatalogRefresh)
        .where(CatalogRefresh.user_id == user_id, CatalogRefresh.only_store.is_(None))
        .where(CatalogRefresh.finished_at.is_not(None))
        .order_by(CatalogRefresh.id.desc())
        .limit(_LOOKED_AT)
    )
    return _was_long(last) or any(map(_was_long, db.session.scalars(whole)))


def _was_long(run: CatalogRefresh | None) -> bool:
    if run is None or run.started_at is None or run.finished_at is None:
        return False
    return run.finished_at - run.started_at > LONG_RUN


def _is_big(user_id: int, only_store: str | None) -> bool:
    """Tell whether the run would keep others waiting, by how many goods there were last time."""
    in_scope = {"store_evotor_id": only_store} if only_store else {}
    counted = select(func.sum(GroupSize.products)).filter_by(user_id=user_id, **in_scope)
    return (db.session.scalar(counted) or 0) > BIG_CATALOGUE
