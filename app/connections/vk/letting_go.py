"""Rights handed back to VK when an owner lets an account go."""

from contextlib import ExitStack, suppress
from typing import Any, NamedTuple

from flask import flash
from flask_babel import gettext
from sqlalchemy import select

from app.clients.errors import CloudError, Unauthorized
from app.clients.vk.oauth import Tokens
from app.connections.models import VK, CloudAccount
from app.connections.state import connection_of
from app.connections.vk.tokens import exchanging_alone, vk_id_client
from app.data import crypto
from app.data.db import db
from app.web.cloud_waits import NoPlace, StillAsking, ask_beside
from app.words import gettext_noop
from app.work.queue import QueueUnavailable

NOT_REVOKED = gettext_noop(
    "ВКонтакте не подтвердил отзыв: уберите «Витрину» в его настройках, раздел «Сайты и приложения»."
)
NOT_REVOKED_BEFORE = gettext_noop(
    "ВКонтакте не подтвердил отзыв у прежнего аккаунта: войдите в него и уберите «Витрину» в настройках, "
    "раздел «Сайты и приложения»."
)


NOT_REVOKED_YET = gettext_noop(
    "ВКонтакте пока не подтвердил отзыв. Если через несколько минут «Витрина» ещё есть в его настройках, "
    "раздел «Сайты и приложения», уберите её там."
)


class LetGo(NamedTuple):
    """An account that is no longer kept here; `credentials` are encrypted."""

    connection_id: int
    user_id: int
    external_user_id: str | None
    credentials: str


def disconnect_vk(connection: CloudAccount) -> str | None:
    """Hand our rights back; give a sentence for the owner unless VK took them within a second. Commits.

    The connection may be deleted in either case: what was begun goes on without it.
    """
    account = _account(connection)
    try:
        return None if ask_beside(lambda: hand_back(account)) else gettext(NOT_REVOKED)
    except NoPlace:
        return gettext(NOT_REVOKED)
    except StillAsking:
        return gettext(NOT_REVOKED_YET)


def replaced_by(user_id: int, tokens: Tokens) -> LetGo | None:
    """Find the account that these tokens take the place of, when it is another person's."""
    connection = connection_of(user_id, VK)
    if connection is None or connection.external_user_id == tokens.user_id:
        return None
    return _account(connection)


def hand_back(account: LetGo) -> bool:
    """Hand back the rights of an account that is no longer kept here; tell whether VK took them. Commits."""
    is_shared = _is_shared(account.user_id, account.external_user_id)
    with ExitStack() as used:
        client = used.enter_context(vk_id_client())
        end = client.logout if is_shared else client.revoke
        try:
            # Who exchanges the pair at this moment would leave us with a spent one.
            with suppress(QueueUnavailable):
                used.enter_context(exchanging_alone(account.connection_id))
            secret = crypto.decrypt(_newest_credentials(account))
            try:
                end(secret["access_token"])
            except Unauthorized:
                # An hour old, perhaps.
                pair = client.refresh(secret["refresh_token"], device_id=secret["device_id"])
                end(pair.access_token)
        except Unauthorized:
            return True  # Taken away already.
        except (CloudError, crypto.UnknownKey):
            return False
    return True


def revoke_of_leaving_owner(_sender: Any, *, user_id: int) -> None:
    """Hand back the rights of an owner who is about to be deleted; say so when VK did not take them."""
    connection = connection_of(user_id, VK)
    left_to_do = disconnect_vk(connection) if connection is not None else None
    if left_to_do:
        flash(left_to_do, "warning")


def _account(connection: CloudAccount) -> LetGo:
    return LetGo(connection.id, connection.user_id, connection.external_user_id, connection.credentials)


def _newest_credentials(account: LetGo) -> str:
    """Read the pair that may have been exchanged since; the kept one when the account is gone. Commits."""
    newest = db.session.scalar(
        select(CloudAccount.credentials).filter_by(
            id=account.connection_id, external_user_id=account.external_user_id
        )
    )
    db.session.commit()
    return newest or account.credentials


def _is_shared(user_id: int, external_user_id: str | None) -> bool:
    """Tell whether another owner is connected as the same person, of whom VK would take back everything."""
    same_person = select(CloudAccount.id).where(
        CloudAccount.provider == VK,
        CloudAccount.external_user_id == external_user_id,
        CloudAccount.user_id != user_id,
    )
    is_shared = db.session.scalar(same_person.limit(1)) is not None
    # No database connection is held while VK thinks.
    db.session.commit()
    return is_shared
