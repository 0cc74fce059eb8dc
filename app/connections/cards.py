"""What the card of a provider shows."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import current_app, url_for

from app.connections.models import EVOTOR, NO_MARKET, OFFLINE, ONLINE, PROVIDERS, RECONNECT, VK, CloudAccount
from app.connections.vk.account import CHOOSE_COMMUNITY, CONFIRM, CONNECT_ANEW
from app.web.formatting import plural

TITLES = {EVOTOR: "Эвотор", VK: "ВКонтакте"}
STATE_WORDS = {
    ONLINE: "На связи",
    OFFLINE: "Нет связи",
    RECONNECT: "Переподключите",
    NO_MARKET: "Доступ к товарам ещё не выдан",
}
NO_COMMUNITY = "Осталось выбрать сообщество, в которое отправлять товары"
_NAMES_SHOWN = 5
# A round may be late by its own length; three that nobody made are a standstill.
_ROUNDS_MISSED = 3


@dataclass(frozen=True)
class Action:
    """What the owner can do beside another check; an urgent one stands out, a foreign one leaves the site."""

    text: str
    url: str
    urgent: bool = True
    foreign: bool = False


@dataclass(frozen=True)
class Card:
    """A provider as the owner sees it; `account` and `detail` are sentences or None.

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
    detail: str | None = None
    last_checked_at: datetime | None = None
    is_overdue: bool = False
    connect_url: str | None = None
    action: Action | None = None


def card_of(provider: str, connection: CloudAccount | None) -> Card:
    """Describe one provider; `connection` is None when it is not connected."""
    available = provider == EVOTOR or current_app.extensions["settings"].vk_client_id is not None
    endpoint = "connections.evotor" if provider == EVOTOR else "connections.vk.start"
    connect_url = url_for(endpoint) if available else None
    if connection is None:
        return Card(provider, TITLES[provider], False, available, connect_url=connect_url)
    is_vk = provider == VK
    return Card(
        provider,
        TITLES[provider],
        connected=True,
        available=available,
        state=connection.status,
        state_text=STATE_WORDS[connection.status],
        account=_vk_account(connection) if is_vk else _evotor_account(connection),
        photo=connection.profile.get("photo"),
        detail=_detail(connection),
        last_checked_at=connection.last_checked_at,
        is_overdue=_is_overdue(connection),
        connect_url=connect_url,
        action=_vk_action(connection, connect_url) if is_vk else _evotor_action(connection, connect_url),
    )


def cards_of(connections: dict[str, CloudAccount]) -> list[Card]:
    """Describe every provider, in the order of the page."""
    return [card_of(provider, connections.get(provider)) for provider in PROVIDERS]


def _detail(connection: CloudAccount) -> str | None:
    sentence = connection.last_error
    if not sentence:
        return NO_COMMUNITY if _lacks_community(connection) else None
    if connection.status == OFFLINE:
        # It is tried again without the owner, who needs no advice to do so.
        sentence = sentence.partition(";")[0]
    return sentence[0].upper() + sentence[1:]


def _is_overdue(connection: CloudAccount) -> bool:
    interval = current_app.extensions["settings"].health_check_interval_seconds
    checked_at = connection.last_checked_at
    if not interval or checked_at is None or connection.next_check_at is None:
        return False
    return datetime.now(UTC) - checked_at > timedelta(seconds=_ROUNDS_MISSED * interval)


def _evotor_account(connection: CloudAccount) -> str:
    names = connection.profile.get("stores", [])
    if not names:
        return "Магазинов пока нет: установите приложение хотя бы на один терминал"
    listed = ", ".join(names[:_NAMES_SHOWN]) + (" и другие" if len(names) > _NAMES_SHOWN else "")
    return f"{plural(len(names), 'магазин', 'магазина', 'магазинов')}: {listed}"


def _evotor_action(connection: CloudAccount, connect_url: str | None) -> Action | None:
    if connection.status != RECONNECT or connect_url is None:
        return None
    return Action("Переподключить", connect_url)


def _vk_account(connection: CloudAccount) -> str | None:
    community = connection.profile.get("community") or {}
    return " · ".join(filter(None, (community.get("name"), connection.profile.get("name")))) or None


def _vk_action(connection: CloudAccount, connect_url: str | None) -> Action | None:
    profile = connection.profile
    remedy = profile.get("remedy") if connection.status != ONLINE else None
    if connect_url is None:
        return None
    if remedy == CONFIRM:
        address = profile.get("confirm_at")
        return Action("Подтвердить во ВКонтакте", address, foreign=True) if address else None
    if remedy == CONNECT_ANEW:
        return Action("Переподключить", connect_url, urgent=connection.status == RECONNECT)
    community_url = url_for("connections.vk.community")
    if remedy == CHOOSE_COMMUNITY:
        return Action("Выбрать другое сообщество", community_url)
    if _lacks_community(connection):
        return Action("Выбрать сообщество", community_url)
    return Action("Сменить сообщество", community_url, urgent=False)


def _lacks_community(connection: CloudAccount) -> bool:
    return connection.provider == VK and "community" not in connection.profile
