"""An owner without a mouse: from signing in to the settings by keys alone; and the way back to a list."""

import re

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.owners import PASSWORD, Owner
from tests.stock import Stock

IS_SEEN = """element => {
    const shown = [element, element.closest("label"), element.closest("tr")].filter(Boolean)
    return shown.some(each => {
        const style = getComputedStyle(each)
        const hasLine = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0
        return hasLine || style.boxShadow !== "none"
    })
}"""


class Keys:
    """Fingers on a keyboard; whatever they come to must show that it has the focus."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def tab_to(self, wanted: Locator, key: str = "Tab") -> None:
        """Press Tab until the wanted thing has the focus."""
        expect(wanted).to_be_visible()
        for _ in range(60):
            if wanted.evaluate("element => element === document.activeElement"):
                assert self.page.evaluate(f"({IS_SEEN})(document.activeElement)"), wanted
                return
            self.page.keyboard.press(key)
        pytest.fail(f"Tab does not lead to {wanted}")

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)

    def follow(self, wanted: Locator, title: str) -> None:
        """Go to a link, follow it, and come to the page with the title."""
        self.tab_to(wanted)
        self.press("Enter")
        expect(self.page.locator("h1")).to_have_text(title)


def test_everything_from_signing_in_to_the_settings_is_done_by_keys(page: Page, alice: Owner, stock: Stock):
    keys = Keys(page)
    page.goto("/login?next=/catalog")
    keys.tab_to(page.get_by_label("Электронная почта"))
    page.keyboard.type(alice.email)
    keys.tab_to(page.get_by_label("Пароль", exact=True))
    page.keyboard.type(PASSWORD)
    keys.press("Enter")
    expect(page.locator("h1")).to_have_text("Каталог")

    keys.follow(page.get_by_role("link", name="Чайная", exact=True), "Чайная")
    keys.tab_to(page.locator(".tabs").get_by_role("link", name="Товары"))
    keys.press("Enter")
    page.wait_for_url("**/catalog/products?*")

    keys.press("/")
    expect(page.locator("#search")).to_be_focused()
    page.keyboard.type("вода 0")
    rows = page.locator("tr[data-entity]")
    expect(rows).to_have_count(15)
    second = page.locator("tr[data-evotor-id=w01]")
    # HTMX takes rows up a moment after they are there; until then a form sends itself, and a page comes.
    expect(second.locator("form[data-htmx-powered]")).to_have_count(1)
    keys.press("ArrowDown")
    keys.press("ArrowDown")
    expect(second).to_be_focused()
    assert page.evaluate(f"({IS_SEEN})(document.activeElement)")
    keys.press("-")
    expect(second.locator(".badge")).to_have_text("✗ Исключено")
    # The way back comes after the row, and Z presses its button.
    expect(page.locator("#toasts button")).to_be_visible()
    keys.press("z")
    expect(second.locator(".badge")).to_have_text("— Нет правила")
    page.wait_for_function("row => row.contains(document.activeElement)", arg=second.element_handle())

    keys.press("ArrowDown")
    third = page.locator("tr[data-evotor-id=w02]")
    keys.follow(third.get_by_role("link", name="Вода 02"), "Вода 02")
    keys.follow(page.locator(".site-nav").get_by_role("link", name="Синхронизация"), "Синхронизация")
    for tab in ("План", "Настройки"):
        keys.tab_to(page.locator("nav.tabs").get_by_role("link", name=tab))
        keys.press("Enter")
        expect(page.locator(".tabs [aria-current]")).to_have_text(tab)


# A click whose next page is slower than what the page that is left has asked for.
CLICK_AND_STAY = """link => {
    link.addEventListener("click", event => event.preventDefault(), { once: true });
    link.click();
}"""


def test_back_leads_to_the_same_list_the_same_row_and_the_same_place(alice_page: Page, stock: Stock):
    page = alice_page
    asked: list[Route] = []
    counts, tree = re.compile("/catalog/published"), re.compile("/catalog/tree")
    for each in (counts, tree):
        page.route(each, lambda route: asked.append(route))
    with page.expect_request(counts), page.expect_request(tree):
        page.goto("/catalog/products?store_id=s1&q=вода&dir=desc&sort=name&rule=none")
    row = page.locator("tr[data-evotor-id=w25]")
    link = row.get_by_role("link", name="Вода 25")
    link.scroll_into_view_if_needed()
    before = page.evaluate("scrollY"), page.url
    assert before[0] > 300
    link.evaluate(CLICK_AND_STAY)
    for route in asked:
        route.continue_()
    page.unroute_all()
    expect(page.locator("#missing")).to_contain_text("Без фото")
    # By the page itself: only then does the browser note at once where it was scrolled to.
    link.evaluate("link => location.assign(link.href)")
    expect(page.locator("h1")).to_have_text("Вода 25")
    page.go_back()
    expect(row).to_be_focused()
    assert page.url == before[1]
    page.wait_for_function("place => Math.abs(scrollY - place) < 2", arg=before[0])
