"""The owner's Evotor account: connect it, check it, talk to it."""

import time
from collections.abc import Callable
from typing import Any

from flask import current_app

from app import crypto
from app.accounts.models import now
from app.clients.errors import CloudError, Forbidden, RateLimited, Unauthorized, Unavailable
from app.clients.evotor import EvotorClient, Store
from app.connections.models import EVOTOR, OFFLINE, ONLINE, RECONNECT, Connection, connection_of
from app.connections.reasons import explain
from app.extensions import db

NOT_DECRYPTED = "Сохранённый токен не удалось расшифровать: подключите Эвотор заново"
_CHECK_TIMEOUT = (5, 10)
# While somebody looks at a page that loads, further tries have to fit into so much time.
PATIENCE_SECONDS = 6.0
# Seconds. Only the cloud itself asks for a longer wait.
_LONGEST_BACKOFF = 2.0


class ReconnectNeeded(Exception):
    """The stored secret cannot be read; only the owner can help. The message is for the owner."""


def connect_evotor(user_id: int, token: str) -> Connection:
    """Try `token` against the cloud and keep it, encrypted, as the owner's connection.

    Raises CloudError, keeping what was there, when the cloud refuses it. Does not commit.
    """
    with _client(token, "bearer", timeout=_CHECK_TIMEOUT, sleep=_Patience()) as client:
        stores = client.stores()
        auth_scheme = client.auth_scheme
    connection = connection_of(user_id, EVOTOR) or Connection(user_id=user_id, provider=EVOTOR)
    connection.secret = {"token": token, "auth_scheme": auth_scheme}
    _mark_online(connection, stores)
    db.session.add(connection)
    return connection


def check_evotor(connection: Connection) -> None:
    """Ask the cloud whether the connection works, and note the answer in it. Does not commit."""
    try:
        with open_client(connection, timeout=_CHECK_TIMEOUT, sleep=_Patience()) as client:
            note_success(connection, client, client.stores())
    except ReconnectNeeded as error:
        mark_broken(connection, RECONNECT, str(error))
    except CloudError as error:
        note_failure(connection, error)


def open_client(
    connection: Connection,
    *,
    timeout: tuple[float, float] = (5, 30),
    sleep: Callable[[float], Any] = time.sleep,
) -> EvotorClient:
    """Build a client for the connection; raises ReconnectNeeded when its secret cannot be read."""
    try:
        secret = connection.secret
    except crypto.UnknownKey as error:
        raise ReconnectNeeded(NOT_DECRYPTED) from error
    return _client(secret["token"], secret.get("auth_scheme", "bearer"), timeout=timeout, sleep=sleep)


def note_success(connection: Connection, client: EvotorClient, stores: list[Store]) -> None:
    """Note that the cloud answered, with what, and which form of authorisation it accepted."""
    _mark_online(connection, stores)
    secret = connection.secret
    if secret.get("auth_scheme") != client.auth_scheme:
        connection.secret = {**secret, "auth_scheme": client.auth_scheme}


def note_failure(connection: Connection, error: CloudError) -> None:
    """Note a failed call: only a refused token or right needs the owner, all else will pass."""
    needs_owner = isinstance(error, (Unauthorized, Forbidden))
    mark_broken(connection, RECONNECT if needs_owner else OFFLINE, explain(error))


def mark_broken(connection: Connection, status: str, sentence: str) -> None:
    """Note that the connection does not work, and why."""
    connection.is_online = False
    connection.status = status
    connection.last_error = sentence
    connection.last_checked_at = now()


class _Patience:
    """The sleep of a client that a page waits for: gives up what would take too long."""

    def __init__(self) -> None:
        self._ends = time.monotonic() + PATIENCE_SECONDS

    def __call__(self, seconds: float) -> None:
        if seconds > _LONGEST_BACKOFF:
            raise RateLimited("the cloud asks for a longer wait than a page can take")
        if time.monotonic() + seconds > self._ends:
            raise Unavailable("no good answer while the page waited")
        time.sleep(seconds)


def _mark_online(connection: Connection, stores: list[Store]) -> None:
    connection.profile = {"stores": [store.name for store in stores]}
    connection.is_online = True
    connection.status = ONLINE
    connection.last_error = None
    connection.last_checked_at = now()


def _client(token: str, auth_scheme: str, **options: Any) -> EvotorClient:
    settings = current_app.extensions["settings"]
    return EvotorClient(
        settings.evotor_api_url,
        token,
        ca_bundle=settings.evotor_ca_bundle,
        auth_scheme=auth_scheme,
        **options,
    )
