"""What the card of a provider shows."""

from dataclasses import dataclass
from datetime import datetime

from flask import url_for

from app.connections.models import EVOTOR, OFFLINE, ONLINE, PROVIDERS, RECONNECT, VK, Connection
from app.formatting import plural

TITLES = {EVOTOR: "Эвотор", VK: "ВКонтакте"}
STATE_WORDS = {ONLINE: "На связи", OFFLINE: "Нет связи", RECONNECT: "Переподключите"}
_NAMES_SHOWN = 5


@dataclass(frozen=True)
class Card:
    """A provider as the owner sees it; `account` and `detail` are sentences or None."""

    provider: str
    title: str
    connected: bool
    available: bool
    state: str | None = None
    state_text: str | None = None
    account: str | None = None
    detail: str | None = None
    last_checked_at: datetime | None = None
    connect_url: str | None = None


def card_of(provider: str, connection: Connection | None) -> Card:
    """Describe one provider; `connection` is None when it is not connected."""
    available = provider == EVOTOR
    connect_url = url_for("connections.evotor") if available else None
    if connection is None:
        return Card(provider, TITLES[provider], False, available, connect_url=connect_url)
    return Card(
        provider,
        TITLES[provider],
        connected=True,
        available=available,
        state=connection.status,
        state_text=STATE_WORDS[connection.status],
        account=_account(connection),
        detail=connection.last_error,
        last_checked_at=connection.last_checked_at,
        connect_url=connect_url,
    )


def cards_of(connections: dict[str, Connection]) -> list[Card]:
    """Describe every provider, in the order of the page."""
    return [card_of(provider, connections.get(provider)) for provider in PROVIDERS]


def _account(connection: Connection) -> str:
    names = connection.profile.get("stores", [])
    if not names:
        return "Магазинов пока нет: установите приложение хотя бы на один терминал"
    listed = ", ".join(names[:_NAMES_SHOWN]) + (" и другие" if len(names) > _NAMES_SHOWN else "")
    return f"{plural(len(names), 'магазин', 'магазина', 'магазинов')}: {listed}"
