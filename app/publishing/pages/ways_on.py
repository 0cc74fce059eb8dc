"""Where an owner mends what keeps a good from being published."""

from typing import NamedTuple

from flask import url_for
from flask_babel import gettext

from app.publishing.planning.reasons import Reason, Remedy


class WayOn(NamedTuple):
    """A link: what it says and where it leads."""

    text: str
    url: str


def way_on(reason: Reason) -> WayOn | None:
    """The page that mends the reason, for all goods that have it; None where only the till or time helps."""
    if reason.remedy is Remedy.SETTINGS:
        return WayOn(gettext("Исправить в настройках"), url_for("sync.settings.show", _anchor=reason.setting))
    if reason.remedy is Remedy.GROUPS:
        return WayOn(gettext("Исправить у группы"), url_for("sync.groups.show"))
    if reason.remedy is Remedy.PHOTOS:
        return WayOn(gettext("Разрешить карточки"), url_for("sync.settings.show", _anchor="photo_fallback"))
    if reason.remedy is Remedy.RULES:
        return WayOn(gettext("Изменить правила"), url_for("catalog.stores"))
    if reason.remedy is Remedy.LISTINGS:
        return WayOn(gettext("Ответить"), url_for("sync.listings.show", _anchor="questions"))
    if reason.remedy is Remedy.PAIRS:
        return WayOn(gettext("Ответить"), url_for("sync.listings.show", _anchor="pairs"))
    if reason.remedy is Remedy.SHELVES:
        return WayOn(gettext("Ответить"), url_for("sync.listings.show", _anchor="shelves"))
    if reason.remedy is Remedy.CARDS:
        return WayOn(gettext("Какая карточка мешает"), url_for("sync.listings.show", _anchor="kept-back"))
    if reason.remedy is Remedy.ALBUMS:
        return WayOn(gettext("Посмотреть подборки"), url_for("sync.listings.show", _anchor="albums"))
    return None
