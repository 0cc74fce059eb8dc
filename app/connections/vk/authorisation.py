"""Connecting VK: what is asked of VK ID, and what its answer is worth."""

import hmac
import time
from collections.abc import Mapping
from typing import NamedTuple

from flask import current_app, session, url_for
from flask_babel import gettext

from app.clients.errors import CloudError, Unauthorized
from app.clients.vk.oauth import Challenge, Tokens, new_challenge
from app.connections.models import VK
from app.connections.reasons import explain
from app.connections.vk.account import SCOPE
from app.connections.vk.tokens import vk_id_client
from app.words import gettext_noop

PENDING = "vk_pending"
# Time enough to find a password; VK's own code lives ten minutes.
_PENDING_SECONDS = 1800
_LONGEST_PARAMETER = 4096

STALE = gettext_noop("Эта попытка подключения устарела или начата в другом окне. Начните ещё раз.")
REFUSED = gettext_noop(
    "Вы не дали разрешения, поэтому ничего не изменилось. Без него Витрина не сможет публиковать товары."
)
EXPIRED = gettext_noop("Разрешение ВКонтакте действует несколько минут и уже устарело. Начните ещё раз.")
NOT_FINISHED = gettext_noop(
    "ВКонтакте не завершил вход. Начните ещё раз; если не поможет, повторите через час."
)


class NotConnected(Exception):
    """VK was not connected; the message is for the owner, `status` for the page that shows it."""

    def __init__(self, sentence: str, status: int) -> None:
        super().__init__(sentence)
        self.status = status


class Granted(NamedTuple):
    """What the owner came back with, to be exchanged once."""

    code: str
    device_id: str
    challenge: Challenge
    redirect_uri: str


def begin(user_id: int) -> str:
    """Remember a new attempt in the owner's session; give the address where the owner decides."""
    challenge = new_challenge()
    session[PENDING] = {**challenge._asdict(), "user_id": user_id, "started_at": int(time.time())}
    with vk_id_client() as client:
        return client.authorize_url(_redirect_uri(), challenge, SCOPE)


def granted(user_id: int, answer: Mapping[str, str]) -> Granted:
    """Read the parameters of the callback. The attempt is over whatever comes of it; raises NotConnected."""
    challenge = _taken(user_id)
    state = answer.get("state", "")
    if challenge is None or not hmac.compare_digest(state.encode(), challenge.state.encode()):
        raise NotConnected(STALE, 400)
    if "error" in answer:
        refused = answer["error"] == "access_denied"
        raise NotConnected(REFUSED if refused else NOT_FINISHED, 200 if refused else 502)
    code, device_id = answer.get("code", ""), answer.get("device_id", "")
    if not all(0 < len(given) <= _LONGEST_PARAMETER for given in (code, device_id)):
        raise NotConnected(NOT_FINISHED, 400)
    return Granted(code, device_id, challenge, _redirect_uri())


def exchange(grant: Granted) -> Tokens:
    """Turn what the owner granted into tokens; raises NotConnected."""
    try:
        with vk_id_client() as client:
            return client.exchange(
                grant.code, grant.challenge, device_id=grant.device_id, redirect_uri=grant.redirect_uri
            )
    except CloudError as error:
        raise _not_connected(error) from error


def _taken(user_id: int) -> Challenge | None:
    pending = session.pop(PENDING, None)
    if not pending or pending["user_id"] != user_id:
        return None
    if pending["started_at"] < time.time() - _PENDING_SECONDS:
        return None
    return Challenge(pending["state"], pending["verifier"])


def _not_connected(error: CloudError) -> NotConnected:
    current_app.logger.warning("VK ID: %s", error)
    if isinstance(error, Unauthorized):
        return NotConnected(EXPIRED, 400)
    if error.permanent:
        return NotConnected(NOT_FINISHED, 502)
    return NotConnected(f"{gettext(explain(error, VK))}.", 502)


def _redirect_uri() -> str:
    # The address registered at VK, whichever name this request came by.
    public_url = current_app.extensions["settings"].public_url.rstrip("/")
    return public_url + url_for("connections.vk.callback")
