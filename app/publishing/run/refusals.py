"""What VK's refusals mean for a run: this good alone, or the whole of it."""

from collections.abc import Mapping
from typing import Any

from app.clients.errors import Action, CloudError
from app.clients.vk.meanings import Meaning
from app.publishing.ledger.about import NO_PICTURE as LOST_PICTURE
from app.publishing.ledger.about import UNEXPLAINED, named_by
from app.publishing.ledger.of_run import Problem
from app.publishing.planning.existing import AVAILABLE, OLD_PRICE, PRICE, STOCK, without
from app.words import gettext_noop

_SENTENCES = {
    Meaning.NAME_LENGTH: gettext_noop(
        "ВКонтакте не принял название: оно короче 4 или длиннее 100 знаков. Измените его"
    ),
    Meaning.DESCRIPTION_LENGTH: gettext_noop(
        "ВКонтакте не принял описание: нужно от 10 знаков. Дополните его"
    ),
    Meaning.CATEGORY_WRONG: gettext_noop(
        "ВКонтакте не знает выбранную категорию. Выберите её заново в настройках"
    ),
    Meaning.PRICE_WRONG: gettext_noop("ВКонтакте не принял цену. Проверьте её в кассе"),
    Meaning.PHOTO_MISSING: gettext_noop(
        "ВКонтакте не принимает товар без фото. Добавьте фото или разрешите карточки"
    ),
    Meaning.PHOTO_STALE: gettext_noop("ВКонтакте дважды не принял фото. Повторите позже или замените его"),
    Meaning.PHOTO_TOO_SMALL: gettext_noop(
        "Фото слишком маленькое для ВКонтакте. Нужно не меньше 400 × 400 точек"
    ),
    Meaning.PHOTO_FORMAT: gettext_noop("ВКонтакте не смог прочитать фото. Замените его"),
    Meaning.PHOTO_REFUSED: gettext_noop("ВКонтакте не принял фото. Замените его"),
    Meaning.BAD_LINKS: gettext_noop("В описании ссылка, которую ВКонтакте не разрешает. Уберите её"),
    Meaning.CONTENT_BLOCKED: gettext_noop(
        "ВКонтакте заблокировал содержание этого товара. Измените название и описание"
    ),
    Meaning.VARIANTS: gettext_noop("Товар связан с другими вариантами во ВКонтакте. Измените его там"),
    Meaning.ALBUM_GONE: gettext_noop("Подборку удалили во ВКонтакте"),
    Meaning.ALBUM_MAIN: gettext_noop("ВКонтакте не даёт изменить главную подборку. Измените её там"),
    Meaning.TOO_MANY_IN_ALBUM: gettext_noop("В подборке больше нет места для товаров"),
    Meaning.TOO_MANY_ITEMS: gettext_noop(
        "В сообществе больше нет места для товаров. Исключите часть или удалите лишние"
    ),
}
# What is said of any other refusal, by what was refused.
_NOT_TAKEN = gettext_noop("ВКонтакте не принял товар. Проверьте название, описание, цену и фото")
NO_ALBUM = gettext_noop("ВКонтакте не принял название подборки. Переименуйте группу в кассе")
NOT_PUT = gettext_noop("ВКонтакте не положил товар в подборку. Повторите позже")
NO_PICTURE = Problem(LOST_PICTURE, "Файл фото не нашёлся. Добавьте фото заново")

# What concerns one call alone; every other refusal ends the run, or lets it wait.
_OF_ONE_GOOD = frozenset({Action.THIS_ITEM, Action.REPAIR, Action.SUCCESS})

# What misleads buyers where it is wrong: sent by itself where VK does not say what it would not take.
_FIRST = (PRICE, OLD_PRICE, STOCK, AVAILABLE)


def is_of_one_good(error: CloudError) -> bool:
    """Tell whether the other goods can go on."""
    return error.action in _OF_ONE_GOOD


def is_unknown(error: CloudError) -> bool:
    """Tell whether VK may have done what it was asked to."""
    return error.action is Action.LOOK


def is_gone(error: CloudError) -> bool:
    """Tell whether VK no longer has the listing."""
    return error.meaning is Meaning.ITEM_GONE


def is_category_lost(error: CloudError) -> bool:
    """Tell whether VK does not know the category."""
    return error.meaning is Meaning.CATEGORY_WRONG


def is_photo_stale(error: CloudError) -> bool:
    """Tell whether a new upload of the photos mends it."""
    return error.meaning is Meaning.PHOTO_STALE


def is_full(error: CloudError) -> bool:
    """Tell whether the community takes no more goods."""
    return error.meaning is Meaning.TOO_MANY_ITEMS


def problem_of(error: CloudError, otherwise: str = _NOT_TAKEN) -> Problem:
    """The refusal in words: those for what it means, or else these."""
    meaning = error.meaning
    return Problem(str(meaning or UNEXPLAINED), _SENTENCES.get(meaning, otherwise))  # type: ignore[call-overload]


def refused_of(error: CloudError, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the fields of a call that VK would not take: what it names, or all."""
    named = named_by(error.meaning, fields)
    return {name: value for name, value in fields.items() if not named or name in named}


def rest_of(error: CloudError, fields: Mapping[str, Any]) -> dict[str, Any]:
    """What VK may take of an edit that it refused, sent without what it would not take; may be empty.

    Nothing comes on sale at a price that VK has not taken.
    """
    if named := named_by(error.meaning, fields):
        rest = without(fields, *named)
        return without(rest, AVAILABLE) if PRICE in named and rest.get(AVAILABLE) else rest
    first = {name: value for name, value in fields.items() if name in _FIRST}
    return first if len(first) < len(fields) else {}


def is_album_gone(error: CloudError) -> bool:
    """Tell whether VK no longer has the album."""
    return error.meaning is Meaning.ALBUM_GONE


def is_full_of_albums(error: CloudError) -> bool:
    """Tell whether the community takes no more albums."""
    return error.meaning is Meaning.TOO_MANY_ALBUMS


def is_album_full(error: CloudError) -> bool:
    """Tell whether an album takes no more goods."""
    return error.meaning is Meaning.TOO_MANY_IN_ALBUM
