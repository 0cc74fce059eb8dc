"""What has to be in place before goods can go to the community, and the way to fix each point."""

from datetime import timedelta
from typing import NamedTuple

from flask import url_for
from flask_babel import gettext
from sqlalchemy import select

from app.connections.may_publish import community_of, connections_by_provider
from app.connections.models import EVOTOR, VK, CloudAccount
from app.connections.problems import Kind, Problem, problem_of
from app.data.db import db
from app.data.types import now
from app.mirror.models import CachedStore
from app.mirror.refresh.requests import last_success
from app.web.formatting import ago, in_quotes

_FRESH_FOR = timedelta(days=1)
_OF_COMMUNITY = frozenset({Kind.NO_COMMUNITY, Kind.ROLE_LOST})
_OF_SHOP = frozenset({Kind.SCOPE_MISSING, Kind.MARKET_OFF})


class Point(NamedTuple):
    """One line of the list; `fix_url` and `fix` (its label) are None where nothing has to be done.

    stops: nothing can be sent as long as it is not ready. problem: the reason, where a connection has it.
    """

    title: str
    is_ready: bool
    sentence: str
    fix_url: str | None = None
    fix: str | None = None
    stops: bool = True
    problem: Problem | None = None


class Readiness(NamedTuple):
    """`community` is the name of the community that goods go to, None while none is chosen."""

    points: list[Point]
    community: str | None

    @property
    def is_complete(self) -> bool:
        return all(point.is_ready for point in self.points)

    @property
    def obstacle(self) -> Point | None:
        """The first point without which nothing can be sent, None when goods can go."""
        return next((point for point in self.points if point.stops and not point.is_ready), None)


def readiness_of(user_id: int) -> Readiness:
    """Look at the owner's connections and catalogue; three queries."""
    owned = connections_by_provider(user_id)
    evotor, vk = owned.get(EVOTOR), owned.get(VK)
    community = community_of(vk)
    points = [
        _point(gettext("Эвотор"), problem_of(EVOTOR, evotor), gettext("На связи")),
        *_vk_points(vk, community.name if community else None),
        _catalogue_point(user_id),
    ]
    return Readiness(points, community.name if community else None)


def _vk_points(vk: CloudAccount | None, community: str | None) -> list[Point]:
    """Put VK's problem, of which there is one at a time, at the point that it keeps from being ready."""
    problem = problem_of(VK, vk)
    of_account = problem if problem and problem.kind not in _OF_COMMUNITY | _OF_SHOP else None
    of_community = problem if problem and problem.kind in _OF_COMMUNITY else None
    of_shop = problem if problem and problem.kind in _OF_SHOP else None
    if of_community is None and community is None:
        choice = Point(gettext("Сообщество"), False, gettext("Не выбрано"))
    else:
        choice = _point(gettext("Сообщество"), of_community, in_quotes(community or ""))
    if community is None:
        shop = Point(gettext("Раздел «Товары»"), False, gettext("Проверим, когда выберете сообщество"))
    elif of_account or of_community:
        shop = Point(
            gettext("Раздел «Товары»"), False, gettext("Проверим, когда вернётся доступ к сообществу")
        )
    else:
        shop = _point(gettext("Раздел «Товары»"), of_shop, gettext("Включён"))
    return [_point(gettext("ВКонтакте"), of_account, gettext("На связи")), choice, shop]


def _point(title: str, problem: Problem | None, ready: str) -> Point:
    if problem is None:
        return Point(title, True, ready)
    button = problem.button
    stops = problem.kind is not Kind.EVOTOR_AWAY
    url, text = (button.url, button.text) if button else (None, None)
    return Point(title, False, problem.sentence, url, text, stops, problem)


def _catalogue_point(user_id: int) -> Point:
    url = url_for("catalog.stores")
    latest = last_success(user_id)
    # A run of another merchant's, whose goods went with them, has brought nothing in.
    has_stores = db.session.scalar(select(CachedStore.id).filter_by(user_id=user_id).limit(1)) is not None
    if latest is None or latest.finished_at is None or not has_stores:
        return Point(gettext("Каталог"), False, gettext("Ещё не загружен"), url, gettext("Загрузить"))
    if now() - latest.finished_at > _FRESH_FOR:
        sentence = gettext("Обновлён давно: %(when)s", when=ago(latest.finished_at))
        return Point(gettext("Каталог"), False, sentence, url, gettext("Обновить"), stops=False)
    return Point(gettext("Каталог"), True, gettext("Обновлён %(when)s", when=ago(latest.finished_at)))
