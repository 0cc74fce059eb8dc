"""What has to be in place before goods can go to the community, and the way to fix each point."""

from datetime import timedelta
from typing import Any, NamedTuple

from flask import url_for
from sqlalchemy import select

from app.connections.models import EVOTOR, VK, CloudAccount
from app.data.db import db
from app.data.types import now
from app.rules.tables import refreshes
from app.web.formatting import ago

_FRESH_FOR = timedelta(days=1)
_SUCCESSFUL = ("done", "partial")
NO_MARKET = "no_market"


class Point(NamedTuple):
    """One line of the list; `fix_url` and `fix` (its label) are None where nothing has to be done."""

    title: str
    is_ready: bool
    sentence: str
    fix_url: str | None = None
    fix: str | None = None


class Readiness(NamedTuple):
    """`community` is the name of the community that goods go to, None while none is chosen."""

    points: list[Point]
    community: str | None

    @property
    def is_complete(self) -> bool:
        return all(point.is_ready for point in self.points)


def readiness_of(user_id: int) -> Readiness:
    """Look at the owner's connections and catalogue; two queries."""
    owned = db.session.scalars(select(CloudAccount).filter_by(user_id=user_id))
    connections = {connection.provider: connection for connection in owned}
    vk = connections.get(VK)
    community = _community(vk)
    points = [
        _connected("Эвотор", connections.get(EVOTOR)),
        _connected("ВКонтакте", vk),
        _community_point(community),
        _market_point(vk, community),
        _catalogue_point(user_id),
    ]
    return Readiness(points, community.get("name") if community else None)


def _connected(title: str, connection: CloudAccount | None) -> Point:
    url = url_for("connections.index")
    if connection is None:
        return Point(title, False, "Не подключено", url, "Подключить")
    if not connection.is_online and connection.status != NO_MARKET:
        return Point(title, False, connection.last_error or "Нет связи", url, "Проверить подключение")
    return Point(title, True, "На связи")


def _community(vk: CloudAccount | None) -> dict[str, Any] | None:
    community = vk.profile.get("community") if vk else None
    return community if isinstance(community, dict) else None


def _community_point(community: dict[str, Any] | None) -> Point:
    if community is None:
        return Point("Сообщество", False, "Не выбрано", url_for("connections.index"), "Выбрать")
    return Point("Сообщество", True, f"«{community.get('name', '')}»")


def _market_point(vk: CloudAccount | None, community: dict[str, Any] | None) -> Point:
    url = url_for("connections.index")
    if vk is None or community is None:
        return Point("Товары сообщества", False, "Узнаем, когда выберете сообщество")
    if vk.status == NO_MARKET or community.get("market_enabled") is False:
        sentence = "Выключены: включите раздел «Товары» в настройках сообщества"
        return Point("Товары сообщества", False, sentence, url, "Проверить")
    return Point("Товары сообщества", True, "Включены")


def _catalogue_point(user_id: int) -> Point:
    url = url_for("catalog.stores")
    finished_at = db.session.scalar(
        select(refreshes.c.finished_at)
        .where(refreshes.c.user_id == user_id, refreshes.c.status.in_(_SUCCESSFUL))
        .order_by(refreshes.c.id.desc())
        .limit(1)
    )
    if finished_at is None:
        return Point("Каталог", False, "Ещё не загружен", url, "Загрузить")
    if now() - finished_at > _FRESH_FOR:
        return Point("Каталог", False, f"Обновлён давно: {ago(finished_at)}", url, "Обновить")
    return Point("Каталог", True, f"Обновлён {ago(finished_at)}")
