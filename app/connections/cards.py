"""What the card of a provider shows."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import current_app, url_for
from flask_babel import gettext

from app.connections.models import (
    BLOCKED,
    BUSY,
    CONFIRM,
    EVOTOR,
    MARKET_OFF,
    NO_MARKET,
    OFFLINE,
    ONLINE,
    PROVIDERS,
    RECONNECT,
    ROLE_LOST,
    VK,
    CloudAccount,
)
from app.connections.problems import Button, Problem, problem_of
from app.web.formatting import plural
from app.words import gettext_noop

_TITLES = {EVOTOR: gettext_noop("Эвотор"), VK: gettext_noop("ВКонтакте")}
_STATE_WORDS = {
    ONLINE: gettext_noop("На связи"),
    OFFLINE: gettext_noop("Нет связи"),
    RECONNECT: gettext_noop("Переподключите"),
    NO_MARKET: gettext_noop("Доступ к товарам ещё не выдан"),
    MARKET_OFF: gettext_noop("Товары выключены"),
    ROLE_LOST: gettext_noop("Нет прав в сообществе"),
    BLOCKED: gettext_noop("Заблокировано"),
    CONFIRM: gettext_noop("Нужно подтверждение"),
    BUSY: gettext_noop("Просит подождать"),
}
_NAMES_SHOWN = 5
# A round may be late by its own length; three that nobody made are a standstill.
_ROUNDS_MISSED = 3


@dataclass(frozen=True)
class Card:
    """A provider as the owner sees it; `account` is a sentence or None, `problem` what is to be mended.

    is_checking: a worker looks at it, and will have an answer in a moment.
    is_overdue: nothing has checked it for so long that its state may be of the past.
    """

    provider: str
    title: str
    connected: bool
    available: bool
    state: str | None = None
    state_text: str | None = None
    account: str | None = None
    photo: str | None = None
    problem: Problem | None = None
    last_checked_at: datetime | None = None
    is_checking: bool = False
    is_overdue: bool = False
    connect_url: str | None = None
    action: Button | None = None


def card_of(provider: str, connection: CloudAccount | None) -> Card:
    """Describe one provider; `connection` is None when it is not connected."""
    available = provider == EVOTOR or current_app.extensions["settings"].vk_client_id is not None
    endpoint = "connections.evotor.connect" if provider == EVOTOR else "connections.vk.start"
    connect_url = url_for(endpoint) if available else None
    if connection is None:
        return Card(provider, title_of(provider), False, available, connect_url=connect_url)
    problem = problem_of(provider, connection)
    return Card(
        provider,
        title_of(provider),
        connected=True,
        available=available,
        state=connection.status,
        state_text=state_of(connection),
        account=_vk_account(connection) if provider == VK else _evotor_account(connection),
        photo=connection.profile.get("photo"),
        problem=problem,
        last_checked_at=connection.last_checked_at,
        is_checking=connection.is_being_checked,
        is_overdue=_is_overdue(connection),
        connect_url=connect_url,
        action=_action(connection, problem) if available else None,
    )


def title_of(provider: str) -> str:
    """The name of a provider's cloud."""
    return gettext(_TITLES[provider])


def state_of(connection: CloudAccount) -> str:
    """The state of a connection in a word or two."""
    return gettext(_STATE_WORDS[connection.status])


def cards_of(connections: dict[str, CloudAccount]) -> list[Card]:
    """Describe every provider, in the order of the page."""
    return [card_of(provider, connections.get(provider)) for provider in PROVIDERS]


def _is_overdue(connection: CloudAccount) -> bool:
    interval = current_app.extensions["settings"].health_check_interval_seconds
    checked_at = connection.last_checked_at
    if not interval or checked_at is None or connection.next_check_at is None:
        return False
    return datetime.now(UTC) - checked_at > timedelta(seconds=_ROUNDS_MISSED * interval)


def _evotor_account(connection: CloudAccount) -> str:
    names = connection.profile.get("stores", [])
    if not names:
        return gettext("Магазинов пока нет: установите приложение хотя бы на один терминал")
    listed = ", ".join(names[:_NAMES_SHOWN])
    if len(names) > _NAMES_SHOWN:
        listed = gettext("%(names)s и другие", names=listed)
    stores = plural(len(names), "магазин", "магазина", "магазинов")
    return f"{stores}: {listed}"


def _vk_account(connection: CloudAccount) -> str | None:
    community = connection.profile.get("community") or {}
    return " · ".join(filter(None, (community.get("name"), connection.profile.get("name")))) or None


def _action(connection: CloudAccount, problem: Problem | None) -> Button | None:
    """Give what the card offers beside another check."""
    if problem is not None and problem.mends_elsewhere:
        return problem.button
    if connection.provider == VK and "community" in connection.profile:
        return Button(gettext("Сменить сообщество"), url_for("connections.vk.community"))
    return None
