"""The state of a connection: what a cloud's answer does to it. Nothing here commits."""

from typing import Any

from sqlalchemy import Select, select

from app.connections.models import OFFLINE, ONLINE, PASSING, CloudAccount
from app.data.db import db
from app.data.engine import insert_if_missing
from app.data.types import now

# One failure is as likely a hiccup on the way as a fault; a second one in a row is a fault.
FAILURES_BELIEVED = 2


def connection_of(user_id: int, provider: str) -> CloudAccount | None:
    """Find the owner's connection to `provider`."""
    return db.session.scalar(select(CloudAccount).filter_by(user_id=user_id, provider=provider))


def connection_to_fill(user_id: int, provider: str) -> CloudAccount:
    """Find the owner's connection, or begin one that is `is_begun`, and hold it until the commit.

    The owner may be connecting at the moment in which the cloud delivers a token: one waits for the other.
    """
    insert_if_missing(CloudAccount, user_id=user_id, provider=provider, credentials="")
    return db.session.scalars(held_connection(user_id=user_id, provider=provider)).one()


def held_connection(**which: Any) -> Select[CloudAccount]:
    """The statement that reads a connection anew, and holds it until the commit; `which` are its columns."""
    held = select(CloudAccount).filter_by(**which).with_for_update()
    return held.execution_options(populate_existing=True)


def mark_online(connection: CloudAccount) -> None:
    """Note that the connection works."""
    connection.is_online = True
    connection.status = ONLINE
    connection.last_error = None
    connection.last_checked_at = now()
    connection.failures = 0
    # An account that was given up, as after an uninstallation, is back.
    connection.next_check_at = connection.next_check_at or now()


def mark_broken(connection: CloudAccount, status: str, sentence: str) -> None:
    """Note that the connection does not work, and why."""
    connection.is_online = False
    connection.status = status
    connection.last_error = sentence
    connection.last_checked_at = now()


def note_passing_fault(
    connection: CloudAccount, sentence: str, *, status: str = OFFLINE, believed: bool = False
) -> None:
    """Count a fault that will pass; only a second one in a row, or a `believed` one, changes the state.

    What needs the owner stays so: a cloud that does not answer has not changed its mind.
    """
    connection.failures += 1
    is_believed = believed or connection.failures >= FAILURES_BELIEVED
    if connection.status in PASSING or (connection.status == ONLINE and is_believed):
        mark_broken(connection, status, sentence)
    else:
        connection.last_checked_at = now()


def is_reported(connection: CloudAccount) -> None:
    """Note that the owner sees the state at this moment and needs no letter about it."""
    connection.reported_status = connection.status
