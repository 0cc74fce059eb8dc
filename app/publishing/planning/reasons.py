"""Why a good is not in VK, or not as the till has it: a code, a sentence and the way on."""

from enum import StrEnum
from typing import NamedTuple

from app.words import gettext_noop


class Remedy(StrEnum):
    """Where the owner can mend it; the pages turn it into a link or a button."""

    TILL = "till"  # Only in Evotor.
    RULES = "rules"  # The good's rule, or that of its group or store.
    PHOTOS = "photos"  # The good's photos.
    SETTINGS = "settings"  # The field of the settings named by the reason.
    GROUPS = "groups"  # What is chosen for groups.
    LISTINGS = "listings"  # Answers about what is in VK.
    PAIRS = "pairs"  # Whether what is in VK already is this good.
    SHELVES = "shelves"  # Whether goods of several stores are one.
    CARDS = "cards"  # Which card of another store keeps a good back.
    ALBUMS = "albums"  # The community's albums.
    NONE = "none"  # Comes right by itself.


class Reason(NamedTuple):
    """Why, in a sentence that is translated where it is shown.

    `hides`: a listing that is in the shop already must not stay there. `setting`: the field to look at.
    """

    code: str
    sentence: str
    remedy: Remedy
    hides: bool = False
    setting: str | None = None


NO_PRICE = Reason("no_price", "В кассе нет цены. Укажите её в Эвоторе", Remedy.TILL, hides=True)
BELOW_FLOOR = Reason(
    "below_floor",
    "Цена ниже самой низкой, которую вы разрешили. Проверьте её в кассе или измените границу в настройках",
    Remedy.SETTINGS,
    hides=True,
    setting="price_floor",
)
SERVICE = Reason(
    "service",
    "Это услуга. Чтобы публиковать услуги вместе с товарами, разрешите это в настройках",
    Remedy.SETTINGS,
    hides=True,
    setting="services",
)
SOLD_OUT = Reason(
    "sold_out", "Нет в наличии. Появится в магазине сам, когда поступит", Remedy.NONE, hides=True
)
LESS_THAN_ONE = Reason(
    "less_than_one",
    "Осталось меньше одного, а ВКонтакте считает целыми. Появится в магазине сам, когда поступит",
    Remedy.NONE,
    hides=True,
)
NOT_ON_SALE = Reason(
    "not_on_sale", "В кассе снят с продажи. Появится сам, когда вернёте в продажу", Remedy.TILL, hides=True
)
EXCLUDED = Reason("excluded", "Не публикуется: так решено правилом", Remedy.RULES, hides=True)
GONE_FROM_TILL = Reason("gone_from_till", "Товара больше нет в кассе", Remedy.TILL, hides=True)
DOUBLE = Reason(
    "double",
    "Второй такой же: ВКонтакте показал его, когда товар уже добавили заново. Лишний можно удалить",
    Remedy.LISTINGS,
    hides=True,
)
JOINED = Reason(
    "joined", "Объединён с таким же товаром другого магазина", Remedy.SETTINGS, hides=True, setting="merge_by"
)
NO_CATEGORY = Reason(
    "no_category",
    "Не выбрана категория ВКонтакте. Выберите её для группы или для всех товаров",
    Remedy.SETTINGS,
    setting="default_category_id",
)
LOST_CATEGORY = Reason(
    "lost_category",
    "ВКонтакте больше не знает выбранную категорию. Выберите другую",
    Remedy.SETTINGS,
    setting="default_category_id",
)
LOST_GROUP_CATEGORY = Reason(
    "lost_group_category",
    "ВКонтакте больше не знает категорию, выбранную для группы. Выберите другую",
    Remedy.GROUPS,
)
NO_PHOTO = Reason("no_photo", "Нет фото. Добавьте его или разрешите карточки вместо фото", Remedy.PHOTOS)
SHORT_NAME = Reason(
    "short_name",
    "Название короче 4 знаков, ВКонтакте такое не примет. Дополните его в кассе или шаблоном в настройках",
    Remedy.SETTINGS,
    setting="name_template",
)
SHORT_DESCRIPTION = Reason(
    "short_description",
    "Описание короче 10 знаков, ВКонтакте такое не примет. Дополните его в кассе или шаблоном в настройках",
    Remedy.SETTINGS,
    setting="description_template",
)


_NOT_TAKEN = gettext_noop("ВКонтакте не принял этот товар")


def refused(problem: str | None) -> Reason:
    """VK would not take it as it is; `problem` is the sentence that was said about it."""
    return Reason("refused", problem or _NOT_TAKEN, Remedy.TILL)


# What is wrong with a name that the owner keeps in VK.
NAME_WITHOUT_PORTION = Reason(
    "name_without_portion",
    "Цена за 100 г, а в названии во ВКонтакте этого нет. Допишите в нём «100 г» или берите название из кассы",
    Remedy.SETTINGS,
    setting="own_name",
)
NAME_OF_PORTION = Reason(
    "name_of_portion",
    "В названии во ВКонтакте «100 г», а цена не за 100 г. Исправьте его или берите название из кассы",
    Remedy.SETTINGS,
    setting="own_name",
)

# Questions to the owner.
EDITED_IN_VK = Reason("edited_in_vk", "Изменили во ВКонтакте. Какое значение оставить?", Remedy.LISTINGS)
DELETED_IN_VK = Reason(
    "deleted_in_vk", "Удалили во ВКонтакте. Снова опубликовать или больше не публиковать?", Remedy.LISTINGS
)
SAME_SKU = Reason(
    "same_sku",
    "В сообществе уже есть товар с таким артикулом, добавленный не отсюда. Это он?",
    Remedy.PAIRS,
)

SAME_NAME = Reason(
    "same_name",
    "В сообществе уже есть товар с таким названием, добавленный не отсюда. Это он?",
    Remedy.PAIRS,
)

SECOND = Reason(
    "second",
    "Артикул тот же, что у товара, который ведёт Витрина: похоже на второй такой же. "
    "Лишний удалите во ВКонтакте",
    Remedy.LISTINGS,
)

MAY_BE_ONE = Reason(
    "may_be_one",
    "Такой же товар есть в другом магазине. Показывать их как один?",
    Remedy.SHELVES,
)

# Why a good waits although it can be added.
WAITS_FOR_TOMORROW = Reason(
    "daily_limit",
    "На сегодня ВКонтакте больше не примет новых товаров. Добавится в следующие дни",
    Remedy.NONE,
)
NO_ROOM = Reason(
    "item_limit",
    "В сообществе больше нет места для товаров. Освободите его или исключите часть товаров",
    Remedy.RULES,
)
