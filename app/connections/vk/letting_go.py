"""Rights handed back to VK when an owner lets an account go."""

from collections.abc import Callable
from typing import Any, NamedTuple

from flask import flash
from sqlalchemy import select

from app.clients.errors import CloudError, Unauthorized
from app.clients.vk.oauth import Tokens
from app.connections.evotor.account import ReconnectNeeded
from app.connections.models import VK, CloudAccount
from app.connections.state import connection_of
from app.connections.vk.account import with_token
from app.connections.vk.tokens import vk_id_client
from app.data import crypto
from app.data.db import db
from app.web.cloud_waits import NoPlace, waiting_for_a_cloud
from app.work.queue import QueueUnavailable

NOT_REVOKED = (
    "ВКонтакте не подтвердил отзыв: уберите «Витрину» в его настройках, раздел «Сайты и приложения»."
)
NOT_REVOKED_BEFORE = (
    "ВКонтакте не подтвердил отзыв у прежнего аккаунта: войдите в него и уберите «Витрину» в настройках, "
    "раздел «Сайты и приложения»."
)


class Replaced(NamedTuple):
    """The account that another one takes the place of; `credentials` are encrypted."""

    user_id: int
    external_user_id: str | None
    credentials: str


def disconnect_vk(connection: CloudAccount) -> bool:
    """Hand our rights back; tell whether VK took them. Commits."""
    is_shared = _is_shared(connection.user_id, connection.external_user_id)
    with vk_id_client() as client:
        return _is_taken(lambda: with_token(connection, client.logout if is_shared else client.revoke))


def replaced_by(user_id: int, tokens: Tokens) -> Replaced | None:
    """Find the account that these tokens take the place of, when it is another person's."""
    connection = connection_of(user_id, VK)
    if connection is None or connection.external_user_id == tokens.user_id:
        return None
    return Replaced(user_id, connection.external_user_id, connection.credentials)


def hand_back(replaced: Replaced) -> bool:
    """Hand back the rights of an account that is no longer kept here; tell whether VK took them."""
    try:
        secret = crypto.decrypt(replaced.credentials)
    except crypto.UnknownKey:
        return False
    is_shared = _is_shared(replaced.user_id, replaced.external_user_id)
    with vk_id_client() as client:
        end = client.logout if is_shared else client.revoke

        def end_pair() -> None:
            try:
                end(secret["access_token"])
            except Unauthorized:
                # An hour old, perhaps; nobody else holds this pair, so no lock is needed.
                pair = client.refresh(secret["refresh_token"], device_id=secret["device_id"])
                end(pair.access_token)

        return _is_taken(end_pair)


def revoke_of_leaving_owner(_sender: Any, *, user_id: int) -> None:
    """Hand back the rights of an owner who is about to be deleted; say so when VK did not take them."""
    connection = connection_of(user_id, VK)
    if connection is not None and not disconnect_vk(connection):
        flash(NOT_REVOKED, "warning")


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


def _is_taken(end: Callable[[], None]) -> bool:
    try:
        with waiting_for_a_cloud():
            end()
    except Unauthorized:
        return True  # Taken away already.
    except (CloudError, ReconnectNeeded, QueueUnavailable, NoPlace):
        return False
    return True
