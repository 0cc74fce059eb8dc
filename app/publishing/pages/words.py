"""Fields, kinds and states of publication in the words of the pages."""

from decimal import Decimal
from typing import Any

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
from app.publishing.run.models import AUTO, DELETE, HAND, ONE, UNDO
from app.publishing.settings.categories import category_name
from app.web.formatting import DASH, money, plural, price

STALE_LINK = "Ссылка устарела. Откройте страницу «ВКонтакте» заново."
UNDER_WAY = "Сейчас идёт публикация. Дождитесь её конца и повторите."

KINDS = {
    CREATE: "Добавить",
    CHANGE: "Изменить",
    HIDE: "Снять с публикации",
    SHOW: "Вернуть",
    BLOCKED: "Не готовы",
    ASK: "Спросить",
    FOREIGN: "Чужие",
}
DID = {
    CREATE: "Добавлен",
    CHANGE: "Изменён",
    HIDE: "Снят с публикации",
    SHOW: "Возвращён в публикацию",
    ALBUM: "Подборка",
    DELETED: "Удалён из ВКонтакте",
    RESTORED: "Возвращён во ВКонтакте",
}
# Who or what began a run.
ORIGINS = {
    HAND: "вы нажали «Опубликовать»",
    AUTO: "сама, после изменений",
    ONE: "один товар",
    UNDO: "возврат к тому, что было",
    DELETE: "удаление из ВКонтакте",
}
# What a run is, by its status.
STATUSES = {
    "planned": "готовится",
    "queued": "ждёт очереди",
    "running": "идёт",
    "held": "ждёт вашего слова",
    "paused": "стоит",
    "done": "готово",
    "partial": "готово не всё",
    "failed": "не получилось",
    "cancelled": "остановлена",
}
FIELDS = {
    NAME: "Название",
    DESCRIPTION: "Описание",
    PRICE: "Цена",
    OLD_PRICE: "Цена до снижения",
    CATEGORY: "Категория",
    PHOTOS: "Фото",
    PHOTO_IDS: "Фото",
    AVAILABLE: "В магазине",
    STOCK: "Остаток",
    SKU: "Артикул",
    ALBUMS: "Подборка",
}
_SHOWN_TEXT = 120
# A listing made in VK by hand may be in one, as «Другое», that a good cannot be put into.
_UNLISTED = "другая, её нет в списке"


def shown(field: str, value: Any, categories: dict[int, str]) -> str:
    """A field's value as a row shows it; `categories` are the paths of VK's categories by id."""
    if value is None:
        return DASH
    if field == OLD_PRICE and not Decimal(value):
        return "не показывать"
    if field in (PRICE, OLD_PRICE):
        return money(value)
    if field == CATEGORY:
        return category_name(value, categories, _UNLISTED)
    if field == PHOTOS:
        return _photos(value)
    if field == ALBUMS:
        return f"«{value}»"
    if field == AVAILABLE:
        return "да" if value else "нет"
    if field == STOCK:
        return "сколько угодно" if value < 0 else str(value)
    text = str(value)
    return text if len(text) <= _SHOWN_TEXT else text[:_SHOWN_TEXT].rstrip() + "…"


def till_price(want: Desired) -> str | None:
    """What a good costs in the till, where that is not what it costs in VK."""
    good = want.good
    if good.price is None or want.is_priced_as_in_till:
        return None
    return f"{price(good.price)} за {good.unit}" if want.asked.portion else price(good.price)


def _photos(marks: Any) -> str:
    if marks and is_card(marks[0]):
        return "карточка"
    return plural(len(marks), "фото", "фото", "фото")
