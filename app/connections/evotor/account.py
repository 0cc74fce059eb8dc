"""The owner's Evotor account: connect it, check it, talk to it."""

import time
from collections.abc import Callable
from typing import Any, NamedTuple

from flask import current_app

from app.clients.errors import CloudError, Forbidden, RateLimited, Unauthorized
from app.clients.evotor.client import EvotorClient, Store
from app.connections.models import EVOTOR, RECONNECT, CloudAccount
from app.connections.reasons import explain
from app.connections.secret import ReconnectNeeded, secret_of
from app.connections.side_by_side import LONGEST_ANSWER
from app.connections.signals import merchant_changes, stores_brought_in
from app.connections.state import (
    connection_of,
    connection_to_fill,
    held_connection,
    is_reported,
    mark_broken,
    mark_online,
    note_passing_fault,
)
from app.data.db import db
from app.data.types import now
from app.work.metrics import CLOUD_ERRORS, count

# While an owner waits: a second try, but no longer than anybody waits for a page.
_WAITED_FOR: dict[str, Any] = {"timeout": (4, 8), "tries": 2, "lifetime": 15, "body_limit": LONGEST_ANSWER}
# In the background one try is enough: the next round is the second one.
_BACKGROUND: dict[str, Any] = {**_WAITED_FOR, "tries": 1}
BEARER = "bearer"
# Beside the token of a secret: those that came since, the last one last, and were not taken by the cloud yet.
DELIVERED = "delivered"
_REFUSALS = (Unauthorized, Forbidden)


class _Answer(NamedTuple):
    """What the cloud says to one token."""

    token: str
    client: EvotorClient
    said: list[Store] | CloudError


def connect_evotor(user_id: int, token: str) -> CloudAccount:
    """Try `token` against the cloud and keep it, encrypted, as the owner's connection.

    Raises CloudError, keeping what was there, when the cloud refuses it. Does not commit.
    """
    with _client(token, BEARER, **_WAITED_FOR) as client:
        stores = client.stores()
        auth_scheme = client.auth_scheme
    forget_other_merchant(user_id, stores)
    connection = connection_to_fill(user_id, EVOTOR)
    connection.secret = {"token": token, "auth_scheme": auth_scheme}
    connection.next_check_at = now()
    connection.external_user_id = None
    _note_stores(connection, stores)
    is_reported(connection)
    return connection


def check_evotor(connection: CloudAccount, *, by_owner: bool = False) -> bool:
    """Ask the cloud whether the connection works, and note the answer in it; tell if it let a catalogue go.

    The first of its tokens that the cloud takes is the connection's from then on. A token that is refused is
    forgotten where another may do, one of which the cloud says nothing is tried again.
    by_owner: the owner waits for the answer, so that it counts at once. Commits before it asks, so that no
    database connection is held while the cloud thinks, but not after.
    """
    connection_id, tried = connection.id, connection.credentials
    try:
        secret = secret_of(connection)
    except ReconnectNeeded as error:
        mark_broken(connection, RECONNECT, str(error))
        return False
    db.session.commit()
    answers: list[_Answer] = []
    tokens = _tokens_in(secret)
    for token, scheme in tokens:
        answers.append(_answer_to(token, scheme, _WAITED_FOR if by_owner else _BACKGROUND))
        if not isinstance(answers[-1].said, CloudError):
            break
    held = db.session.scalar(held_connection(id=connection_id))
    if held is None or held.credentials != tried:
        return False  # Connected anew or forgotten meanwhile: the answer is about a token of the past.
    # Where all are refused, the last one that came is what the owner is told of.
    kept = [each for each in answers if not isinstance(each.said, _REFUSALS)] or answers[:1]
    if len(tokens) > 1:
        held.secret = _secret_of(kept)
    last = kept[-1]
    if isinstance(last.said, CloudError):
        note_failure(held, last.said, believed=by_owner)
        return False
    return note_success(held, last.client, last.said)


