"""The tree of groups in a browser: opened branch by branch, true after every click, a drawer on a phone."""

import pytest
from playwright.sync_api import Page, expect

from tests.stock import Stock, group, product


@pytest.fixture
def stock(stock: Stock) -> Stock:
    groups = [group("tea", "Чай"), group("green", "Зелёный", "tea")]
    goods = [product(f"g{n}", f"Сенча {n}", "green") for n in range(3)] + [product("c1", "Чашка")]
    stock.put(groups=groups, products=goods)
    return stock


def test_an_opened_branch_stays_open_and_follows_the_clicks(alice_page: Page, stock: Stock):
    page = alice_page
    page.goto("/catalog/products?store_id=s1")
    tree = page.locator("#tree")
    expect(tree.get_by_role("link", name="Чай")).to_contain_text("3")
    handle = tree.get_by_label("Подгруппы: Чай")
    handle.press("Enter")
    green = tree.get_by_role("link", name="Зелёный")
    expect(green).to_contain_text("3, публикуются")
    expect(handle).to_be_focused()
    page.locator("tr[data-evotor-id=g0]").get_by_title("Исключить из синхронизации").click()
    expect(green).to_contain_text("2 из 3 публикуется")
    expect(tree.get_by_role("link", name="Все товары")).to_contain_text("3 из 4")
    green.click()
    expect(page.locator("h1")).to_have_text("Зелёный")
    expect(tree.get_by_role("link", name="Зелёный")).to_have_attribute("aria-current", "page")
    # Who closes it has the whole width, on the next page too.
    page.locator(".drawer > summary").click()
    page.wait_for_function("localStorage.getItem('tree-closed') !== null")
    page.reload()
    expect(tree).to_be_hidden()
    # A group that folds is told of by its name, though what folds it stands before the name.
    page.goto("/catalog/groups?store_id=s1")
    page.locator("tr[data-evotor-id=tea]").get_by_title("Исключить из синхронизации").click()
    expect(page.locator("#toasts")).to_contain_text("«Чай»: ✗ Исключено")


@pytest.mark.parametrize("context_options", [{"viewport": {"width": 390, "height": 844}}])
def test_on_a_phone_it_is_a_drawer(alice_page: Page, stock: Stock, context_options):
    alice_page.goto("/catalog/products?store_id=s1")
    drawer = alice_page.locator(".drawer > summary")
    expect(alice_page.locator("#tree")).to_be_hidden()
    drawer.click()
    alice_page.locator("#tree").get_by_role("link", name="Без группы").click()
    expect(alice_page.locator("tr[data-entity]")).to_have_count(1)
