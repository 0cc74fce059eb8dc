"""Every fault that can be switched on, by name: what goes wrong in real clouds."""

from typing import NamedTuple

from sandbox import spoiling


class Kind(NamedTuple):
    """A kind of fault: its name for the owner of the demo, what it does, and its defaults."""

    title: str
    spoil: spoiling.Spoil
    times: int | None = None
    resource: str | None = None
    seconds: float = 0.0


FAULTS: dict[str, Kind] = {
    "status_400": Kind("400: неверный запрос", spoiling.error_status(400, "Bad Request")),
    "status_401": Kind("401: токен не подходит", spoiling.error_status(401, "Unauthorized")),
    "status_402": Kind("402: приложение не оплачено", spoiling.error_status(402, "Payment Required")),
    "status_403": Kind("403: нет прав", spoiling.error_status(403, "Forbidden")),
    "status_404": Kind("404: не найдено", spoiling.error_status(404, "Not Found")),
    "status_422": Kind("422: данные не приняты", spoiling.error_status(422, "Unprocessable Entity")),
    "status_429": Kind("429: слишком много запросов", spoiling.error_status(429, "Too Many Requests")),
    "status_500": Kind("500: ошибка облака", spoiling.error_status(500, "Internal Server Error")),
    "status_502": Kind("502: облако за шлюзом не отвечает", spoiling.error_status(502, "Bad Gateway")),
    "status_503": Kind("503: облако на обслуживании", spoiling.error_status(503, "Service Unavailable")),
    "redirect": Kind("302: отправляет на другой адрес", spoiling.redirect),
    "timeout": Kind("Молчит и не отвечает", spoiling.silence, seconds=60),
    "slow": Kind("Отвечает медленно", spoiling.late, seconds=3),
    "truncated": Kind("Ответ оборван на середине", spoiling.cut(reset=False)),
    "connection_reset": Kind("Соединение сброшено посреди ответа", spoiling.cut(reset=True)),
    "html_body": Kind("200, но вместо данных страница", spoiling.html_page),
    "invalid_json": Kind("200, но данные не читаются", spoiling.invalid_json),
    "nested_body": Kind("200, но данные вложены без конца", spoiling.nested_body),
    "wrong_types": Kind("Поля не того типа", spoiling.wrong_types),
    "items_not_list": Kind("Вместо списка объект", spoiling.items_not_list),
    "empty_page": Kind("Пустая страница, но список продолжается", spoiling.empty_page, times=1),
    "repeated_cursor": Kind("Страница ссылается сама на себя", spoiling.repeated_cursor),
    "missing_paging": Kind("Список обрывается без продолжения", spoiling.missing_paging),
    "repeated_item": Kind("Один товар пришёл дважды", spoiling.repeated_item),
    "no_stores": Kind("Список магазинов пуст", spoiling.nothing, resource="stores"),
    "unknown_store": Kind(
        "Вместо магазинов один неизвестный, без хозяина", spoiling.unknown_store, resource="stores"
    ),
    "other_ids": Kind("Те же товары под новыми номерами", spoiling.other_ids, resource="products"),
    "no_parents": Kind("Ни у товаров, ни у групп нет группы", spoiling.other_parents(lambda _: None)),
    "other_parents": Kind(
        "Все товары в группах, которых никто не знает",
        spoiling.other_parents("N{}".format),
        resource="products",
    ),
    "no_names": Kind("Ни у магазинов, ни у групп, ни у товаров нет названия", spoiling.without("name")),
    "no_types": Kind("Ни у одного товара нет типа", spoiling.without("type"), resource="products"),
    "no_prices": Kind("Ни у одного товара нет цены", spoiling.without("price"), resource="products"),
    "all_ordinary": Kind(
        "Все товары пришли обычными", spoiling.everywhere("type", "NORMAL"), resource="products"
    ),
    "no_stock": Kind("Ни у одного товара нет остатка", spoiling.without("quantity"), resource="products"),
    "no_units": Kind(
        "Ни у одного товара нет единицы измерения", spoiling.without("measure_name"), resource="products"
    ),
    "no_words_on_sale": Kind(
        "Ни об одном товаре не сказано, продаётся ли он",
        spoiling.without("allow_to_sell"),
        resource="products",
    ),
    "no_barcodes": Kind(
        "Ни у одного товара нет штрихкода", spoiling.without("barcodes"), resource="products"
    ),
    "of_next_store": Kind(
        "Товары каждого магазина пришли в следующем", spoiling.of_next_store, resource="products"
    ),
    "emptied_store": Kind("Магазин опустел: ни одного товара", spoiling.nothing, resource="products"),
    "revoked_token": Kind("Токен отозван посреди работы", spoiling.error_status(401, "Unauthorized")),
    "gigantic_body": Kind("Огромный ответ", spoiling.gigantic_body),
}
