"""The life of VK's tokens: an hour each, exchanged in pairs, by one process at a time."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import current_app
from sqlalchemy import update
from sqlalchemy.exc import InvalidRequestError, SQLAlchemyError

from app.clients.errors import Unauthorized, Unavailable
from app.clients.vk.oauth import Tokens, VkIdClient
from app.connections.models import CloudAccount
from app.connections.secret import secret_of
from app.data import crypto
from app.data.db import db
from app.data.engine import trouble_of
from app.work.locks import LockTaken, held_by_one

# A token about to expire would expire on its way.
_MARGIN_SECONDS = 60
# Longer than one exchange can take, so that the lock cannot end in the midst of it.
_LEASE_SECONDS = 60
_PATIENCE_SECONDS = 40
# A database that is started anew is back by then; with the exchange before it within the lease.
_SAVED_WITHIN_SECONDS = 30
_TRIED_EVERY_SECONDS = 0.5

log = logging.getLogger(__name__)


def access_token(connection: CloudAccount, *, refused: str | None = None) -> str:
    """Give a token that should work, exchanging the pair when it is old or `refused` by VK. Commits.

    Raises Unauthorized when the refresh token is dead too, other CloudErrors when VK ID fails,
    `QueueUnavailable` when the lock cannot be asked for, ReconnectNeeded when the secret cannot be read.
    """
    secret = secret_of(connection)
    if not _is_usable(secret, refused):
        secret = _exchanged(connection, refused)
    return secret["access_token"]


def secret_from(tokens: Tokens, device_id: str, scope: frozenset[str] = frozenset()) -> dict[str, Any]:
    """Build what is kept of a new pair; `scope` stands in when VK does not repeat it."""
    return {
        "access_token": tokens.access_token,
        "refresh_token": tokens.refresh_token,
        "device_id": device_id,
        "expires_at": int(time.time()) + tokens.expires_in,
        "scope": sorted(tokens.scope or scope),
    }


def vk_id_client() -> VkIdClient:
    """Build a client of VK ID from the settings."""
    settings = current_app.extensions["settings"]
    return VkIdClient(settings.vk_id_url, settings.vk_client_id, ca_bundle=settings.vk_ca_bundle)


@contextmanager
def exchanging_alone(connection_id: int) -> Iterator[None]:
    """Let nobody else exchange the connection's pair; raises Unavailable, `QueueUnavailable`."""
    try:
        with held_by_one(f"vk-token:{connection_id}", lease=_LEASE_SECONDS, patience=_PATIENCE_SECONDS):
            yield
    except LockTaken as error:
        raise Unavailable("another process keeps exchanging the pair") from error


def _exchanged(connection: CloudAccount, refused: str | None) -> dict[str, Any]:
    # Asked of the row as it was read: by the commit it may be deleted.
    connection_id = connection.id
    # No database connection is held while we wait for the lock or for VK.
    db.session.commit()
    with exchanging_alone(connection_id):
        secret = _newest_secret(connection)
        if _is_usable(secret, refused):
            return secret
        db.session.commit()
        with vk_id_client() as client:
            tokens = client.refresh(secret["refresh_token"], device_id=secret["device_id"])
        new = secret_from(tokens, secret["device_id"], frozenset(secret["scope"]))
        return _saved_at_last(connection, secret["refresh_token"], new)


def _saved_at_last(connection: CloudAccount, spent: str, new: dict[str, Any]) -> dict[str, Any]:
    """Save the new pair also when the database is away for a moment: VK takes the spent one no more."""
    tried_until = time.monotonic() + _SAVED_WITHIN_SECONDS
    while True:
        try:
            return _saved(connection, spent, new)
        except SQLAlchemyError as error:
            if trouble_of(error) is None or time.monotonic() > tried_until:
                raise
            log.warning("a new pair of VK's tokens waits for the database")
            db.session.rollback()
            time.sleep(_TRIED_EVERY_SECONDS)


def _saved(connection: CloudAccount, spent: str, new: dict[str, Any]) -> dict[str, Any]:
    """Commit the new pair in place of the spent one; a pair of a newer authorisation stays."""
    while True:
        newest = _newest_secret(connection)
        if newest["refresh_token"] != spent:
            return newest
        # The same pair may be encrypted anew at this moment: replace only what was just read.
        seen = CloudAccount.credentials == connection.credentials
        statement = update(CloudAccount).where(CloudAccount.id == connection.id, seen)
        done = db.session.execute(
            statement.values(credentials=crypto.encrypt(new)),
            execution_options={"synchronize_session": False},
        )
        db.session.commit()
        if done.rowcount:  # type: ignore[attr-defined]
            return new


def _newest_secret(connection: CloudAccount) -> dict[str, Any]:
    try:
        db.session.refresh(connection)
    except InvalidRequestError as error:
        raise Unauthorized("the connection was deleted meanwhile") from error
    return secret_of(connection)


def _is_usable(secret: dict[str, Any], refused: str | None) -> bool:
    return secret["access_token"] != refused and secret["expires_at"] > time.time() + _MARGIN_SECONDS
