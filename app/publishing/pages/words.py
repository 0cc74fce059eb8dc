"""Fields, kinds and states of publication in the words of the pages."""

from decimal import Decimal
from typing import Any

from flask_babel import gettext

from app.publishing.ledger.album_writing import ALBUM
from app.publishing.ledger.removing import DELETED, RESTORED
from app.publishing.planning.card import is_card
from app.publishing.planning.desired import Desired
from app.publishing.planning.existing import (
    ALBUMS,
    AVAILABLE,
    CATEGORY,
    DESCRIPTION,
    NAME,
    OLD_PRICE,
    PHOTO_IDS,
    PHOTOS,
    PRICE,
    SKU,
    STOCK,
)
from app.publishing.planning.plan import ASK, BLOCKED, CHANGE, CREATE, FOREIGN, HIDE, SHOW
from app.publishing.planning.reasons import Reason
from app.publishing.run.models import AUTO, DELETE, HAND, ONE, UNDO
from app.publishing.settings.categories import category_name
from app.web.formatting import DASH, in_quotes, money, plural, price
from app.web.language import translated
from app.words import gettext_noop

STALE_LINK = gettext_noop("Ссылка устарела. Откройте страницу «ВКонтакте» заново.")
UNDER_WAY = gettext_noop("Сейчас идёт публикация. Дождитесь её конца и повторите.")

KINDS = {
    CREATE: gettext_noop("Добавить"),
    CHANGE: gettext_noop("Изменить"),
    HIDE: gettext_noop("Снять с публикации"),
    SHOW: gettext_noop("Вернуть"),
    BLOCKED: gettext_noop("Не готовы"),
    ASK: gettext_noop("Спросить"),
    FOREIGN: gettext_noop("Чужие"),
}
DID = {
    CREATE: gettext_noop("Добавлен"),
    CHANGE: gettext_noop("Изменён"),
    HIDE: gettext_noop("Снят с публикации"),
    SHOW: gettext_noop("Возвращён в публикацию"),
    ALBUM: gettext_noop("Подборка"),
    DELETED: gettext_noop("Удалён из ВКонтакте"),
    RESTORED: gettext_noop("Возвращён во ВКонтакте"),
}
# Who or what began a run.
ORIGINS = {
    HAND: gettext_noop("вы нажали «Опубликовать»"),
    AUTO: gettext_noop("сама, после изменений"),
    ONE: gettext_noop("один товар"),
    UNDO: gettext_noop("возврат к тому, что было"),
    DELETE: gettext_noop("удаление из ВКонтакте"),
}
# What a run is, by its status.
STATUSES = {
    "planned": gettext_noop("готовится"),
    "queued": gettext_noop("ждёт очереди"),
    "running": gettext_noop("идёт"),
    "held": gettext_noop("ждёт вашего слова"),
    "paused": gettext_noop("стоит"),
    "done": gettext_noop("готово"),
    "partial": gettext_noop("готово не всё"),
    "failed": gettext_noop("не получилось"),
    "cancelled": gettext_noop("остановлена"),
}
FIELDS = {
    NAME: gettext_noop("Название"),
    DESCRIPTION: gettext_noop("Описание"),
    PRICE: gettext_noop("Цена"),
    OLD_PRICE: gettext_noop("Цена до снижения"),
    CATEGORY: gettext_noop("Категория"),
    PHOTOS: gettext_noop("Фото"),
    PHOTO_IDS: gettext_noop("Фото"),
    AVAILABLE: gettext_noop("В магазине"),
    STOCK: gettext_noop("Остаток"),
    SKU: gettext_noop("Артикул"),
    ALBUMS: gettext_noop("Подборка"),
}
_SHOWN_TEXT = 120
# A listing made in VK by hand may be in one, as «Другое», that a good cannot be put into.
_UNLISTED = gettext_noop("другая, её нет в списке")


def said_of(reason: Reason) -> str:
    """The reason as a sentence by itself; a question has its own mark."""
    sentence = translated(reason.sentence)
    return sentence if sentence.endswith("?") else f"{sentence}."


def shown(field: str, value: Any, categories: dict[int, str]) -> str:
    """A field's value as a row shows it; `categories` are the paths of VK's categories by id."""
    if value is None:
        return DASH
    if field == OLD_PRICE and not Decimal(value):
        return gettext("не показывать")
    if field in (PRICE, OLD_PRICE):
        return money(value)
    if field == CATEGORY:
        return category_name(value, categories, _UNLISTED)
    if field == PHOTOS:
        return _photos(value)
    if field == ALBUMS:
        return in_quotes(value)
    if field == AVAILABLE:
        return gettext("да") if value else gettext("нет")
    if field == STOCK:
        return gettext("сколько угодно") if value < 0 else str(value)
    text = str(value)
    return text if len(text) <= _SHOWN_TEXT else text[:_SHOWN_TEXT].rstrip() + "…"


def till_price(want: Desired) -> str | None:
    """What a good costs in the till, where that is not what it costs in VK."""
    good = want.good
    if good.price is None or want.is_priced_as_in_till:
        return None
    if not want.asked.portion:
        return price(good.price)
    return gettext("%(price)s за %(unit)s", price=price(good.price), unit=good.unit)


def _photos(marks: Any) -> str:
    if marks and is_card(marks[0]):
        return gettext("карточка")
    return plural(len(marks), "фото", "фото", "фото")
