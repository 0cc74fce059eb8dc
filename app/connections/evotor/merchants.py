"""Merchants as Evotor's deliveries know them: their tokens, their owners here, their installations.

Deliveries come more than once and in any order, so each leaves the same state however often it comes.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import or_, select, update

from app.connections.evotor.account import BEARER, DELIVERED
from app.connections.models import EVOTOR, OFFLINE, RECONNECT, CloudAccount, EvotorAccount
from app.connections.state import connection_to_fill, is_reported, mark_broken
from app.data import crypto
from app.data.db import db
from app.data.engine import insert_if_missing
from app.data.types import now
from app.words import gettext_noop

INSTALLED = "ApplicationInstalled"
UNINSTALLED = "ApplicationUninstalled"

# Of tokens that came and were not tried yet: a check asks about each in its turn.
UNTRIED_KEPT = 3

REMOVED = gettext_noop("Приложение удалено в Эвоторе: установите его снова и переподключите")
JUST_DELIVERED = gettext_noop("Эвотор прислал токен, проверяем его")


def owners_of(external_user_id: str) -> list[int]:
    """Give the keys of the owners who are connected to this merchant; more than one may have its token."""
    of_merchant = {"provider": EVOTOR, "external_user_id": external_user_id}
    return list(db.session.scalars(select(CloudAccount.user_id).filter_by(**of_merchant)))


def receive_token(external_user_id: str, token: str) -> list[int]:
    """Give a delivered token to the owner who has proved whose merchant this is, or keep it until one does.

    Nobody else gets it, however they came by an older one, and nobody's other merchant gives way to it.
    Returns the keys of the connections to check: the new token may have ended the older ones. Commits.
    """
    account = _lock_account(external_user_id)
    account.token_received_at = now()
    connection = _connection_for(account.user_id, external_user_id) if account.user_id else None
    if connection is None:
        *before, last = _with_last(_waiting_tokens(account), token)
        account.credentials = crypto.encrypt({"token": last, DELIVERED: before})
    else:
        account.credentials = None
    others = (each for each in _connections_of(external_user_id) if each is not connection)
    # What was uninstalled stays so.
    to_check = [each.id for each in others if each.next_check_at is not None]
    if connection is not None and _put_token(connection, external_user_id, token):
        to_check.append(connection.id)
    # Keys alone: whoever disconnects now takes the rows away.
    db.session.commit()
    return to_check


def link_owner(external_user_id: str, user_id: int) -> list[int]:
    """Note whose merchant this is, as the owner has just proved to Evotor; connect when its token waits.

    Returns the keys of the connections to check. Commits.
    """
    account = _lock_account(external_user_id)
    account.user_id = user_id
    changed: list[int] = []
    tokens = _waiting_tokens(account)
    connection = _connection_for(user_id, external_user_id) if tokens else None
    if connection is not None:
        account.credentials = None
        if any([_put_token(connection, external_user_id, token) for token in tokens]):
            changed.append(connection.id)
    db.session.commit()
    return changed


def receive_event(external_user_id: str, kind: str, event_id: str, happened_at: datetime) -> list[int]:
    """Note that the merchant installed or removed the app, unless something newer is known already.

    Returns the keys of the connections to check. Commits.
    """
    account = _lock_account(external_user_id)
    key = f"{kind} {event_id}"[:200]
    if account.event_at is not None:
        last = account.event_at
        if happened_at < last or (happened_at == last and key == account.event_key):
            db.session.commit()
            return []
    account.event_at, account.event_key = happened_at, key
    to_check: list[int] = []
    for connection in _connections_of(external_user_id):
        if kind == UNINSTALLED:
            mark_broken(connection, RECONNECT, REMOVED)
            # A token that came after the event may be of a newer installation: only the cloud knows.
            worked_at = account.token_received_at
            connection.next_check_at = now() if worked_at and worked_at > happened_at else None
        elif account.user_id not in (None, connection.user_id):
            # Not theirs, as somebody else has proved: a new installation gives nothing back to them.
            continue
        elif connection.next_check_at is None or connection.status == RECONNECT:
            connection.next_check_at = now()
        else:
            continue
        if connection.next_check_at is not None:
            to_check.append(connection.id)
    if kind == UNINSTALLED:
        account.credentials = None
    db.session.commit()
    return to_check


def _connections_of(external_user_id: str) -> list[CloudAccount]:
    return list(
        db.session.scalars(select(CloudAccount).filter_by(provider=EVOTOR, external_user_id=external_user_id))
    )


def forget_owner(user_id: int, external_user_id: str | None) -> None:
    """Undo what ties the owner to merchants, so that no later delivery connects them again."""
    db.session.execute(
        update(EvotorAccount)
        .where(
            or_(EvotorAccount.user_id == user_id, EvotorAccount.external_user_id == (external_user_id or ""))
        )
        .where(or_(EvotorAccount.user_id == user_id, EvotorAccount.user_id.is_(None)))
        .values(user_id=None, credentials=None)
    )


def _lock_account(external_user_id: str) -> EvotorAccount:
    """Find or make the merchant's row, and keep other deliveries about it waiting until the commit."""
    insert_if_missing(EvotorAccount, external_user_id=external_user_id)
    return db.session.scalars(
        select(EvotorAccount).filter_by(external_user_id=external_user_id).with_for_update()
    ).one()


def _waiting_tokens(account: EvotorAccount) -> list[str]:
    """The tokens that wait for their owner, the last that came last."""
    try:
        secret = crypto.decrypt(account.credentials) if account.credentials else {}
    except crypto.UnknownKey:
        # Lost with its key; the owner can still paste it.
        account.credentials = None
        return []
    return [*secret.get(DELIVERED, ()), secret["token"]] if secret else []


def _connection_for(user_id: int, external_user_id: str) -> CloudAccount | None:
    """Find or begin the owner's connection to this merchant; None when they have chosen another one."""
    connection = connection_to_fill(user_id, EVOTOR)
    if connection.is_begun:
        connection.external_user_id = external_user_id
        mark_broken(connection, OFFLINE, JUST_DELIVERED)
        connection.last_checked_at = None
        is_reported(connection)
    return connection if connection.external_user_id == external_user_id else None


def _put_token(connection: CloudAccount, external_user_id: str, token: str) -> bool:
    """Give the connection this token; False when it has it already and works.

    It may be an older one that comes late: what is in use stays so until a check has tried this one.
    """
    connection.external_user_id = external_user_id
    try:
        secret = {} if connection.is_begun else connection.secret
    except crypto.UnknownKey:
        secret = {}  # The new token, under a known key, is what repairs it.
    if not secret:
        connection.secret = {"token": token, "auth_scheme": BEARER}
    elif secret["token"] != token:
        connection.secret = secret | {DELIVERED: _with_last(secret.get(DELIVERED, ()), token)}
    elif connection.status != RECONNECT:
        return False
    connection.next_check_at = now()
    return True


def _with_last(tokens: Iterable[str], token: str) -> list[str]:
    """These tokens and this one as the last; of very many the last ones."""
    return [*(each for each in tokens if each != token), token][-UNTRIED_KEPT:]
