"""The refreshes that nobody has to ask for: of every catalogue, and of stores whose goods have changed.

A changed store is a row and nothing more, so that a thousand messages about it are one refresh.
"""

from datetime import timedelta

from sqlalchemy import ColumnElement, or_, select, update

from app.connections.models import EVOTOR, RECONNECT, CloudAccount
from app.data.db import db
from app.data.engine import insert_if_missing
from app.data.types import now
from app.mirror.models import PushedStore
from app.mirror.refresh.requests import last_success, request_refresh
from app.mirror.refresh.run import refreshes
from app.work.jobs import job

# Goods are often changed in bulk and come one message each: what comes later than the first waits a little.
CALM = timedelta(seconds=20)
RETRY_AFTER = timedelta(minutes=5)

_CAN_BE_ASKED = (CloudAccount.provider == EVOTOR, CloudAccount.status != RECONNECT)


@job
def refresh_due_catalogues() -> None:
    """Queue a run for every owner whose Evotor can be asked; one that is running already is joined."""
    for user_id in db.session.scalars(select(CloudAccount.user_id).where(*_CAN_BE_ASKED)).all():
        request_refresh(user_id)


@job
def refresh_pushed_stores() -> None:
    """Queue a run for every owner with a store that has changed and no run under way."""
    owners = db.session.scalars(
        select(PushedStore.user_id)
        .join(CloudAccount, CloudAccount.user_id == PushedStore.user_id)
        .where(*_CAN_BE_ASKED, _is_due())
        .distinct()
    ).all()
    for user_id in owners:
        latest = refreshes.latest(user_id)
        if latest is None or not latest.is_active:
            _refresh_next(user_id)


def note_push(_sender: object, *, user_id: int, store_id: str) -> None:
    """Remember that the store has changed, and refresh it now unless the owner's last run has just begun.

    Commits.
    """
    insert_if_missing(PushedStore, user_id=user_id, store_evotor_id=store_id, pushed_at=now())
    db.session.execute(
        update(PushedStore)
        .filter_by(user_id=user_id, store_evotor_id=store_id)
        .values(pushed_at=now())
        .execution_options(synchronize_session=False)
    )
    db.session.commit()
    latest = refreshes.latest(user_id)
    if latest is None or (not latest.is_active and now() - latest.requested_at > CALM):
        _refresh_next(user_id)


def _refresh_next(user_id: int) -> None:
    store_id = db.session.scalar(
        select(PushedStore.store_evotor_id)
        .where(PushedStore.user_id == user_id, _is_due())
        .order_by(PushedStore.pushed_at)
        .limit(1)
    )
    if store_id is None:
        return
    db.session.execute(
        update(PushedStore).filter_by(user_id=user_id, store_evotor_id=store_id).values(tried_at=now())
    )
    db.session.commit()
    # The first run brings the whole catalogue in: one store alone would look like all there is.
    request_refresh(user_id, only_store=store_id if last_success(user_id) else None)


def _is_due() -> ColumnElement[bool]:
    tried = PushedStore.tried_at
    # In the future: tried before the clock was set back.
    return or_(tried.is_(None), tried <= now() - RETRY_AFTER, tried > now() + RETRY_AFTER)
