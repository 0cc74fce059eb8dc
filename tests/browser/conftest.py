"""What the tests in a browser start from; one database is enough for what only a browser shows."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from sandbox.world import World
from tests.owners import Owner
from tests.stock import Stock, group, product


@pytest.fixture
def slow_cloud(world: World) -> Callable[[], None]:
    """Let the demo's cloud keep a refresh at its second pages, watched at leisure, until this is called."""
    for merchant in world.merchants():
        merchant.manners = merchant.manners.altered({"page_size": 10})
    world.faults.add("slow", resource="products", page=2, seconds=600)
    return world.faults.clear


@pytest.fixture
def stock(alice: Owner) -> Stock:
    """Alice's catalogue: one store, two groups, goods enough for two pages."""
    stock = Stock(alice)
    names = [
        "Ассам",
        "Дарджилинг первый сбор",
        "Ложка мерная",
        "Чай «Очень длинное имя», подарочный набор на всю семью",
    ]
    goods = [product(f"p{number}", name, "tea") for number, name in enumerate(names)]
    goods += [product(f"w{number:02}", f"Вода {number:02}") for number in range(60)]
    stock.put(groups=[group("tea", "Чай"), group("pots", "Чайники")], products=goods)
    return stock


@pytest.fixture
def products_page(alice_page: Page, stock: Stock) -> Page:
    """Alice at the goods of a group, when all that the page asks for has come."""
    alice_page.goto("/catalog/products?store_id=s1&group_id=tea")
    expect(alice_page.locator("#missing")).to_contain_text("Без фото")
    if alice_page.locator("#tree").is_visible():
        expect(alice_page.locator("#tree li").first).to_be_visible()
    return alice_page
