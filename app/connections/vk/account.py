"""The owner's VK account: connect it, check it, choose its community, talk to it."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import current_app

from app.clients.errors import (
    Action,
    Blocked,
    CloudError,
    ConfirmationNeeded,
    Forbidden,
    MarketOff,
    RateLimited,
    RoleLost,
    ScopeMissing,
    Unauthorized,
)
from app.clients.vk.api import Community, VkClient
from app.clients.vk.oauth import Tokens
from app.connections.may_publish import community_of
from app.connections.models import (
    BLOCKED,
    BUSY,
    CONFIRM,
    MARKET_OFF,
    NO_MARKET,
    RECONNECT,
    ROLE_LOST,
    VK,
    CloudAccount,
)
from app.connections.reasons import explain
from app.connections.secret import ReconnectNeeded, secret_of
from app.connections.side_by_side import LONGEST_ANSWER
from app.connections.state import (
    connection_to_fill,
    held_connection,
    is_reported,
    mark_broken,
    mark_online,
    note_passing_fault,
)
from app.connections.vk.looking import Looked, look
from app.connections.vk.tokens import access_token, secret_from
from app.data.db import db
from app.data.types import now
from app.words import gettext_noop
from app.work.budget import budget_of
from app.work.metrics import CLOUD_ERRORS, count
from app.work.queue import QueueUnavailable

SCOPE = "market groups"
# Nobody chooses among more, and a page has to stay readable.
OFFERED = 200
NO_QUEUE = gettext_noop("Доступ к ВКонтакте пора продлить, но очередь задач не отвечает; повторим сами")
# While an owner waits: a second try, but no longer than anybody waits for a page.
_WAITED_FOR: dict[str, Any] = {"timeout": (4, 8), "tries": 2, "lifetime": 20, "body_limit": LONGEST_ANSWER}
# In the background one try is enough: the next round is the second one.
_BACKGROUND: dict[str, Any] = {**_WAITED_FOR, "tries": 1}

Answer = TypeVar("Answer")
# What an answer of VK means for the connection; what is not here will pass.
_STATUSES: tuple[tuple[type[CloudError], str], ...] = (
    (ScopeMissing, NO_MARKET),
    (RoleLost, ROLE_LOST),
    (Blocked, BLOCKED),
    (MarketOff, MARKET_OFF),
    (ConfirmationNeeded, CONFIRM),
    (Unauthorized, RECONNECT),
    (Forbidden, RECONNECT),
)


def connect_vk(user_id: int, tokens: Tokens, device_id: str) -> CloudAccount:
    """Keep a new pair, encrypted, as the owner's connection. Does not commit."""
    connection = connection_to_fill(user_id, VK)
    if connection.external_user_id != tokens.user_id:
        # Another person's account: their communities are others too.
        connection.profile = {}
    connection.secret = secret_from(tokens, device_id)
    connection.external_user_id = tokens.user_id
    connection.next_check_at = now()
    mark_online(connection)
    is_reported(connection)
    return connection


def check_vk(connection: CloudAccount, *, by_owner: bool = False) -> None:
    """Ask VK whether the connection works, and note the answer in it, with the communities it names.

    by_owner: the owner waits for the answer, so that it counts at once. Commits before it asks, and when the
    tokens were exchanged, but not after.
    """
    connection_id, account = connection.id, connection.external_user_id
    community = connection.profile.get("community")
    problem: CloudError | ReconnectNeeded | QueueUnavailable | None = None
    looked: Looked | None = None
    try:
        looked = ask_vk(connection, lambda client: look(client, community), by_owner=by_owner)
    except (CloudError, ReconnectNeeded, QueueUnavailable) as error:
        problem = error
    # Locked, so that a community which the owner chooses at this moment is not written over.
    newest = db.session.scalar(held_connection(id=connection_id))
    if newest is None or newest.external_user_id != account:
        return  # Another account, or none, since we asked.
    chosen = community_of(newest)
    if (chosen and chosen.id) != (community and community["id"]):
        # The answer is about the one before: this one is looked at next.
        connection.next_check_at = now()
        return
    if looked:
        _note_account(connection, looked)
        problem = looked.problem
    if problem:
        note_vk_failure(connection, problem, believed=by_owner)
    elif looked and looked.community is None and "market" not in secret_of(connection)["scope"]:
        note_vk_failure(connection, ScopeMissing("the token was issued without it"))
    else:
        mark_online(connection)


