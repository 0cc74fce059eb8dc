"""Goods and groups as odd as real catalogues hold them: each is here to break a careless reader."""

from collections.abc import Callable

from sandbox.shelf import Item

MakeId = Callable[[str], str]
LONG = (
    "Подарочная корзина «Всё к чаю»: мёд липовый, варенье из шишек, пряник, "
    "чай с чабрецом, ситечко, две кружки, ложка и открытка"
).ljust(128, "!")


def odd_groups(make_id: MakeId) -> list[Item]:
    """Return groups whose parents loop or are gone, and one of modifications; without store and merchant."""
    archive, old = make_id("group Архив"), make_id("group Старое")
    own = make_id("group Полка у кассы")
    colour = {"id": make_id("Цвет"), "name": "Цвет", "choices": [{"id": make_id("Белый"), "name": "Белый"}]}
    return [
        {"id": archive, "name": "Архив", "parent_id": old},
        {"id": old, "name": "Старое", "parent_id": archive},
        {"id": own, "name": "Полка у кассы", "parent_id": own},
        {"id": make_id("group Уценка"), "name": "Уценка", "parent_id": make_id("a group that is gone")},
        {"id": make_id("group Разное"), "name": 'Разное; "остатки", №5', "parent_id": None, "barcodes": None},
        {
            "id": make_id("group Футболки"),
            "name": "Футболки",
            "parent_id": "",
            "barcodes": [],
            "attributes": [colour],
        },
        {"id": make_id("group Пустая"), "name": "Новинки 🌱", "unknown_field": {"a": [1, None]}},
    ]


def odd_goods(make_id: MakeId) -> list[Item]:
    """Return goods with every quirk met in real payloads; without store and merchant."""
    other, shirts = make_id("group Разное"), make_id("group Футболки")
    colour = {make_id("Цвет"): make_id("Белый")}
    goods: list[Item] = [
        # Only what is safe to require.
        {"name": "Чай без карточки"},
        # Absent, null, "" and [] all mean "nothing".
        {
            "name": "Чашка без цены",
            "price": None,
            "quantity": None,
            "measure_name": None,
            "article_number": None,
            "description": None,
            "barcodes": None,
            "parent_id": None,
            "allow_to_sell": None,
            "code": None,
            "tax": None,
        },
        {
            "name": "Ложка мерная",
            "price": 150,
            "quantity": 12,
            "measure_name": "",
            "article_number": "",
            "description": "",
            "barcodes": [],
            "parent_id": "",
            "code": "",
            "type": "",
            "allow_to_sell": True,
        },
        {
            "name": "Сахар тростниковый, на развес",
            "price": 189.9,
            "quantity": -3.25,
            "measure_name": "кг",
            "allow_to_sell": True,
        },
        {
            "name": "Печенье курабье, на развес",
            "price": 420.0,
            "quantity": 0.125,
            "measure_name": "кг",
            "allow_to_sell": True,
        },
        {
            "name": "Лента атласная",
            "price": 35,
            "quantity": 180.0,
            "measure_name": "м",
            "allow_to_sell": True,
        },
        {
            "name": "Пакетик пробный",
            "price": 0,
            "quantity": 1000000,
            "measure_name": "шт",
            "allow_to_sell": False,
        },
        {
            "name": "Чай «Снежный лотос», коллекционный",
            "price": 125000.55,
            "quantity": 1,
            "measure_name": "шт",
        },
        {
            "name": "Сидр «Яблочный сад», 0,5 л",
            "price": 210,
            "quantity": 8,
            "type": "ALCOHOL_NOT_MARKED",
            "tax": "VAT_22",
        },
        {
            "name": "Табак трубочный",
            "price": 890.5,
            "quantity": 2,
            "type": " tobacco_MARKED\u00a0",
            "tax": "VAT_20_120",
        },
        {
            "name": "Вода «Родник», 0,5 л",
            "price": 60,
            "quantity": 24,
            "type": "WATER_MARKED_2026",
            "tax": "VAT_5",
        },
        {
            "name": "Носки с чайником",
            "price": 350,
            "quantity": 6,
            "type": "LIGHT_INDUSTRY_MARKED",
            "measure_name": "пара",
        },
        {
            "name": "Футболка «Чайная», белая",
            "price": 1500,
            "quantity": 4,
            "parent_id": shirts,
            "attributes_choices": colour,
        },
        {
            "name": "Чай 'Дарджилинг' \"первый сбор\"; остаток, жесть",
            "price": 640,
            "quantity": 1,
            "parent_id": other,
        },
        {
            "name": "=1+1 набор «Два по цене одного»",
            "price": 990,
            "quantity": 5,
            "article_number": "=SUM(A1:A9)",
        },
        {"name": "+Подарочная упаковка", "price": 150, "quantity": 40, "article_number": "+7"},
        {"name": "-50% Печенье вчерашнее", "price": 27.5, "quantity": 11, "article_number": "-1"},
        {"name": "@чайная: кружка фирменная", "price": 590, "quantity": 9, "article_number": "@12"},
        {"name": "  =Пробник, три пробела внутри   имени ", "price": 10, "quantity": 3},
        {"name": "\tНабор с табуляцией", "price": 300, "quantity": 2},
        {
            "name": "Чай «Две строки»\nвторая строка названия",
            "price": 480,
            "quantity": 7,
            "description": "Первый абзац.\r\n\r\nВторой абзац; с «кавычками».",
        },
        {"name": "Матча 🍵 премиум 👩‍🌾", "price": 1250, "quantity": 13, "measure_name": "банка 🫙"},
        {"name": LONG, "price": 4990, "quantity": 2, "description": "Имя ровно в 128 знаков. " * 40},
        {
            "name": "Чай «Артикул с нулями»",
            "price": 320,
            "quantity": 15,
            "article_number": "000123",
            "code": "007",
        },
        {
            "name": "Чай <b>«Угловой»</b> & Ко",
            "price": 370,
            "quantity": 3,
            "article_number": "<script>",
            "code": "&amp;",
            "barcodes": ["4600000000015", "2000000000060", "0012345678905"],
        },
        {
            "name": "Товар из исчезнувшей группы",
            "price": 100,
            "quantity": 1,
            "parent_id": make_id("a group that is gone"),
        },
        {
            "name": "Товар из архива",
            "price": 75.05,
            "quantity": 0,
            "parent_id": make_id("group Архив"),
            "allow_to_sell": False,
        },
        {
            "name": "Товар с полки у кассы",
            "price": 99.99,
            "quantity": 2,
            "parent_id": make_id("group Полка у кассы"),
        },
        {"name": "Уценённый чайник, скол", "price": 650, "quantity": 1, "parent_id": make_id("group Уценка")},
        {
            "name": "Консультация по чаю",
            "price": 500,
            "type": "SERVICE",
            "measure_name": "",
            "allow_to_sell": True,
        },
        {
            "name": "Ёлка чайная съедобная",
            "price": 777,
            "quantity": 7,
            "future_field": {"nested": [1, 2]},
            "is_excisable": False,
        },
    ]
    dated = {"created_at": "2025-02-01T10:00:00.000+0000", "updated_at": "2025-10-05T10:00:00.000+0000"}
    return [{"id": make_id(item["name"]), **item, **dated} for item in goods]
