"""Every fault of the two clouds, and what an owner is told of it wherever a job or a page meets it.

The tests beside this table switch each of them on at every place, and look at rows, state, words and log.
"""

from typing import NamedTuple

from app.connections.models import BUSY, CONFIRM, NO_MARKET, OFFLINE, ONLINE, RECONNECT


class Fault(NamedTuple):
    """What is said of a fault, and the state in which a check leaves the connection."""

    said: str
    state: str


_SILENT = "Эвотор не отвечает"
_UNREADABLE = "не удалось прочитать"
_UNCLEAR = "Эвотор не понял запрос"

# By the sandbox's name of the fault: a new one there fails the tests until it stands here.
EVOTOR = {
    "status_400": Fault(_UNCLEAR, OFFLINE),
    "status_401": Fault("Токен Эвотора больше не действует", RECONNECT),
    "status_402": Fault("приложение не оплачено", OFFLINE),
    "status_403": Fault("Эвотор закрыл доступ", RECONNECT),
    "status_404": Fault("такого магазина в Эвоторе больше нет", OFFLINE),
    "status_422": Fault(_UNCLEAR, OFFLINE),
    "status_429": Fault("Эвотор просит обращаться реже", OFFLINE),
    "status_500": Fault(_SILENT, OFFLINE),
    "status_502": Fault(_SILENT, OFFLINE),
    "status_503": Fault(_SILENT, OFFLINE),
    "redirect": Fault(_UNREADABLE, OFFLINE),
    "timeout": Fault(_SILENT, OFFLINE),
    "truncated": Fault(_SILENT, OFFLINE),
    "connection_reset": Fault(_SILENT, OFFLINE),
    "html_body": Fault(_UNREADABLE, OFFLINE),
    "invalid_json": Fault(_UNREADABLE, OFFLINE),
    "nested_body": Fault(_UNREADABLE, OFFLINE),
    "wrong_types": Fault(_UNREADABLE, OFFLINE),
    "items_not_list": Fault(_UNREADABLE, OFFLINE),
    "repeated_cursor": Fault(_UNREADABLE, OFFLINE),
    "gigantic_body": Fault(_UNREADABLE, OFFLINE),
    "revoked_token": Fault("Токен Эвотора больше не действует", RECONNECT),
}
# Answers that are good as they stand; what comes of them is tried in tests/mirror/refresh.
HARMLESS = {
    "slow",
    "empty_page",
    "missing_paging",
    "repeated_item",
    "no_stores",
    "unknown_store",
    "other_ids",
    "no_parents",
    "other_parents",
    "no_names",
    "no_types",
    "no_prices",
    "all_ordinary",
    "no_stock",
    "no_units",
    "no_words_on_sale",
    "no_barcodes",
    "of_next_store",
    "emptied_store",
}

# By the sandbox's name of the trouble.
VK = {
    "captcha": Fault("просит подтвердить", CONFIRM),
    "flood": Fault("просит подождать", BUSY),
    "internal": Fault("ВКонтакте не отвечает", OFFLINE),
    "status_500": Fault("ВКонтакте не отвечает", OFFLINE),
    "html_body": Fault("не удалось прочитать", OFFLINE),
    "silence": Fault("ВКонтакте не отвечает", OFFLINE),
}

WORDS = {
    ONLINE: "На связи",
    OFFLINE: "Нет связи",
    RECONNECT: "Переподключите",
    NO_MARKET: "Доступ к товарам ещё не выдан",
    CONFIRM: "Нужно подтверждение",
    BUSY: "Просит подождать",
}
