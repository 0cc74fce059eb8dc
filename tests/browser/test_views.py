"""A list that is narrowed as one types is kept under a name, and opened by its chip, also on a phone."""

import re
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from tests.stock import Stock

# As wide as a name may be, without a place to break it.
NAME = "Щ" * 40
FITS = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"


@pytest.mark.parametrize(
    "context_options",
    [
        pytest.param({"viewport": {"width": 905, "height": 800}}, id="905 px"),
        pytest.param({"viewport": {"width": 390, "height": 844}}, id="390 px"),
    ],
)
def test_what_was_searched_for_is_kept_and_one_press_away(alice_page: Page, stock: Stock, context_options):
    page = alice_page
    page.goto("/catalog/products?store_id=s1")
    page.wait_for_load_state()
    page.locator("#search").press_sequentially("вода", delay=20)
    # The chip came with what was found, and keeps just that: a slow machine searches for a part of it first.
    expect(page).to_have_url(re.compile(f"q={quote('вода')}$"))
    page.locator("#chips").get_by_role("link", name="Сохранить вид").press("Enter")
    expect(page.get_by_label("Название")).to_be_focused()
    page.keyboard.type(NAME)
    page.keyboard.press("Enter")

    own = page.locator("#chips").get_by_role("link", name=NAME, exact=True)
    expect(own).to_have_attribute("aria-current", "true")
    expect(page.locator("#search")).to_have_value("вода")
    assert page.evaluate(FITS)
    own.click()
    expect(page).to_have_url(re.compile(r"store_id=s1$"))
    own.click()
    expect(page.locator("#export")).to_have_text("Экспорт CSV · 60")
    page.get_by_role("button", name="Убрать вид").click()
    # Only the next page has it: that the chip is gone is also true of a page that is still empty.
    expect(page.get_by_role("button", name="Вернуть")).to_be_visible()
    expect(own).to_have_count(0)
    assert page.evaluate(FITS)
    page.get_by_role("button", name="Вернуть").click()
    expect(own).to_have_attribute("aria-current", "true")