def ask_vk(connection: CloudAccount, ask: Callable[[VkClient], Answer], *, by_owner: bool = False) -> Answer:
    """Call `ask` with a client; once more with a new token when VK refuses the one we had. Commits before.

    Raises CloudError, ReconnectNeeded or QueueUnavailable.
    """
    limits, account = _WAITED_FOR if by_owner else _BACKGROUND, connection.external_user_id

    def use(token: str) -> Answer:
        with vk_client(account, token, **limits) as client:
            return ask(client)

    return with_token(connection, use)


def choose_community(connection: CloudAccount, community: Community) -> None:
    """Publish into this community from now on. Does not commit."""
    connection.profile = {**connection.profile, "community": _shown(community)}


def with_token(connection: CloudAccount, use: Callable[[str], Answer]) -> Answer:
    """Call `use` with a token, and with a new one when VK refuses it. Commits before.

    Raises what `use` raises, ReconnectNeeded or QueueUnavailable.
    """
    token = access_token(connection)
    # No database connection is held while VK thinks.
    db.session.commit()
    try:
        return use(token)
    except Unauthorized:
        token = access_token(connection, refused=token)
        db.session.commit()
        return use(token)


def note_vk_failure(
    connection: CloudAccount,
    problem: CloudError | ReconnectNeeded | QueueUnavailable | None,
    *,
    believed: bool = False,
) -> None:
    """Note a failed call: what it means for the connection. Does not commit."""
    if not isinstance(problem, CloudError):
        if isinstance(problem, ReconnectNeeded):
            return mark_broken(connection, RECONNECT, str(problem))
        return note_passing_fault(connection, NO_QUEUE, believed=believed)
    count(CLOUD_ERRORS, VK, type(problem).__name__)
    status = next((status for kind, status in _STATUSES if isinstance(problem, kind)), None)
    if status is not None:
        mark_broken(connection, status, explain(problem, VK))
        address = problem.address if isinstance(problem, ConfirmationNeeded) else None
        connection.profile = {**connection.profile, "confirm_at": address}
    elif not isinstance(problem, RateLimited):
        note_passing_fault(connection, explain(problem, VK), believed=believed)
    elif believed and problem.action is Action.PAUSE:
        note_passing_fault(connection, explain(problem, VK), status=BUSY, believed=True)
    else:
        # VK is there and only busy with us, which says nothing about the connection.
        connection.last_checked_at = now()


def _note_account(connection: CloudAccount, looked: Looked) -> None:
    profile = {**connection.profile, "name": looked.user.name, "photo": looked.user.photo}
    profile["administrated"] = [community._asdict() for community in looked.communities[:OFFERED]]
    if looked.community:
        profile["community"] = _shown(looked.community)
    connection.profile = profile


def administrated(connection: CloudAccount) -> list[Community] | None:
    """Give the communities that the owner may choose from as VK named them last; None before it did."""
    kept = connection.profile.get("administrated")
    return None if kept is None else [Community(**each) for each in kept]


def _shown(community: Community) -> dict[str, Any]:
    return {
        "id": community.id,
        "name": community.name,
        "photo": community.photo,
        "counts_stock": community.counts_stock,
    }


def vk_client(account: str | None, token: str, **options: Any) -> VkClient:
    """Build a client from the settings; VK counts the calls of an account, whichever process makes them.

    options: of VkClient.
    """
    settings = current_app.extensions["settings"]
    budget = budget_of(current_app, VK, settings.vk_calls_per_second)
    return VkClient(
        settings.vk_api_url,
        token,
        ca_bundle=settings.vk_ca_bundle,
        budget=budget,
        budget_key=account or "",
        **options,
    )
