"""A list is said in the language of whoever looks at it, whoever looked before; addresses have none."""

from collections.abc import Callable

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.accounts.models import User
from tests.catalog.lists.test_in_vk import Put, choose_community, put_listing  # noqa: F401 (a fixture)
from tests.checking_client import Page
from tests.owners import Owner
from tests.stock import Stock, group, product

LIST = "/catalog/products?store_id=s1"
Read = Callable[[str], Page]


@pytest.fixture
def read(alice: Owner, db_session: Session) -> Read:
    """The list of goods in a language."""

    def page(language: str) -> Page:
        db_session.execute(update(User).filter_by(id=alice.id).values(language=language))
        return alice.client.get(LIST).page

    return page


@pytest.fixture
def shop(stock: Stock, alice: Owner, put_listing: Put) -> Stock:  # noqa: F811
    """Goods for every reason, and in VK in every state."""
    choose_community(alice)
    goods = [
        product("a", "Анис", "tea", price=10),
        product("b", "Бадьян", price=10),
        product("c", "Ваниль", "spices", price=10, quantity=0),
    ]
    stock.put(groups=[group("tea", "Чай"), group("spices", "Пряности")], products=goods)
    stock.rule("group", "tea", "exclude")
    stock.rule("product", "b", "include")
    put_listing("a", state="live")
    put_listing("b", state="hidden")
    return stock


def test_reasons_and_states_follow_the_language(shop: Stock, read: Read) -> None:
    def said(language: str) -> list[list[str]]:
        page = read(language)
        return [page.texts(f"//td[contains(@class, '{cell}") for cell in ("result')]//small", "vk')]")]

    russian = [
        ["исключена группа «Чай»", "правило товара", "по умолчанию"],
        ["в магазине", "скрыт, ждёт", "не готов: нет в наличии"],
    ]
    english = [
        ["group “Чай” is excluded", "the product’s rule", "by default"],
        ["in the shop", "hidden, waiting", "not ready: out of stock"],
    ]
    assert [said(language) for language in ("ru", "en", "ru")] == [russian, english, russian]


def test_what_an_address_asks_for_has_no_language(shop: Stock, read: Read) -> None:
    links = "//*[@id = 'chips' or @id = 'exports' or @id = 'pager']//a/@href | //thead//a/@href"
    assert read("en").select(links) == read("ru").select(links)
