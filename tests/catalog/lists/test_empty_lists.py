"""A list without rows says why, and holds the one thing that helps."""

import pytest
from sqlalchemy.orm import Session

from app.mirror.models import CatalogRefresh
from tests.catalog.pages import row_ids
from tests.owners import Owner
from tests.stock import Stock, group, product


def test_without_a_connection_the_way_to_it_is_shown(alice: Owner):
    page = alice.client.get("/catalog").page
    assert "Эвотор не подключён" in page.text
    assert page.select("//main//a[@href = '/connections']")
    assert not page.select("//form[@action = '/catalog/refresh']")
    assert not page.select("//a[contains(@href, 'export')]")


@pytest.mark.parametrize(
    "address", ["/catalog", "/catalog/groups?store_id=s1", "/catalog/products?store_id=s1"]
)
def test_a_catalogue_whose_connection_is_gone_stays_and_says_so(stock: Stock, alice: Owner, address: str):
    stock.put(groups=[group("tea")], products=[product("p1", group="tea")])
    page = alice.client.get(address).page
    assert len(row_ids(page)) == 1
    assert page.texts("//*[contains(@class, 'notice')]//b") == ["Эвотор не подключён."]
    assert page.select("//*[contains(@class, 'notice')]//a/@href") == ["/connections"]
    assert not page.select("//form[@action = '/catalog/refresh']")


def test_the_first_visit_after_connecting_starts_the_first_refresh(alice: Owner, db_session: Session):
    alice.connect_evotor()
    page = alice.client.get("/catalog").page
    assert page.select("//section[@id = 'refresh']/@data-state") == ["queued"]
    again = alice.client.get("/catalog").page
    assert again.select("//section[@id = 'refresh']/@hx-get") == page.select(
        "//section[@id = 'refresh']/@hx-get"
    )
    assert db_session.query(CatalogRefresh).count() == 1


def test_a_shop_without_groups_leads_to_its_goods(stock: Stock, alice: Owner):
    alice.connect_evotor()
    stock.put(products=[product("p1")])
    page = alice.client.get("/catalog/groups?store_id=s1").page
    assert page.texts("//h2") == ["В этом магазине нет групп"]
    assert page.select("//*[@id = 'listing']//a/@href") == ["/catalog/products?store_id=s1"]


def test_a_group_without_goods_says_so(stock: Stock, alice: Owner):
    alice.connect_evotor()
    stock.put(groups=[group("tea", "Чай"), group("black", "Чёрный", "tea")])
    for group_id in ("tea", "black"):
        page = alice.client.get(f"/catalog/products?store_id=s1&group_id={group_id}").page
        assert "В этой группе нет товаров" in page.text and "Добавьте товары в Эвоторе" in page.text
    assert "В этом магазине нет товаров" in alice.client.get("/catalog/products?store_id=s1").page.text


def test_nothing_found_offers_to_drop_the_search_and_the_filters(stock: Stock, alice: Owner):
    stock.put(products=[product("p1", "Чай")])
    page = alice.client.get("/catalog/products?store_id=s1&q=кофе&on_sale=yes&sort=price").page
    assert page.texts("//*[@id = 'listing']//h2") == ["Ничего не найдено"]
    (link,) = page.select("//a[. = 'Сбросить фильтры']/@href")
    assert link == "/catalog/products?store_id=s1&sort=price"
    assert page.select("//input[@id = 'search']/@value") == ["кофе"]


def test_rows_that_are_gone_since_the_link_was_made_lead_back_to_the_list(stock: Stock, alice: Owner):
    stock.put(products=[product(f"p{number:02}") for number in range(60)])
    page = alice.client.get("/catalog/products?store_id=s1").page
    (forward,) = page.select("//a[@rel = 'next']/@href")
    stock.put(products=[product(f"p{number:02}") for number in range(40)])
    assert len(row_ids(alice.client.get(forward).page)) == 40


def test_a_cloud_without_stores_is_explained(alice: Owner, world, run_jobs):
    for merchant in world.merchants():
        for store_id in list(merchant.stores):
            merchant.remove_store(store_id)
    alice.connect_evotor()
    alice.client.get("/catalog")
    run_jobs()
    assert "В Эвоторе пока нет магазинов для Витрины" in alice.client.get("/catalog").page.text


def test_a_group_whose_goods_all_lie_in_groups_within_it_says_where_they_are(stock: Stock, alice: Owner):
    stock.put(
        groups=[group("tea", "Чай"), group("green", "Зелёный", "tea"), group("none", "Пусто")],
        products=[product("p1", group="green")],
    )
    page = alice.client.get("/catalog/products?store_id=s1&group_id=tea&nested=0").page
    assert page.texts("//h2") == ["Прямо в этой группе товаров нет"]
    (link,) = page.select("//*[@id = 'listing']//a/@href")
    assert row_ids(alice.client.get(link).page) == ["p1"]
    # A search that finds nothing there is another matter, and so is a group without any.
    for state in ("group_id=tea&nested=0&q=чай", "group_id=none&nested=0"):
        assert "подгруппах" not in alice.client.get(f"/catalog/products?store_id=s1&{state}").text
