"""What the three tables show: columns, badges, counts, paths, the way through them."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.mirror.models import CatalogRefresh
from tests.catalog.pages import cells, ids_at, row_ids
from tests.databases import on_both
from tests.owners import Owner
from tests.stock import Stock, group, product

STORES = ["Название", "Адрес", "Фильтр", "Итог", "ВКонтакте", "Действия"]
GROUPS = ["Название", "Кол-во товаров", "Фильтр", "Итог", "ВКонтакте", "Действия"]
IN_GROUP = [
    "Название",
    "Артикул",
    "Цена",
    "Кол-во",
    "Ед. изм.",
    "В продаже",
    "Фильтр",
    "Итог",
    "ВКонтакте",
    "Действия",
]
IN_STORE = [*IN_GROUP[:6], "Группа", *IN_GROUP[6:]]
ACTIONS = ["Включить в синхронизацию", "Убрать правило", "Исключить из синхронизации"]


@pytest.fixture
def stock(stock: Stock) -> Stock:
    """Чай › Чёрный › Цейлон in one store; the same group ids in another."""
    groups = [group("tea", "Чай"), group("black", "Чёрный", "tea"), group("ceylon", "Цейлон", "black")]
    tea = product(
        "p1",
        "Димбула",
        "ceylon",
        price=Decimal("1200.50"),
        quantity=Decimal("-3.25"),
        measure_name="кг",
        article_number="000123",
        allow_to_sell=True,
    )
    goods = [tea, product("p2", "Ложка", allow_to_sell=False), product("p3", "Вода", "tea")]
    stock.put("s1", "Чайная", address="Калуга, Театральная, 12", groups=groups, products=goods)
    stock.put("s2", "Склад", groups=[group("tea", "Коробки")])
    return stock


@pytest.mark.parametrize(
    ("address", "columns"),
    [
        ("/catalog", STORES),
        ("/catalog/groups?store_id=s1", GROUPS),
        ("/catalog/products?store_id=s1", IN_STORE),
        ("/catalog/products?store_id=s1&group_id=ceylon", IN_GROUP),
    ],
)
def test_each_table_has_its_columns_and_its_own_controls(stock, alice: Owner, address: str, columns: list):
    page = alice.client.get(address).page
    assert page.texts("//thead//th") == columns
    (table,) = page.select("//table")
    assert {"table", "table-striped", "table-hover"} <= set(table.get("class").split())
    assert "table-responsive" in table.getparent().get("class")
    for row in page.select("//tbody/tr"):
        assert len(row.xpath("./*")) == len(columns)
        (form,) = row.xpath(".//form")
        assert form.xpath(".//button/@title") == ACTIONS
        # The ticks and the groups of buttons are named by their rows.
        (name,) = row.xpath("./th/@id")
        assert row.xpath(".//*[@role = 'group' or @type = 'checkbox']/@aria-labelledby") == [name, name]
        assert row.xpath(".//form//button[@aria-pressed = 'true']/@value") == ["none"]
    assert set(page.texts("//tbody//b[contains(@class, 'badge')]")) == {"— Нет правила"}
    links = page.texts("//a[contains(@href, 'export')]")
    assert [link.split(" · ")[0] for link in links] == [
        "Экспорт CSV",
        "CSV для русского Excel",
        "Excel (XLSX)",
    ]


def test_rows_carry_the_ids_of_the_cloud(stock: Stock, alice: Owner):
    for address, entity, ids in (
        ("/catalog", "store", ["s2", "s1"]),
        ("/catalog/groups?store_id=s1", "group", ["tea", "black", "ceylon"]),
        ("/catalog/products?store_id=s1", "product", ["p3", "p1", "p2"]),
    ):
        page = alice.client.get(address).page
        assert row_ids(page) == ids
        assert set(page.select("//tbody/tr/@data-entity")) == {entity}
        stores = ids if entity == "store" else ["s1"] * 3
        assert page.select("//tbody/tr/@data-store-id") == stores


def test_a_store_shows_its_address_and_what_is_published(stock: Stock, alice: Owner):
    stock.rule("product", "p1", "exclude")
    page = alice.client.get("/catalog").page
    name, address, badge, result, in_vk, links = cells(page, "s1")
    assert (name, address, badge) == ("Чайная", "Калуга, Театральная, 12", "— Нет правила")
    assert result.startswith("2 из 3") and in_vk == "—"
    assert links == "Группы магазина Чайная Товары магазина Чайная"
    assert cells(page, "s2")[1] == "—"


def test_a_group_shows_its_path_and_its_goods(stock: Stock, alice: Owner):
    page = alice.client.get("/catalog/groups?store_id=s1").page
    assert [cells(page, id)[:2] for id in ("tea", "black", "ceylon")] == [
        ["Чай", "2"],
        ["Чёрный Чай", "1"],
        ["Цейлон Чай › Чёрный", "1"],
    ]


def test_a_product_shows_what_it_is_and_what_it_costs(stock: Stock, alice: Owner):
    page = alice.client.get("/catalog/products?store_id=s1").page
    assert cells(page, "p1")[:7] == ["Димбула", "000123", "1 200,50 ₽", "−3,25", "кг", "Да", "Цейлон"]
    assert cells(page, "p2")[:7] == ["Ложка", "—", "—", "—", "—", "Нет", "—"]
    assert cells(page, "p3")[5:7] == ["—", "Чай"]


def test_with_one_store_the_navigation_leads_to_its_goods_and_the_list_of_stores_stays(
    stock: Stock, alice: Owner, bob: Owner
):
    catalog = "//nav[@aria-label = 'Разделы']//a[. = 'Каталог']/@href"
    for address in ("/catalog", "/connections"):
        assert alice.client.get(address).page.select(catalog) == ["/catalog"]
    Stock(bob).put("only", "Лавка", products=[product("p1")])
    for address in ("/catalog", "/connections", "/sync"):
        (link,) = bob.client.get(address).page.select(catalog)
        assert link == "/catalog/products?store_id=only"
    assert ids_at(bob, str(link)) == ["p1"]
    assert ids_at(bob, "/catalog") == ["only"]
    assert bob.client.get(str(link)).page.select("//nav[@aria-label = 'Путь']/a/@href")[0] == "/catalog"


def test_breadcrumbs_keep_the_path_of_nested_groups(stock: Stock, alice: Owner):
    crumbs = "//nav[@aria-label = 'Путь']/*"
    for address, path, links in (
        ("/catalog/groups?store_id=s1", ["Каталог", "Чайная", "Группы"], ["/catalog"]),
        (
            "/catalog/products?store_id=s1",
            ["Каталог", "Чайная", "Товары"],
            ["/catalog", "/catalog/groups?store_id=s1"],
        ),
        (
            "/catalog/products?store_id=s1&group_id=ceylon",
            ["Каталог", "Чайная", "Чай", "Чёрный", "Цейлон", "Товары"],
            [
                "/catalog",
                "/catalog/groups?store_id=s1",
                "/catalog/products?store_id=s1&group_id=tea",
                "/catalog/products?store_id=s1&group_id=black",
            ],
        ),
    ):
        page = alice.client.get(address).page
        assert page.texts(crumbs) == path
        assert page.select(f"{crumbs}/@href") == links


def test_every_link_of_a_row_leads_to_its_children(stock: Stock, alice: Owner):
    groups = alice.client.get("/catalog/groups?store_id=s1").page
    (link,) = groups.select("//tr[@data-evotor-id = 'ceylon']//a[starts-with(., 'Товары')]/@href")
    inside = alice.client.get(link, follow_redirects=True).page
    assert row_ids(inside) == ["p1"]
    assert inside.texts("//h1") == ["Цейлон"]
    assert alice.client.get("/catalog/products?store_id=s1&group_id=tea").page.texts(
        "//nav[@aria-label = 'Подгруппы']/a"
    ) == ["Чёрный"]


def test_groups_that_lie_in_each_other_have_a_page_and_a_path(stock: Stock, alice: Owner):
    loop = [group("x", "Архив", "y"), group("y", "Старое", "x"), group("z", "Сама", "z")]
    stock.put("s3", "Петля", groups=loop, products=[product("q", group="x")])
    page = alice.client.get("/catalog/groups?store_id=s3").page
    assert cells(page, "x")[0] == "Архив Старое"
    assert cells(page, "z")[0] == "Сама"
    inside = alice.client.get("/catalog/products?store_id=s3&group_id=x").page
    assert inside.texts("//nav[@aria-label = 'Путь']/*")[2:] == ["Старое", "Архив", "Товары"]


@on_both
def test_the_last_refresh_is_dated_in_the_owners_zone(stock: Stock, alice: Owner, db_session: Session):
    finished = datetime(2026, 3, 6, 11, 30, tzinfo=UTC)
    db_session.execute(update(CatalogRefresh).values(finished_at=finished))
    assert "Последнее обновление: 06.03.2026 14:30" in alice.client.get("/catalog").page.text
    alice.client.post("/profile", data={"name": "Alice", "timezone": "Asia/Vladivostok"})
    assert "Последнее обновление: 06.03.2026 21:30" in alice.client.get("/catalog").page.text
