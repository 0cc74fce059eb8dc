"""Checks of connections in the background: which are due, and how each is done."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import or_, select, update
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.orm.exc import StaleDataError

from app.connections.evotor.account import check_evotor
from app.connections.models import EVOTOR, ONLINE, RECONNECT, VK, CloudAccount
from app.connections.signals import evotor_connected
from app.connections.state import is_reported
from app.connections.vk.account import check_vk
from app.data.db import db
from app.data.types import now

CLAIMED_AT_ONCE = 200

Check = Callable[..., bool | None]

# How each provider's connection is checked: `check(connection, by_owner=…)`. Evotor's tells whether it has
# let the catalogue go, so that another one has to be brought in.
CHECKS: dict[str, Check] = {EVOTOR: check_evotor, VK: check_vk}


def due_connections() -> Iterator[int]:
    """Claim the connections whose check is due, as they are asked for: those that worked last come first.

    Two rounds at a time share them, and one that comes too early finds nothing. Commits.
    """
    began = now()
    while claimed := _claim(began):
        yield from claimed


def check(connection_id: int, *, by_owner: bool = False) -> None:
    """Check one connection and commit what came out; it may have been forgotten meanwhile.

    by_owner: the owner waits for the answer, so that it counts at once and needs no letter.
    """
    connection = db.session.get(CloudAccount, connection_id)
    if connection is None or connection.provider not in CHECKS:
        return
    provider, user_id = connection.provider, connection.user_id
    was_waiting = connection.status == RECONNECT or connection.last_checked_at is None
    try:
        is_let_go = CHECKS[provider](connection, by_owner=by_owner)
        if by_owner:
            is_reported(connection)
        is_back = was_waiting and connection.status == ONLINE
        db.session.commit()
    except (StaleDataError, InvalidRequestError):
        # Disconnected while the cloud was thinking.
        return db.session.rollback()
    if provider == EVOTOR and (is_back or is_let_go):
        evotor_connected.send(user_id=user_id)


def _claim(due_since: datetime) -> list[int]:
    interval = current_app.extensions["settings"].health_check_interval_seconds
    # Not the moment when the round began: to one that lasts long, or whose clock is set back, all that it has
    # checked would seem due again, without end.
    moment = now()
    # Nothing is planned for later than an interval from now, but by a clock that has been set back since.
    is_due = or_(
        CloudAccount.next_check_at <= min(due_since, moment),
        CloudAccount.next_check_at > moment + timedelta(seconds=interval),
    )
    due = (
        select(CloudAccount.id)
        .where(is_due, CloudAccount.provider.in_(CHECKS))
        .order_by(CloudAccount.failures, CloudAccount.next_check_at, CloudAccount.id)
        .limit(CLAIMED_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    statement = (
        update(CloudAccount)
        .where(CloudAccount.id.in_(due))
        # Half an interval keeps rounds from overlapping; a whole one would make the next round miss some.
        .values(next_check_at=moment + timedelta(seconds=interval / 2))
        .returning(CloudAccount.id)
        .execution_options(synchronize_session=False)
    )
    claimed = list(db.session.scalars(statement))
    db.session.commit()
    return claimed