def open_client(
    connection: CloudAccount,
    *,
    timeout: tuple[float, float] = (5, 30),
    sleep: Callable[[float], Any] = time.sleep,
    **limits: Any,
) -> EvotorClient:
    """Build a client for the connection; raises ReconnectNeeded when its secret cannot be read.

    limits: `tries`, `lifetime`, `body_limit` and `look` of EvotorClient.
    """
    secret = secret_of(connection)
    scheme = secret.get("auth_scheme", BEARER)
    return _client(secret["token"], scheme, timeout=timeout, sleep=sleep, **limits)


def note_success(connection: CloudAccount, client: EvotorClient, stores: list[Store]) -> bool:
    """Note that the cloud answered, with what, and which form of authorisation it accepted.

    Tells whether it showed that the catalogue was another merchant's and let it go; commits before it does.
    """
    is_let_go = forget_other_merchant(connection.user_id, stores)
    _note_stores(connection, stores)
    secret = connection.secret
    if secret.get("auth_scheme") != client.auth_scheme:
        connection.secret = {**secret, "auth_scheme": client.auth_scheme}
    return is_let_go


def forget_other_merchant(user_id: int, stores: list[Store]) -> bool:
    """Let the catalogue go, without a question, when these stores are of another merchant than it is.

    Commits then, before anything is deleted; the deletion waits for the caller's commit. Tells if it does.
    """
    connection = connection_of(user_id, EVOTOR)
    before, after = (connection.external_user_id if connection else None), _merchant_of(stores)
    if before and before == after:
        return False
    # Every merchant has stores of their own, and the cloud says whose they are. Nothing is let go by a list
    # that only names another owner, nor by one of other stores that names nobody: of what it lacks we ask.
    brought_in = {each for _, ids in stores_brought_in.send(user_id=user_id) for each in ids}
    is_other = bool(after and (brought_in or before)) and brought_in.isdisjoint(store.id for store in stores)
    if is_other:
        merchant_changes.send(user_id=user_id)
    return is_other


def _tokens_in(secret: dict[str, Any]) -> list[tuple[str, str]]:
    """The tokens of a secret with their forms of authorisation, the last that came first."""
    delivered = [(token, BEARER) for token in reversed(secret.get(DELIVERED, ()))]
    return [*delivered, (secret["token"], secret.get("auth_scheme", BEARER))]


def _answer_to(token: str, scheme: str, limits: dict[str, Any]) -> _Answer:
    with _client(token, scheme, **limits) as client:
        try:
            return _Answer(token, client, client.stores())
        except CloudError as error:
            return _Answer(token, client, error)


def _secret_of(answers: list[_Answer]) -> dict[str, Any]:
    """The secret that holds these tokens, the last that came first: the one that came first is in use."""
    *delivered, last = answers
    secret: dict[str, Any] = {"token": last.token, "auth_scheme": last.client.auth_scheme}
    return secret | ({DELIVERED: [each.token for each in reversed(delivered)]} if delivered else {})


def _merchant_of(stores: list[Store]) -> str | None:
    return next((store.user_id for store in stores if store.user_id), None)


def note_failure(connection: CloudAccount, error: CloudError, *, believed: bool = False) -> None:
    """Note a failed call: only a refused token or right needs the owner, all else will pass.

    believed: the owner has seen it fail, or it failed often enough.
    """
    count(CLOUD_ERRORS, EVOTOR, type(error).__name__)
    if isinstance(error, _REFUSALS):
        mark_broken(connection, RECONNECT, explain(error))
    elif isinstance(error, RateLimited) and not believed:
        # The cloud is there and only busy with us, which says nothing about the connection.
        connection.last_checked_at = now()
    else:
        note_passing_fault(connection, explain(error), believed=believed)


def _note_stores(connection: CloudAccount, stores: list[Store]) -> None:
    connection.profile = {"stores": [store.name for store in stores]}
    connection.external_user_id = _merchant_of(stores) or connection.external_user_id
    mark_online(connection)


def _client(token: str, auth_scheme: str, **options: Any) -> EvotorClient:
    settings = current_app.extensions["settings"]
    return EvotorClient(
        settings.evotor_api_url,
        token,
        ca_bundle=settings.evotor_ca_bundle,
        auth_scheme=auth_scheme,
        **options,
    )
